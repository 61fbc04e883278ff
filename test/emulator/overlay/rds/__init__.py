"""RDS."""

from __future__ import annotations

from overlay.rds import copies, event_subscriptions, instances, parameters, subnet_groups, versions


def apply() -> None:
    """Applies the patches of instances, their copies, their events, parameter groups, subnet groups and engine versions."""
    instances.apply()
    copies.apply()
    event_subscriptions.apply()
    parameters.apply()
    subnet_groups.apply()
    versions.apply()
