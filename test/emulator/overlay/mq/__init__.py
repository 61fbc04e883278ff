"""Amazon MQ."""

from __future__ import annotations

from overlay.mq import brokers, configurations, users


def apply() -> None:
    """Applies the patches of brokers, their users and their configurations."""
    brokers.apply()
    configurations.apply()
    users.apply()
