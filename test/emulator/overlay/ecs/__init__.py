"""ECS."""

from __future__ import annotations

from overlay.ecs import services, tasks


def apply() -> None:
    """Applies the patches of services and tasks."""
    services.apply()
    tasks.apply()
