"""Lists of revisions and families: sorted, by status, a page at a time."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.responses import EC2ContainerServiceResponse

from overlay.patching import replace

PAGE = 100


def apply() -> None:
    """Applies all patches of this module."""

    @replace(EC2ContainerServiceResponse, "list_task_definitions")
    def list_task_definitions(self: Any) -> ActionResult:
        family = self._get_param("familyPrefix")
        arns = self.ecs_backend.list_task_definitions(family, self._get_param("status") or "ACTIVE")
        arns.sort(key=place_of, reverse=self._get_param("sort") == "DESC")
        begin = int(self._get_param("nextToken") or 0)
        end = begin + int(self._get_param("maxResults") or PAGE)
        more = {"nextToken": str(end)} if end < len(arns) else {}
        return ActionResult({"taskDefinitionArns": arns[begin:end], **more})

    @replace(EC2ContainerServiceResponse, "list_task_definition_families")
    def list_task_definition_families(self: Any) -> ActionResult:
        prefix = self._get_param("familyPrefix") or ""
        status = self._get_param("status") or "ALL"
        families = [
            family
            for family, revisions in self.ecs_backend.task_definitions.items()
            # a family without revisions was deleted
            if family.startswith(prefix)
            and revisions
            and (status == "ALL" or any(r.status == "ACTIVE" for r in revisions.values()) == (status == "ACTIVE"))
        ]
        return ActionResult({"families": sorted(families)})


def place_of(arn: str) -> tuple[str, int]:
    """By family, then by number: `:10` comes after `:9`."""
    family, number = arn.rsplit(":", 1)
    return family, int(number)
