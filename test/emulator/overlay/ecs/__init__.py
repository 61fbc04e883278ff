"""ECS: revisions, tasks that run and end, services whose deployments succeed or are rolled back."""

from __future__ import annotations

from overlay.ecs import service_deployments, services, task_definitions, task_life, tasks


def apply() -> None:
    """Applies the patches of every module."""
    for module in (service_deployments, services, task_definitions, task_life, tasks):
        module.apply()
