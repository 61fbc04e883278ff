"""The tasks of a service: as many as it wants, for the deployment that wants them."""

from __future__ import annotations

import copy

from moto.ecs.models import Service, Task, TaskDefinition

from overlay.ecs import images, task_life

UNHEALTHY = "Task failed container health checks"
REPLACED = "Scaling activity initiated by deployment"


def of(service: Service, deployment: str | None = None) -> list[Task]:
    """All tasks of a service that are not stopped, or those of one deployment."""
    tasks = service._backend.tasks.get(service.cluster_name, {}).values()
    found = [
        task
        for task in tasks
        if getattr(task, "slipway_service", None) is service and deployment in (None, task.started_by)
    ]
    for task in found:
        task_life.advance(task)
    return [task for task in found if task.last_status != "STOPPED"]


def works(service: Service, revision: str) -> bool:
    """Whether its tasks start and become healthy; none always do."""
    if service.desired_count == 0:
        return True
    definitions = revision_of(service, revision).container_definitions
    if task_life.start_problem(service._account_id, service.region_name, definitions) is not None:
        return False
    return all(images.script_of(definition["image"]).healthy for definition in definitions)


def fit(service: Service, deployment: str, revision: str) -> None:
    """Starts or stops tasks of a deployment until there are as many as the service wants."""
    tasks = of(service, deployment)
    for _ in range(service.desired_count - len(tasks)):
        start(service, deployment, revision)
    for task in tasks[service.desired_count :]:
        task_life.stop(task, "ServiceSchedulerInitiated", f"Scaling activity initiated by (service {service.name})")


def stop_others(service: Service, deployment: str) -> None:
    """Ends what ran for earlier deployments."""
    for task in of(service):
        if task.started_by != deployment:
            task_life.stop(task, "ServiceSchedulerInitiated", f"{REPLACED} {deployment}")


def stop_all(service: Service) -> None:
    """Ends all of them, as when the service is deleted."""
    for task in of(service):
        task_life.stop(task, "ServiceSchedulerInitiated", f"Service {service.name} was deleted")


def fail(service: Service, deployment: str, revision: str) -> str:
    """A task that is given up at once; gives the reason."""
    task = start(service, deployment, revision)
    problem = task_life.start_problem(service._account_id, service.region_name, task.slipway_definitions)
    if problem is not None:
        task_life.stop(task, "TaskFailedToStart", problem)
        return problem
    task_life.start(task)
    task_life.stop(task, "ServiceSchedulerInitiated", UNHEALTHY)
    return UNHEALTHY


def start(service: Service, deployment: str, revision: str) -> Task:
    """One task, which runs until it is stopped."""
    backend = service._backend
    task_definition = revision_of(service, revision)
    strategy = getattr(service, "capacity_provider_strategy", None) or []
    task = Task(
        cluster=backend.clusters[service.cluster_name],
        task_definition=task_definition,
        container_instance_arn=None,
        resource_requirements=backend._calculate_task_resource_requirements(task_definition),
        backend=backend,
        group=f"service:{service.name}",
        started_by=deployment,
        tags=[],
        launch_type="FARGATE",
        networking_configuration=copy.deepcopy(service.network_configuration) or None,
    )
    task.slipway_serves = True
    task.slipway_service = service
    if strategy:
        task.capacity_provider_name = strategy[0]["capacityProvider"]
    backend.tasks.setdefault(service.cluster_name, {})[task.task_arn] = task
    return task


def count(service: Service) -> None:
    """What DescribeServices answers of all tasks together."""
    service.running_count, service.pending_count = counts(service)


def counts(service: Service, deployment: str | None = None) -> tuple[int, int]:
    """How many run, and how many are about to."""
    states = [task.last_status for task in of(service, deployment)]
    return states.count("RUNNING"), states.count("PENDING")


def revision_of(service: Service, revision: str) -> TaskDefinition:
    """The task definition of a revision's ARN."""
    return service._backend.describe_task_definition(revision)
