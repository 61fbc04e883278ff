"""Configurations: the newest of more than nine revisions, and deletion."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.mq.models import Configuration, ConfigurationRevision
from moto.mq.responses import MQResponse

from overlay.mq.errors import Conflict
from overlay.patching import add, replace


def apply() -> None:
    """Applies all patches of this module."""

    def newest(self: Configuration) -> ConfigurationRevision:
        return max(self.revisions.values(), key=lambda revision: int(revision.revision_id))

    # moto compares the numbers as text, so that the tenth is older than the ninth
    replace(Configuration, "latest_revision")(property(newest))

    @replace(Configuration, "update")
    def update(self: Configuration, data: str, description: str) -> None:
        number = str(int(newest(self).revision_id) + 1)
        self.revisions[number] = ConfigurationRevision(self.id, number, description, data)

    @add(MQResponse)
    def delete_configuration(self: Any) -> ActionResult:
        identifier = self.path.split("/")[-1]
        configuration = self.mq_backend.describe_configuration(identifier)
        if any(in_use(broker, identifier) for broker in self.mq_backend.brokers.values()):
            raise Conflict(f"Configuration [{identifier}] is used by a broker.")
        self.mq_backend.tagger.delete_all_tags_for_resource(configuration.arn)
        del self.mq_backend.configs[identifier]
        return ActionResult({"ConfigurationId": identifier})


def in_use(broker: Any, identifier: str) -> bool:
    """Whether a broker has this configuration, or will have it."""
    configurations = [broker.configurations["current"], broker.configurations.get("pending") or {}]
    return any(configuration.get("id") == identifier for configuration in configurations)
