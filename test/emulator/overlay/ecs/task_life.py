"""The life of a task: PENDING, RUNNING, STOPPED as time goes by, with an exit code for each of its containers.

A task that ends by itself ends with the exit code that its command asks for (`exit 3`), else with that of its image. A
task of a service runs until the service stops it.
"""

from __future__ import annotations

import copy
import re
from datetime import timedelta
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ecs.models import Container, Task

from overlay.ecs import images, pacing, task_logs
from overlay.ecs.pacing import START_SECONDS, WORK_SECONDS, elapsed
from overlay.patching import wrap

EXIT_COMMAND = re.compile(r"\bexit (\d+)\s*$")
# of a process that ends on SIGTERM
TERMINATED = 143


def apply() -> None:
    """Applies all patches of this module."""

    @wrap(Task, "__init__")
    def create_task(original: Any, self: Any, cluster: Any, task_definition: Any, *args: Any, **kwargs: Any) -> None:
        network = (kwargs.get("networking_configuration") or {}).get("awsvpcConfiguration")
        if network is not None:
            network.setdefault("securityGroups", [])
        original(self, cluster, task_definition, *args, **kwargs)
        self.created_at = pacing.now()
        self.started_at = self.stopped_at = self.stop_code = None
        self.slipway_definitions = task_definition.container_definitions
        self.slipway_serves = False
        self.containers = [create_container(task_definition, d) for d in self.slipway_definitions]

    def last_status(task: Task) -> str:
        """What `advance` left, and no later: else an answer tells one member of a task before its end, one after."""
        if task.stopped_at is not None:
            return "STOPPED"
        return "PENDING" if task.started_at is None else "RUNNING"

    # moto sets it as well; here it follows from what happened
    Task.last_status = property(last_status, lambda task, status: None)


def create_container(task_definition: Any, definition: dict[str, Any]) -> Container:
    """One container of a task that has not started yet."""
    single = copy.copy(task_definition)
    single.container_definitions = [definition]
    container = Container(single)
    container.exitCode = None
    container.image_digest = images.digest_of(definition["image"])
    return container


def advance(task: Task) -> None:
    """Lets happen what is due by now."""
    if task.stopped_at is not None:
        return
    age = elapsed(task.created_at)
    if task.started_at is None and age >= START_SECONDS:
        problem = start_problem(task._account_id, task.region_name, task.slipway_definitions)
        if problem is not None:
            stop(task, "TaskFailedToStart", problem)
            return
        start(task)
    if task.started_at is not None and not task.slipway_serves and age >= START_SECONDS + WORK_SECONDS:
        end(task)


def start_problem(account: str, region: str, definitions: list[dict[str, Any]]) -> str | None:
    """Why a task of these containers cannot start; None if it can."""
    for definition in definitions:
        problem = images.pull_problem(definition["image"]) or task_logs.group_problem(account, region, definition)
        if problem is not None:
            return problem
    return None


def start(task: Task) -> None:
    """All containers run and say so."""
    task.started_at = task.created_at + timedelta(seconds=START_SECONDS)
    for container, definition in zip(task.containers, task.slipway_definitions):
        container.last_status = "RUNNING"
        command = " ".join(command_of(task, definition)) or "the image's own command"
        first, *more = command.splitlines()
        write(task, definition, f"runs {first}{' ...' if more else ''}")


def end(task: Task) -> None:
    """Every container ends by itself, but for one that waits for the success of another and waits in vain."""
    for container, definition in zip(task.containers, task.slipway_definitions):
        codes = {done.name: done.exitCode for done in task.containers}
        waits_for = [d["containerName"] for d in definition.get("dependsOn") or [] if d["condition"] == "SUCCESS"]
        if all(codes.get(name) == 0 for name in waits_for):
            container.exitCode = exit_code_of(command_of(task, definition), definition["image"])
            write(task, definition, f"ends with exit code {container.exitCode}")
    stop(task, "EssentialContainerExited", "Essential container in task exited")


def stop(task: Task, stop_code: str, reason: str) -> None:
    """The end of a task, whatever ends it; what still runs is terminated."""
    if task.stopped_at is not None:
        return
    for container in task.containers:
        if task.started_at is not None and container.exitCode is None and stop_code != "EssentialContainerExited":
            container.exitCode = TERMINATED
        container.last_status = "STOPPED"
    task.desired_status = "STOPPED"
    task.stop_code = stop_code
    task.stopped_reason = reason
    task.stopped_at = pacing.now()
    delete_network_interfaces(task)


def command_of(task: Task, definition: dict[str, Any]) -> list[str]:
    """What a container runs; empty where that is up to the image."""
    overrides = task.overrides.get("containerOverrides") or []
    override = next((o for o in overrides if o.get("name") == definition["name"]), {})
    return override.get("command") or definition.get("command") or []


def exit_code_of(command: list[str], image: str) -> int:
    """`exit 3` at the end of a command, in one word or several, ends in 3; all others end as their image says."""
    match = EXIT_COMMAND.search(" ".join(command))
    return int(match.group(1)) if match else images.script_of(image).exit_code


def write(task: Task, definition: dict[str, Any], text: str) -> None:
    """One line in the log of a container."""
    task_logs.write(task._account_id, task.region_name, task.id, definition, text)


def delete_network_interfaces(task: Task) -> None:
    """The interface goes with the task, else its subnet could never be deleted."""
    backend = ec2_backends[task._account_id][task.region_name]
    for attachment in task.attachments:
        attachment["status"] = "DELETED"
        for detail in attachment["details"]:
            if detail["name"] == "networkInterfaceId" and detail["value"] in backend.enis:
                backend.delete_network_interface(detail["value"])
