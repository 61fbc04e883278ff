"""How a service gets from one revision to another: it succeeds, or is undone when its tasks keep failing.

Nothing runs in the background: `advance` lets happen what is due, whenever somebody looks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.ecs.models import Service
from moto.moto_api._internal import mock_random

from overlay.ecs import pacing, service_tasks
from overlay.ecs.pacing import FAILURE_SECONDS, FAILURE_THRESHOLD, STEADY_SECONDS, elapsed

MAX_EVENTS = 100


def deployment_id() -> str:
    """A new name of what tasks are started for."""
    return f"ecs-svc/{mock_random.randint(10**18, 10**19 - 1)}"


@dataclass
class Rollout:
    """A service deployment: its whole story, with the rollback if there is one."""

    id: str
    task_definition: str
    created_at: datetime = field(default_factory=lambda: pacing.now())
    status: str = "IN_PROGRESS"
    status_reason: str | None = None
    failed_tasks: int = 0
    finished_at: datetime | None = None
    # what it goes back to, since when, and as what
    rollback_to: Rollout | None = None
    rollback_id: str | None = None
    rollback_started_at: datetime | None = None

    @property
    def serves(self) -> Rollout | None:
        """What runs once it is over; None while it is not, and where it left nothing that works."""
        if self.status == "SUCCESSFUL":
            return self
        return self.rollback_to if self.status == "ROLLBACK_SUCCESSFUL" else None

    @property
    def primary_id(self) -> str:
        """What tasks are started for now."""
        return self.rollback_id or self.id


def begin(service: Service) -> None:
    """A deployment of what the service names now; one that is still under way ends."""
    history: list[Rollout] = service.__dict__.setdefault("slipway_rollouts", [])
    if history and history[-1].finished_at is None:
        finish(service, history[-1], "STOPPED", "A newer deployment took its place.")
    rollout = Rollout(deployment_id(), service.task_definition)
    history.append(rollout)
    tell(service, f"has begun deployment {rollout.id}")
    if service_tasks.works(service, rollout.task_definition):
        service_tasks.fit(service, rollout.id, rollout.task_definition)
    advance(service)


def advance(service: Service) -> None:
    """Lets happen what is due by now, and counts."""
    rollout = current(service)
    if rollout.status == "IN_PROGRESS":
        progress(service, rollout)
    elif rollout.status == "ROLLBACK_IN_PROGRESS" and is_due(service, rollout.rollback_started_at):
        complete_rollback(service, rollout)
    service_tasks.count(service)
    service.deployments = entries(service, rollout)


def current(service: Service) -> Rollout:
    """The newest one."""
    return service.slipway_rollouts[-1]


def progress(service: Service, rollout: Rollout) -> None:
    """Tasks come up, or fail one after the other."""
    if service_tasks.works(service, rollout.task_definition):
        if is_due(service, rollout.created_at):
            service_tasks.fit(service, rollout.id, rollout.task_definition)
            service_tasks.stop_others(service, rollout.id)
            finish(service, rollout, "SUCCESSFUL", None)
            tell(service, f"(deployment {rollout.id}) deployment completed.")
            tell(service, "has reached a steady state.")
        return
    due = min(int(elapsed(rollout.created_at) / FAILURE_SECONDS), FAILURE_THRESHOLD)
    while rollout.failed_tasks < due:
        rollout.failed_tasks += 1
        reason = service_tasks.fail(service, rollout.id, rollout.task_definition)
        tell(service, f"(deployment {rollout.id}) has stopped 1 running tasks: {reason}")
    breaker = service.deployment_configuration.get("deploymentCircuitBreaker") or {}
    if rollout.failed_tasks < FAILURE_THRESHOLD or not breaker.get("enable"):
        return
    tell(service, f"(deployment {rollout.id}) deployment failed: tasks failed to start.")
    if breaker.get("rollback"):
        roll_back(service, rollout, "Service deployment rolled back because of a circuit breaker failure.")
    else:
        finish(service, rollout, "STOPPED", "The circuit breaker was triggered.")


def is_due(service: Service, since: datetime | None) -> bool:
    """Whether tasks have had the time to come up; where there are none there is nothing to wait for."""
    return service.desired_count == 0 or (since is not None and elapsed(since) >= STEADY_SECONDS)


def roll_back(service: Service, rollout: Rollout, reason: str) -> None:
    """Back to what the newest deployment left that worked."""
    earlier = [r.serves for r in service.slipway_rollouts if r is not rollout and r.serves is not None]
    if not earlier:
        finish(service, rollout, "ROLLBACK_FAILED", "There is no completed deployment to go back to.")
        return
    rollout.status, rollout.status_reason = "ROLLBACK_IN_PROGRESS", reason
    rollout.rollback_to, rollout.rollback_id = earlier[-1], deployment_id()
    rollout.rollback_started_at = pacing.now()
    service.task_definition = rollout.rollback_to.task_definition
    tell(service, f"rolling back to deployment {rollout.rollback_id}.")
    service_tasks.fit(service, rollout.rollback_id, service.task_definition)


def complete_rollback(service: Service, rollout: Rollout) -> None:
    """What ran before runs again, or does not even start."""
    if service_tasks.works(service, service.task_definition):
        service_tasks.fit(service, rollout.primary_id, service.task_definition)
        service_tasks.stop_others(service, rollout.primary_id)
        finish(service, rollout, "ROLLBACK_SUCCESSFUL", rollout.status_reason)
        tell(service, f"(deployment {rollout.rollback_id}) deployment completed.")
    else:
        finish(service, rollout, "ROLLBACK_FAILED", rollout.status_reason)


def finish(service: Service, rollout: Rollout, status: str, reason: str | None) -> None:
    """The end of a deployment."""
    rollout.status, rollout.status_reason, rollout.finished_at = status, reason, pacing.now()


def tell(service: Service, text: str) -> None:
    """An event, the newest first."""
    event = {"id": str(mock_random.uuid4()), "createdAt": pacing.now(), "message": f"(service {service.name}) {text}"}
    service.events = [event, *service.events][:MAX_EVENTS]


def entries(service: Service, rollout: Rollout) -> list[dict[str, Any]]:
    """What DescribeServices answers as `deployments`: the primary one, and the one that failed beside its rollback."""
    state = "COMPLETED" if rollout.status in ("SUCCESSFUL", "ROLLBACK_SUCCESSFUL") else "IN_PROGRESS"
    if rollout.rollback_id is None:
        state = "FAILED" if rollout.status in ("STOPPED", "ROLLBACK_FAILED") else state
        return [entry(service, rollout, rollout.id, "PRIMARY", state)]
    state = "FAILED" if rollout.status == "ROLLBACK_FAILED" else state
    primary = entry(service, rollout, rollout.rollback_id, "PRIMARY", state)
    if state == "COMPLETED":
        return [primary]
    return [primary, entry(service, rollout, rollout.id, "ACTIVE", "FAILED")]


def entry(service: Service, rollout: Rollout, name: str, status: str, state: str) -> dict[str, Any]:
    """One of them."""
    is_rollback = name == rollout.rollback_id
    running, pending = service_tasks.counts(service, name)
    return {
        "capacityProviderStrategy": getattr(service, "capacity_provider_strategy", None) or [],
        "createdAt": rollout.rollback_started_at if is_rollback else rollout.created_at,
        "desiredCount": service.desired_count if status == "PRIMARY" else 0,
        "failedTasks": 0 if is_rollback else rollout.failed_tasks,
        "id": name,
        "launchType": service.launch_type,
        "networkConfiguration": service.network_configuration or None,
        "pendingCount": pending,
        "platformFamily": "Linux",
        "platformVersion": service.platform_version,
        "rolloutState": state,
        "rolloutStateReason": f"ECS deployment {name} {state.lower().replace('_', ' ')}.",
        "runningCount": running,
        "status": status,
        "taskDefinition": service.task_definition if status == "PRIMARY" else rollout.task_definition,
        "updatedAt": rollout.finished_at or pacing.now(),
    }
