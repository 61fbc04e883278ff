"""What a request asks for, read as AWS reads it: by the models that the SDKs are made of."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import botocore.session

import accounts
from calls import s3

CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")

SERVICES = {
    "api.ecr": ("ecr", "ecr"),
    "elasticloadbalancing": ("elbv2", "elasticloadbalancing"),
    "iotdata": ("iot-data", "iot"),
    "monitoring": ("cloudwatch", "cloudwatch"),
    "servicequotas": ("service-quotas", "servicequotas"),
    "tagging": ("resourcegroupstaggingapi", "tag"),
}
"""By the name that requests are signed with: the SDK's model and IAM's prefix, where they are not all the same."""

BUDGETS = {"Describe": "ViewBudget", "Create": "ModifyBudget", "Update": "ModifyBudget", "Delete": "ModifyBudget"}
WITH_TAGS = re.compile(r"^(Create(?:Streaming)?Distribution)WithTags$")


@dataclass(frozen=True)
class Request:
    """One signed request."""

    role: str | None
    account: str
    region: str
    service: str
    """As IAM names it."""
    operation: str
    """As the SDK names it."""
    actions: tuple[str, ...]
    """As IAM names them, with the service."""
    parameters: dict[str, Any] = field(default_factory=dict)
    """Flat for services that are asked by forms, such as `Tags.member.1.Key`."""


def read(environ: dict[str, Any]) -> Request | None:
    """The request of a WSGI environment, whose body stays to be read; None where nobody signed it."""
    query = environ.get("QUERY_STRING", "")
    signed = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", "")) or CREDENTIAL.search(
        unquote(query).replace("X-Amz-Credential", "Credential")
    )
    if signed is None:
        return None
    key, region, signer = signed.groups()
    body = environ["wsgi.input"].read()
    environ["wsgi.input"].seek(0)
    model, service = SERVICES.get(signer, (signer, signer))
    method, path = environ["REQUEST_METHOD"], raw_path(environ)
    if service == "s3":
        operation, actions, parameters = s3.asked(method, path, query, environ, body)
    else:
        operation, parameters = operation_of(model, method, path, query, environ, body)
        actions = actions_of(service, operation)
    caller = accounts.role_of_key(key)
    return Request(
        role=caller[1] if caller else None,
        account=caller[0] if caller else accounts.account_of_key(key),
        region=region,
        service=service,
        operation=operation,
        actions=tuple(f"{service}:{action}" for action in actions),
        parameters=parameters,
    )


def raw_path(environ: dict[str, Any]) -> str:
    """The path as it was sent: a slash of an ARN is no slash of the path. Through a proxy it comes with a host."""
    return urlsplit(environ.get("RAW_URI") or environ.get("PATH_INFO", "")).path


def actions_of(service: str, operation: str) -> list[str]:
    """IAM's names of an operation."""
    if service == "budgets" and "Tag" not in operation:
        return [next((action for verb, action in BUDGETS.items() if operation.startswith(verb)), operation)]
    with_tags = WITH_TAGS.match(operation)
    return [with_tags.group(1), "TagResource"] if with_tags else [operation]


def operation_of(
    model: str, method: str, path: str, query: str, environ: dict[str, Any], body: bytes
) -> tuple[str, dict[str, Any]]:
    """Operation and parameters, in whichever protocol they came."""
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return target.rpartition(".")[2], json_of(body)
    rpc = re.match(r"^/service/\w+/operation/(\w+)$", path)
    if rpc:
        return rpc.group(1), cbor_of(body)
    form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True) if b"Action=" in body else parse_qs(query)
    if "Action" in form:
        return form["Action"][0], {name: values[0] for name, values in form.items()}
    for route in routes(model):
        matched = route.path.match(path) if route.method == method and route.literal in query else None
        if matched:
            labels = {label_of(name): unquote(value) for name, value in matched.groupdict().items()}
            return route.operation, {**{k: v[0] for k, v in parse_qs(query).items()}, **json_of(body), **labels}
    return f"{method} {path}", {}


@dataclass(frozen=True)
class Route:
    """Where an operation of a service with paths is found."""

    operation: str
    method: str
    path: re.Pattern[str]
    literal: str
    """What the query must have, such as `WithTags`."""
    labels: int


@cache
def routes(model: str) -> list[Route]:
    """Those with the fewest labels first, so that a fixed word wins."""
    session = botocore.session.get_session()
    if model not in session.get_available_services():
        return []
    service = session.get_service_model(model)
    found = []
    for name in service.operation_names:
        http = service.operation_model(name).http
        path, _, literal = http["requestUri"].partition("?")
        found.append(Route(name, http["method"], pattern_of(path), literal, path.count("{")))
    return sorted(found, key=lambda route: (route.labels, not route.literal))


def pattern_of(path: str) -> re.Pattern[str]:
    """`/v1/brokers/{broker-id}` as a regular expression; Python's groups know no hyphen."""
    parts = re.split(r"(\{[^}]+\})", path.rstrip("/"))
    text = "".join(
        f"(?P<{part[1:-1].rstrip('+').replace('-', '__')}>{'.+' if part.endswith('+}') else '[^/]+'})"
        if part.startswith("{")
        else re.escape(part)
        for part in parts
    )
    return re.compile(f"^{text}/?$")


def label_of(group: str) -> str:
    """The label's own name."""
    return group.replace("__", "-")


def json_of(body: bytes) -> dict[str, Any]:
    """A JSON object; empty for every other body."""
    try:
        value = json.loads(body) if body else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def cbor_of(body: bytes) -> dict[str, Any]:
    """A CBOR map."""
    if not body:
        return {}
    from botocore.parsers import RpcV2CBORParser

    parser = RpcV2CBORParser()
    return dict(parser.parse_data_item(parser.get_peekable_stream_from_bytes(body)))
