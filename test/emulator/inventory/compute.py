"""Containers, images, scaling, schedules and functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from overlay.ecs import task_life


def ecs(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Clusters, services, running tasks and every task definition that is still ACTIVE."""
    yield from (("cluster", c.arn, c.status) for c in backend.clusters.values() if c.status != "INACTIVE")
    yield from (("service", s.arn, s.status) for s in backend.services.values() if s.status != "INACTIVE")
    for tasks in backend.tasks.values():
        for task in tasks.values():
            task_life.advance(task)
        yield from (("task", t.task_arn, t.last_status) for t in tasks.values() if t.last_status != "STOPPED")
    for revisions in backend.task_definitions.values():
        yield from (("task-definition", t.arn, t.status) for t in revisions.values() if t.status == "ACTIVE")
    yield from (("capacity-provider", name, None) for name in backend.capacity_providers)


def ecr(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Repositories and their images."""
    for repository in backend.repositories.values():
        yield "repository", repository.name, None
        yield from (("image", f"{repository.name}@{i.image_digest}", None) for i in repository.images)


def autoscaling(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Groups of instances and what belongs to them."""
    yield from (("group", name, None) for name in backend.autoscaling_groups)
    yield from (("launch-configuration", name, None) for name in backend.launch_configurations)
    yield from (("lifecycle-hook", key, None) for key in backend.lifecycle_hooks)
    yield from (("policy", name, None) for name in backend.policies)
    yield from (("scheduled-action", name, None) for name in backend.scheduled_actions)


def applicationautoscaling(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Scalable targets with policies and scheduled actions."""
    for targets in backend.targets.values():
        yield from (("scalable-target", resource, None) for resource in targets)
    yield from (("scaling-policy", policy.policy_name, policy.resource_id) for policy in backend.policies.values())
    yield from (("scheduled-action", a.scheduled_action_name, a.resource_id) for a in backend.scheduled_actions)


def scheduler(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Schedules and groups."""
    for group in backend.schedule_groups.values():
        if group.name != "default":
            yield "schedule-group", group.name, None
        yield from (("schedule", f"{group.name}/{s.name}", s.state) for s in group.schedules.values())


def awslambda(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Functions."""
    yield from (("function", function.function_arn, None) for function in backend._lambdas.all())


def codedeploy(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Applications."""
    yield from (("application", name, None) for name in backend.applications)


LISTERS = {
    "applicationautoscaling": applicationautoscaling,
    "autoscaling": autoscaling,
    "awslambda": awslambda,
    "codedeploy": codedeploy,
    "ecr": ecr,
    "ecs": ecs,
    "scheduler": scheduler,
}
