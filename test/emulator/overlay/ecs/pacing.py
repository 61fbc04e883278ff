"""How long things take: short, so that a rehearsal is soon done, and not nothing, so that whoever follows waits."""

from __future__ import annotations

from datetime import datetime

from moto.core.utils import utcnow

# a task is PENDING for this long
START_SECONDS = 0.4
# and then RUNNING for this long, when it ends by itself
WORK_SECONDS = 0.8
# a deployment needs this long to be steady
STEADY_SECONDS = 1.0
# a task that never becomes healthy is given up after this long
FAILURE_SECONDS = 0.4
# so many of them trip the circuit breaker; AWS's own least number
FAILURE_THRESHOLD = 3


def elapsed(since: datetime) -> float:
    """Seconds since then."""
    return (utcnow() - since).total_seconds()
