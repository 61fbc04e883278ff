"""Which permissions the callers used: every signed call as IAM would look at it, each different one once.

Roles of pipelines are held against this record. moto asks nobody for a permission, so it is the record that says which
ones a role needs.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any

from calls import implied, request, resources

MOST = 100_000
"""Different calls that are kept: ten times what the rehearsal of the largest environment makes."""

Application = Callable[..., Iterable[bytes]]


class Record:
    """The calls of one emulator, without repetitions, in the order in which they were first made."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.calls: dict[str, dict[str, Any]] = {}
        self.is_full = False
        self.lock = threading.Lock()

    def add(self, calls: Iterable[dict[str, Any]]) -> None:
        """Adds what is not known yet."""
        with self.lock:
            for call in calls:
                key = json.dumps(call, sort_keys=True)
                if key in self.calls:
                    continue
                if len(self.calls) >= self.most:
                    self.is_full = True
                    return
                self.calls[key] = call

    def collect(self) -> list[dict[str, Any]]:
        """Everything so far; a record that is not complete is none."""
        with self.lock:
            if self.is_full:
                raise OverflowError(f"more than {self.most} different calls were made")
            return list(self.calls.values())


class CallRecorder:
    """Has `application` answer, and writes down what was asked and whether it was given."""

    def __init__(self, application: Application, record: Record) -> None:
        self.application = application
        self.record = record

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # before it is answered: afterwards a resource that was deleted has no tags any more
        calls = calls_of(environ)
        statuses: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            statuses.append(status)
            return start_response(status, headers, exc_info)

        answer = list(self.application(environ, start))
        ok = statuses[-1].startswith(("2", "3"))
        self.record.add({**call, "ok": ok} for call in calls)
        return answer


def calls_of(environ: dict[str, Any]) -> list[dict[str, Any]]:
    """The call of a request, and those that AWS counts as made with it; none where it is not signed."""
    made = request.read(environ)
    if made is None:
        return []
    asked = [(action, resources.touched(made, action), {}) for action in made.actions]
    return [
        {
            "role": made.role,
            "account": made.account,
            "region": made.region,
            "action": action,
            "resources": sorted(arns),
            "context": {"aws:RequestedRegion": made.region, **implied.context_of(made, action), **context, **tags},
        }
        for action, touched, context in [*asked, *implied.calls(made)]
        for tags, arns in resources.by_environment(made, touched)
    ]
