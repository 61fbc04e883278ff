"""EC2 Auto Scaling: what the provider reads back of a group and moto forgets."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import AutoScalingBackend
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores, utcnow
from moto.moto_api._internal import mock_random

from overlay.patching import add, wrap

# request members that DescribeAutoScalingGroups answers under the same name
ECHOED = (
    "AvailabilityZoneDistribution",
    "AvailabilityZoneImpairmentPolicy",
    "CapacityReservationSpecification",
    "Context",
    "DefaultCooldown",
    "DefaultInstanceWarmup",
    "DesiredCapacityType",
    "InstanceMaintenancePolicy",
    "MaxInstanceLifetime",
    "PlacementGroup",
    "TerminationPolicies",
)


def apply() -> None:
    """Applies all patches of this module."""
    patch_groups()
    patch_instance_refreshes()


def patch_groups() -> None:
    """Echoes the members above and counts a grace period of 0 as given."""

    @wrap(AutoScalingResponse, "create_auto_scaling_group")
    def create_auto_scaling_group(original: Any, self: Any) -> Any:
        result = original(self)
        remember_members(self)
        return result

    @wrap(AutoScalingResponse, "update_auto_scaling_group")
    def update_auto_scaling_group(original: Any, self: Any) -> Any:
        keep_launch_template(self)
        result = original(self)
        remember_members(self)
        return result

    @wrap(AutoScalingBackend, "delete_auto_scaling_group")
    def delete_auto_scaling_group(original: Any, self: Any, group_name: str) -> Any:
        """moto terminates the instances but leaves the group's hooks."""
        result = original(self, group_name)
        for key in [key for key, hook in self.lifecycle_hooks.items() if hook.auto_scaling_group_name == group_name]:
            del self.lifecycle_hooks[key]
        return result


def remember_members(response: Any) -> None:
    """Stores the echoed members on the group."""
    group = response.autoscaling_backend.autoscaling_groups[response._get_param("AutoScalingGroupName")]
    for member in ECHOED:
        value = response._get_param(member)
        if value is not None:
            setattr(group, camelcase_to_underscores(member), value)
    grace_period = response._get_int_param("HealthCheckGracePeriod")
    if grace_period is not None:
        group.health_check_grace_period = grace_period


def keep_launch_template(response: Any) -> None:
    """An update that names no template keeps the mixed-instances policy, which moto would drop."""
    group = response.autoscaling_backend.autoscaling_groups.get(response._get_param("AutoScalingGroupName"))
    named = response._get_param("MixedInstancesPolicy") or response._get_param("LaunchTemplate")
    if group is not None and group.mixed_instances_policy and not named:
        response.params["MixedInstancesPolicy"] = group.mixed_instances_policy


def patch_instance_refreshes() -> None:
    """A changed launch template starts a refresh, which is done at once."""

    @add(AutoScalingResponse)
    def start_instance_refresh(self: Any) -> ActionResult:
        group = group_of(self)
        now = utcnow()
        refresh = {
            "AutoScalingGroupName": group.name,
            "DesiredConfiguration": self._get_param("DesiredConfiguration"),
            "EndTime": now,
            "InstanceRefreshId": str(mock_random.uuid4()),
            "InstancesToUpdate": 0,
            "PercentageComplete": 100,
            "Preferences": self._get_param("Preferences"),
            "StartTime": now,
            "Status": "Successful",
        }
        refreshes_of(group).insert(0, refresh)
        return ActionResult({"InstanceRefreshId": refresh["InstanceRefreshId"]})

    @add(AutoScalingResponse)
    def describe_instance_refreshes(self: Any) -> ActionResult:
        wanted = self._get_param("InstanceRefreshIds") or []
        refreshes = [r for r in refreshes_of(group_of(self)) if not wanted or r["InstanceRefreshId"] in wanted]
        return ActionResult({"InstanceRefreshes": refreshes})


def group_of(response: Any) -> Any:
    """The group that the request names."""
    group = response.autoscaling_backend.autoscaling_groups.get(response._get_param("AutoScalingGroupName"))
    if group is None:
        raise ValidationError("AutoScalingGroup name not found - null")
    return group


def refreshes_of(group: Any) -> list[dict[str, Any]]:
    """The refreshes of a group, the newest first."""
    return group.__dict__.setdefault("slipway_refreshes", [])
