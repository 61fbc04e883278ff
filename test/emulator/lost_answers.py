"""Answers a call whose answer was lost on the way as it was answered the first time.

The AWS SDK for Go, and with it Terraform's provider, can close a connection while the answer is already in it: its transport
sends the last of a request, and still has to note that, when the answer of a server that needs no network is there. On a
busy machine that is one call in some thousand. The SDK then sends the call again, and what it creates is there twice, or
already exists. AWS is too far away to be that fast, so a rehearsal must not fail of it.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

# more than are answered in the seconds that the SDK waits before it sends a call again
KEPT = 1024
SUCCESS = "2"

Application = Callable[..., Iterable[bytes]]


class AnswerKeeper:
    """Calls `application` once per call of the SDK for Go that succeeds, however often it is sent."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.kept: OrderedDict[str, tuple[str, list[tuple[str, str]], list[bytes]]] = OrderedDict()
        self.lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        call = call_of(environ)
        if call is None:
            return self.application(environ, start_response)
        if is_repeated(environ):
            with self.lock:
                answer = self.kept.get(call)
            if answer is not None:
                status, headers, body = answer
                start_response(status, headers)
                return body
        return self.answer(call, environ, start_response)

    def answer(self, call: str, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        """Has the call answered, and keeps what it was answered unless that is an error."""
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            begun.append((status, headers))
            return start_response(status, headers, exc_info)

        body = list(self.application(environ, start))
        status, headers = begun[-1]
        if status.startswith(SUCCESS):
            with self.lock:
                self.kept[call] = (status, headers, body)
                while len(self.kept) > KEPT:
                    self.kept.popitem(last=False)
        return body


def call_of(environ: dict[str, Any]) -> str | None:
    """What all attempts at one call have in common; None where the caller is not the SDK for Go."""
    if "aws-sdk-go" not in environ.get("HTTP_USER_AGENT", ""):
        return None
    call = environ.get("HTTP_AMZ_SDK_INVOCATION_ID")
    return str(call) if call else None


def is_repeated(environ: dict[str, Any]) -> bool:
    """Whether the call was sent before."""
    attempt = re.match(r"attempt=(\d+)", environ.get("HTTP_AMZ_SDK_REQUEST", ""))
    return attempt is not None and int(attempt.group(1)) > 1
