"""The calls by which deployments are followed and stopped; provider 6.4 and later waits for a steady state by them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import ECSException
from moto.ecs.models import EC2ContainerServiceBackend, Service
from moto.ecs.responses import EC2ContainerServiceResponse

from overlay.ecs import images, rollouts, service_tasks
from overlay.ecs.pacing import FAILURE_THRESHOLD
from overlay.ecs.rollouts import Rollout
from overlay.patching import add


def apply() -> None:
    """Applies all patches of this module."""

    @add(EC2ContainerServiceResponse)
    def list_service_deployments(self: Any) -> ActionResult:
        services, _ = self.ecs_backend.describe_services(
            self._get_param("cluster", "default"), [self._get_param("service")]
        )
        wanted = self._get_param("status") or []
        created = self._get_param("createdAt") or {}
        found = [
            described(service, rollout) for service in services for rollout in reversed(service.slipway_rollouts)
        ]
        return ActionResult(
            {
                "serviceDeployments": [
                    d
                    for d in found
                    if (not wanted or d["status"] in wanted) and is_between(d["createdAt"], created)
                ]
            }
        )

    @add(EC2ContainerServiceResponse)
    def describe_service_deployments(self: Any) -> ActionResult:
        known = {deployment_arn(s, r): described(s, r) for s, r in all_rollouts(self.ecs_backend)}
        return found_and_missing("serviceDeployments", known, self._get_param("serviceDeploymentArns", []))

    @add(EC2ContainerServiceResponse)
    def describe_service_revisions(self: Any) -> ActionResult:
        known = {revision_arn(s, r): described_revision(s, r) for s, r in all_rollouts(self.ecs_backend)}
        return found_and_missing("serviceRevisions", known, self._get_param("serviceRevisionArns", []))

    @add(EC2ContainerServiceResponse)
    def stop_service_deployment(self: Any) -> ActionResult:
        arn = self._get_param("serviceDeploymentArn")
        for service, rollout in all_rollouts(self.ecs_backend):
            if deployment_arn(service, rollout) == arn:
                stop(service, rollout, self._get_param("stopType") or "ROLLBACK")
                return ActionResult({"serviceDeploymentArn": arn})
        raise ECSException("ServiceDeploymentNotFoundException", "The service deployment was not found.")


def stop(service: Service, rollout: Rollout, how: str) -> None:
    """Undoes a deployment that is under way, or leaves it as it is."""
    if rollout.status != "IN_PROGRESS":
        raise ECSException("ConflictException", f"The service deployment is {rollout.status}.")
    if how == "ROLLBACK":
        rollouts.roll_back(service, rollout, "Service deployment rolled back due to user request.")
    else:
        rollouts.finish(service, rollout, "STOPPED", "Service deployment stopped due to user request.")
    rollouts.advance(service)


def all_rollouts(backend: EC2ContainerServiceBackend) -> Iterator[tuple[Service, Rollout]]:
    """Every deployment of every service, as it is by now."""
    for service in list(backend.services.values()):
        if hasattr(service, "slipway_rollouts"):
            rollouts.advance(service)
            yield from ((service, rollout) for rollout in service.slipway_rollouts)


def is_between(moment: datetime, limits: dict[str, Any]) -> bool:
    """Whether it is within what the question says; AWS takes both limits in."""
    after, before = limits.get("after"), limits.get("before")
    return (after is None or moment >= as_time(after)) and (before is None or moment <= as_time(before))


def as_time(value: datetime | float | str) -> datetime:
    """In UTC and without saying so, like everything in moto."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime.utcfromtimestamp(float(value))


def found_and_missing(name: str, known: dict[str, Any], wanted: list[str]) -> ActionResult:
    """What there is, and what there is not."""
    return ActionResult(
        {
            name: [known[arn] for arn in wanted if arn in known],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known],
        }
    )


def described(service: Service, rollout: Rollout) -> dict[str, Any]:
    """One deployment."""
    breaker = service.deployment_configuration.get("deploymentCircuitBreaker") or {}
    tripped = rollout.failed_tasks >= FAILURE_THRESHOLD
    running, pending = service_tasks.counts(service, rollout.id)
    revision = revision_arn(service, rollout)
    answer = {
        "clusterArn": service.cluster_arn,
        "createdAt": rollout.created_at,
        "deploymentCircuitBreaker": {
            "failureCount": rollout.failed_tasks,
            "status": "DISABLED" if not breaker.get("enable") else "TRIGGERED" if tripped else "MONITORING",
            "threshold": FAILURE_THRESHOLD,
        },
        "deploymentConfiguration": service.deployment_configuration,
        "serviceArn": service.arn,
        "serviceDeploymentArn": deployment_arn(service, rollout),
        "startedAt": rollout.created_at,
        "status": rollout.status,
        "targetServiceRevision": {
            "arn": revision,
            "pendingTaskCount": pending,
            "requestedTaskCount": service.desired_count,
            "runningTaskCount": running,
        },
        # ListServiceDeployments says it this way
        "targetServiceRevisionArn": revision,
        "updatedAt": rollout.finished_at or rollout.rollback_started_at or rollout.created_at,
    }
    if rollout.status_reason is not None:
        answer["statusReason"] = rollout.status_reason
    if rollout.finished_at is not None:
        answer["finishedAt"] = rollout.finished_at
    if rollout.rollback_to is not None:
        answer["rollback"] = {
            "reason": rollout.status_reason,
            "serviceRevisionArn": revision_arn(service, rollout.rollback_to),
            "startedAt": rollout.rollback_started_at,
        }
    return answer


def described_revision(service: Service, rollout: Rollout) -> dict[str, Any]:
    """What a deployment brings."""
    definitions = service_tasks.revision_of(service, rollout.task_definition).container_definitions
    return {
        "clusterArn": service.cluster_arn,
        "containerImages": [
            {"containerName": d["name"], "image": d["image"], "imageDigest": images.digest_of(d["image"])}
            for d in definitions
        ],
        "createdAt": rollout.created_at,
        "serviceArn": service.arn,
        "serviceRevisionArn": revision_arn(service, rollout),
        "taskDefinition": rollout.task_definition,
    }


def deployment_arn(service: Service, rollout: Rollout) -> str:
    """`arn:...:service-deployment/<cluster>/<service>/<number>`"""
    return arn_of(service, "service-deployment", rollout)


def revision_arn(service: Service, rollout: Rollout) -> str:
    """The provider looks for the number of the deployment's id in it."""
    return arn_of(service, "service-revision", rollout)


def arn_of(service: Service, kind: str, rollout: Rollout) -> str:
    """The ARN of something that belongs to one deployment of a service."""
    prefix = service.arn.rsplit(":service/", 1)[0]
    return f"{prefix}:{kind}/{service.cluster_name}/{service.name}/{rollout.id.split('/')[-1]}"
