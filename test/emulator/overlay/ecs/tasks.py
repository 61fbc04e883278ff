"""RunTask, ListTasks, DescribeTasks and StopTask, as AWS answers them."""

from __future__ import annotations

import copy
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ecs.exceptions import ECSException
from moto.ecs.models import EC2ContainerServiceBackend, Task
from moto.ecs.responses import EC2ContainerServiceResponse

from overlay.ecs import task_life
from overlay.patching import wrap


def apply() -> None:
    """Applies all patches of this module."""
    patch_run_task()
    patch_requirements()
    patch_reading()
    patch_stop_task()


def patch_run_task() -> None:
    """Runs Fargate tasks by capacity provider, and one task only for one client token."""

    @wrap(EC2ContainerServiceResponse, "run_task")
    def run_task(original: Any, self: Any) -> ActionResult:
        request = copy.deepcopy(dict(self._get_params()))
        token = request.pop("clientToken", None)
        known = self.ecs_backend.__dict__.setdefault("slipway_tokens", {})
        if token in known:
            first_request, tasks = known[token]
            if first_request != request:
                raise ECSException("ConflictException", "The clientToken was used with other parameters.")
            return ActionResult({"tasks": tasks, "failures": []})
        strategy = request.get("capacityProviderStrategy") or []
        if strategy and "launchType" not in request:
            self.params["launchType"] = "FARGATE"
        result = original(self)
        for task in result.result["tasks"]:
            if strategy:
                task.capacity_provider_name = strategy[0]["capacityProvider"]
        if token is not None:
            known[token] = (request, result.result["tasks"])
        return result


def patch_requirements() -> None:
    """Takes what is valid on Fargate: memory at task level only, and a VPC without DNS host names."""
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


def patch_reading() -> None:
    """Lists what is wanted to run unless asked for something else, and names what it does not know."""

    @wrap(EC2ContainerServiceBackend, "list_tasks")
    def list_tasks(
        original: Any,
        self: Any,
        cluster_str: str | None = None,
        container_instance: str | None = None,
        family: str | None = None,
        started_by: str | None = None,
        service_name: str | None = None,
        desiredStatus: str | None = None,
    ) -> list[Task]:
        for tasks in self.tasks.values():
            for task in tasks.values():
                task_life.advance(task)
        wanted = desiredStatus or "RUNNING"
        found = original(self, cluster_str, container_instance, None, started_by, None, wanted)
        if family is not None:
            found = [t for t in found if family_of(t.task_definition_arn) == family]
        if service_name is not None:
            found = [t for t in found if t.group == f"service:{service_name.split('/')[-1]}"]
        return found

    @wrap(EC2ContainerServiceResponse, "describe_tasks")
    def describe_tasks(original: Any, self: Any) -> ActionResult:
        result = original(self)
        for task in result.result["tasks"]:
            task_life.advance(task)
        known = [task.task_arn for task in result.result["tasks"]]
        asked = self._get_param("tasks", [])
        missing = [arn for arn in asked if not any(k.split("/")[-1] == arn.split("/")[-1] for k in known)]
        result.result["failures"] = [{"arn": arn, "reason": "MISSING"} for arn in missing]
        return result


def patch_stop_task() -> None:
    """A task that a person stops says who and why."""

    @wrap(EC2ContainerServiceBackend, "stop_task")
    def stop_task(original: Any, self: Any, cluster_str: str, task_str: str, reason: str) -> Task:
        for tasks in self.tasks.values():
            for task in tasks.values():
                if task.id == task_str.split("/")[-1]:
                    task_life.advance(task)
                    task_life.stop(task, "UserInitiated", reason or "Task stopped by user")
                    return task
        return original(self, cluster_str, task_str, reason)


def family_of(task_definition: str) -> str:
    """The family of a revision's ARN."""
    return task_definition.split("/")[-1].rsplit(":", 1)[0]
