"""Tasks with all their containers, which end with the exit code that their command asks for."""

from __future__ import annotations

import copy
import re
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ecs.models import Container, EC2ContainerServiceBackend, Task
from moto.ecs.responses import EC2ContainerServiceResponse

from overlay.patching import wrap

EXIT_COMMAND = re.compile(r"\bexit (\d+)\s*$")


def apply() -> None:
    """Applies all patches of this module."""
    patch_run_task()
    patch_tasks()


def patch_run_task() -> None:
    """Runs Fargate tasks by capacity provider and with memory at task level only."""

    @wrap(EC2ContainerServiceResponse, "run_task")
    def run_task(original: Any, self: Any) -> ActionResult:
        strategy = self._get_param("capacityProviderStrategy") or []
        if strategy and not self._get_param("launchType"):
            self.params["launchType"] = "FARGATE"
        result = original(self)
        for task in result.result["tasks"]:
            if strategy:
                task.capacity_provider_name = strategy[0]["capacityProvider"]
        return result

    original_requirements = EC2ContainerServiceBackend._calculate_task_resource_requirements

    @staticmethod
    def calculate_task_resource_requirements(task_definition: Any) -> dict[str, Any]:
        """A container's own cpu and memory are optional on Fargate."""
        complete = copy.copy(task_definition)
        complete.container_definitions = [
            {**c, "cpu": c.get("cpu") or 0, "memory": c.get("memory") or c.get("memoryReservation") or 0}
            for c in task_definition.container_definitions
        ]
        return original_requirements(complete)

    EC2ContainerServiceBackend._calculate_task_resource_requirements = calculate_task_resource_requirements

    if not hasattr(NetworkInterface, "private_dns_name"):
        # an interface in a VPC without DNS host names has no name; moto has no attribute then
        NetworkInterface.private_dns_name = ""


def patch_tasks() -> None:
    """Gives a task all its containers, an exit code each, and takes its network interface away when it stops."""

    @wrap(Task, "__init__")
    def create_task(original: Any, self: Any, cluster: Any, task_definition: Any, *args: Any, **kwargs: Any) -> None:
        network = (kwargs.get("networking_configuration") or {}).get("awsvpcConfiguration")
        if network is not None:
            network.setdefault("securityGroups", [])
        original(self, cluster, task_definition, *args, **kwargs)
        self.created_at = self.started_at = utcnow()
        self.containers = [
            create_container(task_definition, definition, self.overrides)
            for definition in task_definition.container_definitions
        ]

    @wrap(EC2ContainerServiceBackend, "describe_tasks")
    def describe_tasks(original: Any, self: Any, *args: Any, **kwargs: Any) -> list[Task]:
        tasks = original(self, *args, **kwargs)
        for task in tasks:
            if task.last_status == "STOPPED":
                finish_task(task, "EssentialContainerExited", "Essential container in task exited")
        return tasks

    @wrap(EC2ContainerServiceBackend, "stop_task")
    def stop_task(original: Any, self: Any, *args: Any, **kwargs: Any) -> Task:
        task = original(self, *args, **kwargs)
        finish_task(task, "UserInitiated", task.stopped_reason or "Task stopped by user")
        return task


def create_container(task_definition: Any, definition: dict[str, Any], overrides: dict[str, Any]) -> Container:
    """One container of a task, with the exit code that its command asks for."""
    single = copy.copy(task_definition)
    single.container_definitions = [definition]
    container = Container(single)
    container.exitCode = None
    override = next((o for o in overrides.get("containerOverrides") or [] if o.get("name") == definition["name"]), {})
    container.slipway_exit_code = exit_code_of(override.get("command") or definition.get("command") or [])
    return container


def exit_code_of(command: list[str]) -> int:
    """`exit 3` at the end of a command, in one word or several, ends in 3; every other command ends in 0."""
    match = EXIT_COMMAND.search(" ".join(command))
    return int(match.group(1)) if match else 0


def finish_task(task: Task, stop_code: str, reason: str) -> None:
    """What DescribeTasks answers about a stopped task."""
    if hasattr(task, "stop_code"):
        return
    task.stop_code = stop_code
    task.stopped_reason = reason
    task.desired_status = "STOPPED"
    task.stopped_at = utcnow()
    for container in task.containers:
        container.exitCode = container.slipway_exit_code
        container.last_status = "STOPPED"
    delete_network_interfaces(task)


def delete_network_interfaces(task: Task) -> None:
    """The interface goes with the task, else its subnet could never be deleted."""
    backend = ec2_backends[task._account_id][task.region_name]
    for attachment in task.attachments:
        attachment["status"] = "DELETED"
        for detail in attachment["details"]:
            if detail["name"] == "networkInterfaceId" and detail["value"] in backend.enis:
                backend.delete_network_interface(detail["value"])
