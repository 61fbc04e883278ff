"""Roles, policies, certificates, budgets and monitors of cost anomalies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def iam(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """What the account made itself: no policies of AWS, no service-linked roles."""
    yield from (("role", r.arn, None) for r in backend.roles.values() if not r.path.startswith("/aws-service-role/"))
    yield from (("policy", arn, None) for arn in backend.managed_policies if ":iam::aws:" not in arn)
    yield from (("instance-profile", p.arn, None) for p in backend.instance_profiles.values())
    yield from (("user", user.arn, None) for user in backend.users.values())
    yield from (("group", group.arn, None) for group in backend.groups.values())
    yield from (("oidc-provider", arn, None) for arn in backend.open_id_providers)
    yield from (("server-certificate", name, None) for name in backend.certificates)


def acm(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Certificates."""
    yield from (("certificate", arn, None) for arn in backend._certificates)


def budgets(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Budgets."""
    for by_name in backend.budgets.values():
        yield from (("budget", name, None) for name in by_name)


def ce(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Monitors of cost anomalies, and subscriptions."""
    yield from (("anomaly-monitor", arn, None) for arn in getattr(backend, "slipway_monitors", {}))
    yield from (("anomaly-subscription", arn, None) for arn in getattr(backend, "slipway_subscriptions", {}))


LISTERS = {"acm": acm, "budgets": budgets, "ce": ce, "iam": iam}
