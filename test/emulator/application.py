"""The WSGI application: moto's dispatcher behind Slipway's control paths."""

from __future__ import annotations

import io
import json
import threading
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Request, Response

import accounts
import calls
import inventory
import lost_answers
import overlay
import secret_values
import unknown_calls

CONTROL_PREFIX = "/_slipway/"

CALLS = calls.Record()

CONTROL_PATHS: dict[str, Callable[[], list[Any]]] = {
    "/_slipway/calls": CALLS.collect,
    "/_slipway/inventory": inventory.collect,
    "/_slipway/secret-values": secret_values.collect,
    "/_slipway/unknown-calls": unknown_calls.recorded,
}


def create_application() -> Callable[..., Iterable[bytes]]:
    """Patches moto once and returns the application to serve."""
    accounts.apply()
    unknown_calls.apply()
    overlay.apply_all()
    recorded = calls.CallRecorder(DomainDispatcherApplication(create_reporting_app), CALLS)
    # what is sent again is one call: when it is, what the first one deleted has no path and no tags any more
    return ControlApplication(lost_answers.AnswerKeeper(recorded))


def create_reporting_app(service: Any) -> Flask:
    """moto's application for one service, reporting requests that no route or no code can answer."""
    inventory.note_called(str(service))
    app = create_backend_app(service)
    app.register_error_handler(Exception, lambda error: report_failure(str(service), error))
    return app


def report_failure(service: str, error: Exception) -> Any:
    """Records what moto could not answer. Errors that moto raises on purpose pass unchanged."""
    from flask import request

    operation = f"{request.method} {request.path}"
    if isinstance(error, NotFound) and request.routing_exception is not None:
        unknown_calls.record(service, operation, "unrouted", "no route")
        return error
    if isinstance(error, HTTPException):
        return error
    status, headers, body = unknown_calls.failure_response(service, operation, error)
    return Response(body, status=status, headers=headers)


class ControlApplication:
    """Answers the control paths itself and hands everything else to moto, one call after the other.

    moto reads a list, changes it and puts it back without a lock. Terraform sends ten calls at once, so that now and then
    one of two changes is lost, such as one of two rules that are removed from a security group.
    """

    def __init__(self, emulated: Callable[..., Iterable[bytes]]) -> None:
        self.emulated = emulated
        self.turn = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(CONTROL_PREFIX):
            # the whole request has to be here before it takes its turn: a slow sender must not hold up the others
            request = Request(environ)
            environ["wsgi.input"] = io.BytesIO(request.get_data(cache=False))
            with self.turn:
                return list(self.emulated(environ, start_response))
        # what there is, is of one moment: moto's lists change while a call is answered
        with self.turn:
            return list(control_response(Request(environ))(environ, start_response))


def control_response(request: Request) -> Response:
    """The answer to one control path."""
    collect = CONTROL_PATHS.get(request.path)
    if collect is None:
        known = ", ".join(sorted(CONTROL_PATHS))
        return json_response({"error": f"no control path {request.path}, known are {known}"}, 404)
    if request.method != "GET":
        return json_response({"error": f"{request.path} answers GET only, got {request.method}"}, 405)
    try:
        return json_response(collect(), 200)
    except Exception as error:
        detail = traceback.format_exception_only(error)[-1].strip()
        return json_response({"error": f"{request.path} failed inside the emulator: {detail}"}, 500)


def json_response(value: Any, status: int) -> Response:
    """A JSON body."""
    return Response(json.dumps(value), status=status, content_type="application/json")
