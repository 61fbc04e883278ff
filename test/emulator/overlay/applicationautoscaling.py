"""Application Auto Scaling: tags, which the provider lists after every create."""

from __future__ import annotations

import json
from typing import Any

from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.core.responses import ActionResult

from overlay.patching import add, wrap


def tags_by_arn(backend: ApplicationAutoscalingBackend) -> dict[str, dict[str, str]]:
    """The tags that this backend remembers, by ARN of the target."""
    return backend.__dict__.setdefault("slipway_tags", {})


def apply() -> None:
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

    @wrap(ApplicationAutoscalingBackend, "deregister_scalable_target")
    def deregister_scalable_target(original: Any, self: Any, namespace: str, r_id: str, dimension: str) -> Any:
        target = self.targets.get(dimension, {}).get(r_id)
        result = original(self, namespace, r_id, dimension)
        if target is not None:
            tags_by_arn(self).pop(target.arn, None)
        return result
