"""How long things take: short, so that a rehearsal is soon done, and not nothing, so that whoever follows waits.

Tests of what happens meanwhile take the clock into their own hands: EMULATOR_ECS_CLOCK names a file with the seconds
that have passed since the server began. A busy machine makes nobody late then.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

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


CLOCK = os.environ.get("EMULATOR_ECS_CLOCK")
BEGINNING = utcnow()


def now() -> datetime:
    """The time by which tasks and deployments live."""
    return utcnow() if CLOCK is None else BEGINNING + timedelta(seconds=float(Path(CLOCK).read_text(encoding="utf-8")))


def elapsed(since: datetime) -> float:
    """Seconds since then."""
    return (now() - since).total_seconds()
