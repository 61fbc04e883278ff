"""Application Auto Scaling: tags, which the provider lists after every create, alarms that go with their policy, and the role of ECS."""

from __future__ import annotations

import json
from typing import Any

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend, FakeApplicationAutoscalingPolicy
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult

from overlay.patching import add, wrap


ECS_ROLE = (
    "arn:aws:iam::{account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_ECSService"
)


def tags_by_arn(backend: ApplicationAutoscalingBackend) -> dict[str, dict[str, str]]:
    """The tags that this backend remembers, by ARN of the target."""
    return backend.__dict__.setdefault("slipway_tags", {})


def apply() -> None:
    """Applies all patches of this module."""
    patch_tags()
    patch_roles()
    patch_policies()
    patch_missing()


def patch_tags() -> None:
    """Adds the tag operations and keeps the tags of a registration."""

    @add(ApplicationAutoScalingResponse)
    def tag_resource(self: Any) -> ActionResult:
        tags = tags_by_arn(self.applicationautoscaling_backend)
        tags.setdefault(self._get_param("ResourceARN"), {}).update(self._get_param("Tags") or {})
        return ActionResult({})

    @add(ApplicationAutoScalingResponse)
    def untag_resource(self: Any) -> ActionResult:
        tags = tags_by_arn(self.applicationautoscaling_backend).get(self._get_param("ResourceARN"), {})
        for key in self._get_param("TagKeys") or []:
            tags.pop(key, None)
        return ActionResult({})

    @add(ApplicationAutoScalingResponse)
    def list_tags_for_resource(self: Any) -> ActionResult:
        tags = tags_by_arn(self.applicationautoscaling_backend)
        return ActionResult({"Tags": tags.get(self._get_param("ResourceARN"), {})})

    @wrap(ApplicationAutoScalingResponse, "register_scalable_target")
    def register_scalable_target(original: Any, self: Any) -> str:
        body = original(self)
        tags = tags_by_arn(self.applicationautoscaling_backend)
        tags.setdefault(json.loads(body)["ScalableTargetARN"], {}).update(self._get_param("Tags") or {})
        return body


def patch_roles() -> None:
    """A service scales by the role that AWS makes for it, whichever a registration names.

    https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_service-with-iam.html
    """

    @wrap(ApplicationAutoscalingBackend, "register_scalable_target")
    def register_scalable_target(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        target = original(self, *args, **kwargs)
        if target.service_namespace == "ecs":
            target.role_arn = ECS_ROLE.format(account=self.account_id)
        return target


def patch_policies() -> None:
    """A changed policy keeps its ARN and loses its old alarms; a target takes its policies and actions along."""

    @wrap(ApplicationAutoscalingBackend, "put_scaling_policy")
    def put_scaling_policy(original: Any, self: Any, **policy: Any) -> Any:
        key = FakeApplicationAutoscalingPolicy.formulate_key(
            policy["service_namespace"], policy["resource_id"], policy["scalable_dimension"], policy["policy_name"]
        )
        old = self.policies.get(key)
        new = original(self, **policy)
        if old is not None:
            old.delete_alarms(self.account_id, self.region_name)
            new.policy_arn = old.policy_arn
        return new

    @wrap(ApplicationAutoscalingBackend, "deregister_scalable_target")
    def deregister_scalable_target(original: Any, self: Any, namespace: str, r_id: str, dimension: str) -> Any:
        target = self.targets.get(dimension, {}).get(r_id)
        result = original(self, namespace, r_id, dimension)
        if target is not None:
            tags_by_arn(self).pop(target.arn, None)
        for key, policy in list(self.policies.items()):
            if (policy.resource_id, policy.scalable_dimension) == (r_id, dimension):
                policy.delete_alarms(self.account_id, self.region_name)
                del self.policies[key]
        self.scheduled_actions = [
            action
            for action in self.scheduled_actions
            if (action.resource_id, action.scalable_dimension) != (r_id, dimension)
        ]
        return result


def patch_missing() -> None:
    """What is deleted a second time is not found, as AWS says it.

    The provider takes that for deleted, so that a repeated request does no harm; moto calls the request invalid.
    """

    @wrap(ApplicationAutoscalingBackend, "delete_scaling_policy")
    def delete_scaling_policy(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        return or_not_found(original, self, *args, **kwargs)

    @wrap(ApplicationAutoscalingBackend, "deregister_scalable_target")
    def deregister_scalable_target(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        return or_not_found(original, self, *args, **kwargs)


def or_not_found(original: Any, *args: Any, **kwargs: Any) -> Any:
    """The result of `original`, or ObjectNotFoundException where it calls its request invalid."""
    try:
        return original(*args, **kwargs)
    except AWSValidationException as error:
        raise JsonRESTError("ObjectNotFoundException", error.message) from error
