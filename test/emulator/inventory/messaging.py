"""Events, topics, channels, queues, brokers and devices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def events(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Buses other than the default one, and the rules of all buses."""
    for bus in backend.event_buses.values():
        if bus.name != "default":
            yield "event-bus", bus.name, None
        yield from (
            ("rule", f"{bus.name}/{rule.name}", rule.state) for rule in bus.rules.values() if not rule.managed_by
        )
    yield from (("archive", name, None) for name in backend.archives)
    yield from (("connection", name, None) for name in backend.connections)


def sns(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Topics and subscriptions."""
    yield from (("topic", arn, None) for arn in backend.topics)
    yield from (("subscription", arn, None) for arn in backend.subscriptions)


def sqs(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Queues."""
    yield from (("queue", name, None) for name in backend.queues)


def mq(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Brokers and configurations; providers before 6.42 leave those that no broker has any more."""
    used = {broker.configurations["current"]["id"] for broker in backend.brokers.values()}
    yield from (("broker", broker, None) for broker in backend.brokers)
    yield from (("configuration", name, None if name in used else "unused") for name in backend.configs)


def iot(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Things, their types, certificates, policies and rules."""
    yield from (("thing", thing.thing_name, None) for thing in backend.things.values())
    yield from (("thing-type", thing_type.thing_type_name, None) for thing_type in backend.thing_types.values())
    yield from (("certificate", certificate, None) for certificate in backend.certificates)
    yield from (("policy", name, None) for name in backend.policies)
    yield from (("rule", name, None) for name in backend.rules)
    yield from (("role-alias", name, None) for name in backend.role_aliases)
    yield from (("domain-configuration", name, None) for name in backend.domain_configurations)


def chatbot(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Slack channels."""
    yield from (("slack-channel", arn, None) for arn in backend.channels)


LISTERS = {"chatbot": chatbot, "events": events, "iot": iot, "mq": mq, "sns": sns, "sqs": sqs}
