"""What containers write into CloudWatch Logs, each to its stream `<prefix>/<container>/<task id>`."""

from __future__ import annotations

from typing import Any

from moto.core.utils import unix_time_millis
from moto.logs.models import LogsBackend, logs_backends


def group_problem(account: str, region: str, definition: dict[str, Any]) -> str | None:
    """Why a container could not write, in the words of AWS: a group that nobody made keeps its task from starting."""
    options = awslogs(definition)
    if not options or options.get("awslogs-create-group") == "true":
        return None
    if options["awslogs-group"] in backend_of(account, region, options).groups:
        return None
    return (
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
        "ResourceNotFoundException: The specified log group does not exist."
    )


def write(account: str, region: str, task_id: str, definition: dict[str, Any], text: str) -> None:
    """Adds one line of a container."""
    options = awslogs(definition)
    if not options:
        return
    backend = backend_of(account, region, options)
    group, prefix = options["awslogs-group"], options.get("awslogs-stream-prefix", "ecs")
    if group not in backend.groups:
        if options.get("awslogs-create-group") != "true":
            return
        backend.create_log_group(group, tags={})
    stream = f"{prefix}/{definition['name']}/{task_id}"
    backend.ensure_log_stream(group, stream)
    backend.put_log_events(group, stream, [{"timestamp": int(unix_time_millis()), "message": text}])


def awslogs(definition: dict[str, Any]) -> dict[str, str]:
    """The options of the log driver; empty where a container logs elsewhere or nowhere."""
    configuration = definition.get("logConfiguration") or {}
    return configuration.get("options") or {} if configuration.get("logDriver") == "awslogs" else {}


def backend_of(account: str, region: str, options: dict[str, str]) -> LogsBackend:
    """The group is in the region that the options name."""
    return logs_backends[account][options.get("awslogs-region", region)]
