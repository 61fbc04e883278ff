"""Records every call that moto does not know or fails in, and answers it with an error that no SDK retries.

moto answers both with HTTP 500, which SDKs retry for minutes: a missing operation looks like a hang. 501 ends the run
at once and names the operation.
"""

from __future__ import annotations

import json
import threading
import traceback
from typing import Any
from xml.sax.saxutils import escape

from botocore.exceptions import ClientError
from moto.core.exceptions import ServiceException
from moto.core.responses import BaseResponse
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

from overlay.patching import wrap

NOT_IMPLEMENTED = 501
ERROR_CODE = "EmulatorUnknownCall"
JSON_PROTOCOLS = {"json", "rest-json", "smithy-rpc-v2-cbor"}

_lock = threading.Lock()
_recorded: list[dict[str, str]] = []


def record(service: str, operation: str, kind: str, detail: str) -> None:
    """Adds one entry, once, however often a caller repeats the call."""
    entry = {"service": service, "operation": operation, "kind": kind, "detail": detail}
    with _lock:
        if entry not in _recorded:
            _recorded.append(entry)


def recorded() -> list[dict[str, str]]:
    """Everything recorded since the start."""
    with _lock:
        return list(_recorded)


def failure_response(service: str, operation: str, error: Exception) -> tuple[int, dict[str, str], str]:
    """Records `error` and returns status, headers and body in the service's own protocol."""
    if isinstance(error, NotImplementedError):
        kind, detail = "unimplemented", str(error) or "not implemented"
    else:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        kind = "exception"
        detail = f"{type(error).__name__}: {error} ({frame.name}, line {frame.lineno})"
    record(service, operation, kind, detail)
    message = f"the emulator cannot answer {service} {operation}: {detail}"
    if protocol_of(service) in JSON_PROTOCOLS:
        body = json.dumps({"__type": ERROR_CODE, "message": message})
        return NOT_IMPLEMENTED, {"Content-Type": "application/json", "x-amzn-ErrorType": ERROR_CODE}, body
    return NOT_IMPLEMENTED, {"Content-Type": "text/xml"}, xml_error(service, message)


def protocol_of(service: str) -> str:
    """The wire protocol of a service, "query" where botocore does not know the name."""
    names = {"awslambda": "lambda"}
    try:
        return str(get_service_model(names.get(service, service)).protocol)
    except Exception:
        return "query"


def xml_error(service: str, message: str) -> str:
    """An error document in the form that the SDK of this service reads."""
    error = f"<Code>{ERROR_CODE}</Code><Message>{escape(message)}</Message>"
    if service == "s3":
        return f"<Error>{error}<RequestId>0</RequestId></Error>"
    if service == "ec2":
        return f"<Response><Errors><Error>{error}</Error></Errors><RequestID>0</RequestID></Response>"
    return f"<ErrorResponse><Error><Type>Receiver</Type>{error}</Error><RequestId>0</RequestId></ErrorResponse>"


def apply() -> None:
    """Puts the recorder around moto's call of an operation."""

    @wrap(BaseResponse, "call_action")
    def call_action(original: Any, response: BaseResponse) -> Any:
        """Regular AWS errors pass; everything else is recorded and answered at once."""
        service = str(response.service_name)
        try:
            result = original(response)
        except (ServiceException, HTTPException, ClientError):
            raise
        except Exception as error:
            return failure_response(service, operation_of(response), error)
        if result[0] == 404 and not result[2]:
            record(service, operation_of(response), "unrouted", "no operation matches method and path")
        return result


def operation_of(response: BaseResponse) -> str:
    """The operation's name, else method and path."""
    try:
        operation = response._get_action()
    except Exception:
        operation = None
    return operation or f"{response.method} {response.path}"
