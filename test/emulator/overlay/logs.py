"""CloudWatch Logs: class, deletion protection and key of a log group."""

from __future__ import annotations

from typing import Any

from moto.logs.exceptions import ResourceNotFoundException, ValidationException
from moto.logs.models import LogGroup
from moto.logs.responses import LogsResponse

from overlay.patching import add, wrap


def apply() -> None:
    """Stores what CreateLogGroup says and adds the calls that change it."""

    @wrap(LogsResponse, "create_log_group")
    def create_log_group(original: Any, self: Any) -> str:
        result = original(self)
        group = self.logs_backend.groups[self._get_param("logGroupName")]
        group.slipway_class = self._get_param("logGroupClass") or "STANDARD"
        group.slipway_protected = bool(self._get_param("deletionProtectionEnabled"))
        return result

    @wrap(LogsResponse, "delete_log_group")
    def delete_log_group(original: Any, self: Any) -> str:
        group = self.logs_backend.groups.get(self._get_param("logGroupName"))
        if group is not None and getattr(group, "slipway_protected", False):
            raise ValidationException(f"Log group {group.name} is protected from deletion.")
        return original(self)

    @wrap(LogGroup, "to_describe_dict")
    def to_describe_dict(original: Any, self: Any) -> dict[str, Any]:
        return {
            **original(self),
            "deletionProtectionEnabled": getattr(self, "slipway_protected", False),
            "logGroupClass": getattr(self, "slipway_class", "STANDARD"),
        }

    @add(LogsResponse)
    def put_log_group_deletion_protection(self: Any) -> str:
        group_of(self, self._get_param("logGroupIdentifier")).slipway_protected = bool(
            self._get_param("deletionProtectionEnabled")
        )
        return "{}"

    @add(LogsResponse)
    def associate_kms_key(self: Any) -> str:
        identifier = self._get_param("logGroupName") or self._get_param("resourceIdentifier")
        group_of(self, identifier).kms_key_id = self._get_param("kmsKeyId")
        return "{}"

    @add(LogsResponse)
    def disassociate_kms_key(self: Any) -> str:
        identifier = self._get_param("logGroupName") or self._get_param("resourceIdentifier")
        group_of(self, identifier).kms_key_id = None
        return "{}"


def group_of(response: Any, identifier: str) -> LogGroup:
    """The group by its name or ARN."""
    name = identifier.split(":log-group:")[-1].removesuffix(":*")
    groups = response.logs_backend.groups
    if name not in groups:
        raise ResourceNotFoundException()
    return groups[name]
