"""CloudWatch Logs: class, deletion protection and key of a log group, and what AWS refuses of deliveries."""

from __future__ import annotations

from typing import Any

from moto.logs.exceptions import ConflictException, ResourceNotFoundException, ValidationException
from moto.logs.models import LogGroup, LogsBackend
from moto.logs.responses import LogsResponse

from overlay.patching import add, wrap


def apply() -> None:
    """Applies all patches of this module."""
    patch_groups()
    patch_deliveries()


def patch_groups() -> None:
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


def patch_deliveries() -> None:
    """AWS takes sources of CloudFront in us-east-1 alone, and deletes neither end of a delivery that there still is."""

    @wrap(LogsBackend, "put_delivery_source")
    def put_delivery_source(original: Any, self: LogsBackend, *, resource_arn: str, **rest: Any) -> Any:
        if ":cloudfront:" in resource_arn and self.region_name != "us-east-1":
            raise ValidationException("Delivery sources of CloudFront are made in us-east-1.")
        return original(self, resource_arn=resource_arn, **rest)

    @wrap(LogsBackend, "delete_delivery_source")
    def delete_delivery_source(original: Any, self: LogsBackend, name: str) -> None:
        if any(delivery.delivery_source_name == name for delivery in self.deliveries.values()):
            raise ConflictException(msg="The delivery source has a delivery.")
        original(self, name)

    @wrap(LogsBackend, "delete_delivery_destination")
    def delete_delivery_destination(original: Any, self: LogsBackend, name: str) -> None:
        destination = self.delivery_destinations.get(name)
        if destination is not None and any(
            delivery.delivery_destination_arn == destination.arn for delivery in self.deliveries.values()
        ):
            raise ConflictException(msg="The delivery destination has a delivery.")
        original(self, name)


def group_of(response: Any, identifier: str) -> LogGroup:
    """The group by its name or ARN."""
    name = identifier.split(":log-group:")[-1].removesuffix(":*")
    groups = response.logs_backend.groups
    if name not in groups:
        raise ResourceNotFoundException()
    return groups[name]
