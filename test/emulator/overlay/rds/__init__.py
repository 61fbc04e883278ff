"""RDS."""

from __future__ import annotations

from overlay.rds import copies, instances, parameters, subnet_groups, versions


def apply() -> None:
    """Applies the patches of instances, their copies, parameter groups, subnet groups and engine versions."""
    instances.apply()
    copies.apply()
    parameters.apply()
    subnet_groups.apply()
    versions.apply()
