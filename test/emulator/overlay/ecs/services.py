"""Services that answer what was asked of them and are always steady."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores, utcnow
from moto.ecs.models import Service
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.moto_api._internal import mock_random

from overlay.patching import add, wrap

# members of CreateService and UpdateService that DescribeServices answers under the same name
ECHOED = (
    "availabilityZoneRebalancing",
    "capacityProviderStrategy",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "placementConstraints",
    "placementStrategy",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
)

DEFAULT_DEPLOYMENT_CONFIGURATION = {
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
}

# a change of one of these starts a deployment on AWS
DEPLOYING = ("capacityProviderStrategy", "networkConfiguration", "platformVersion", "taskDefinition")


def apply() -> None:
    """Applies all patches of this module."""
    patch_services()
    patch_service_deployments()


def patch_services() -> None:
    """Creates and updates services with everything that the request says."""

    @wrap(EC2ContainerServiceResponse, "create_service")
    def create_service(original: Any, self: Any) -> ActionResult:
        result = original(self)
        service = result.result["service"]
        request = self._get_params()
        service.availability_zone_rebalancing = "ENABLED"
        service.enable_execute_command = False
        service.enable_ecs_managed_tags = False
        service.platform_version = service.platform_version or "LATEST"
        remember_members(service, request)
        if request.get("capacityProviderStrategy"):
            service.launch_type = None
        service.slipway_deployments = []
        start_deployment(service)
        return result

    @wrap(EC2ContainerServiceResponse, "update_service")
    def update_service(original: Any, self: Any) -> ActionResult:
        request = dict(self._get_params())
        current = self.ecs_backend._get_service(request.get("cluster", "default"), request["service"])
        configuration = current.deployment_configuration
        result = original(self)
        service = result.result["service"]
        # moto stores the configuration of the request as a whole; AWS keeps what the request does not name
        service.deployment_configuration = configuration
        service.task_definition = self.ecs_backend.describe_task_definition(service.task_definition).arn
        remember_members(service, request)
        if request.get("capacityProviderStrategy"):
            service.launch_type = None
        if request.get("forceNewDeployment") or any(name in request for name in DEPLOYING):
            start_deployment(service)
        settle(service)
        return result

    @wrap(Service, "_validate_network")
    def validate_network(original: Any, self: Any, network: dict[str, Any]) -> Any:
        """A service without security groups is valid: AWS takes the default group of the VPC."""
        network["awsvpcConfiguration"].setdefault("securityGroups", [])
        return original(self, network)


def remember_members(service: Service, request: dict[str, Any]) -> None:
    """Stores the echoed members and the deployment configuration on the service."""
    for member in ECHOED:
        if member in request:
            setattr(service, camelcase_to_underscores(member), request[member])
    current = getattr(service, "deployment_configuration", None) or DEFAULT_DEPLOYMENT_CONFIGURATION
    service.deployment_configuration = {**current, **(request.get("deploymentConfiguration") or {})}


def start_deployment(service: Service) -> None:
    """A new primary deployment, complete at once; the old ones stay in the service's history."""
    if service.deployment_controller["type"] != "ECS":
        return
    now = utcnow()
    number = mock_random.randint(10**18, 10**19 - 1)
    deployment = {
        "capacityProviderStrategy": getattr(service, "capacity_provider_strategy", None) or [],
        "createdAt": now,
        "failedTasks": 0,
        "id": f"ecs-svc/{number}",
        "launchType": service.launch_type,
        "networkConfiguration": service.network_configuration or None,
        "platformFamily": "Linux",
        "platformVersion": service.platform_version,
        "rolloutState": "COMPLETED",
        "rolloutStateReason": f"ECS deployment ecs-svc/{number} completed.",
        "status": "PRIMARY",
        "taskDefinition": service.task_definition,
        "updatedAt": now,
    }
    service.deployments = [deployment]
    service.slipway_deployments.append(deployment)
    settle(service)


def settle(service: Service) -> None:
    """Running equals desired, so that every waiter is content."""
    service.running_count = service.desired_count
    service.pending_count = 0
    for deployment in service.deployments:
        deployment.update(desiredCount=service.desired_count, runningCount=service.desired_count, pendingCount=0)


def patch_service_deployments() -> None:
    """Provider 6.4 and later wait for a steady state through these."""

    @add(EC2ContainerServiceResponse)
    def list_service_deployments(self: Any) -> ActionResult:
        services, _ = self.ecs_backend.describe_services(
            self._get_param("cluster", "default"), [self._get_param("service")]
        )
        wanted = self._get_param("status") or []
        deployments = [d for service in services for d in service_deployments(service)]
        return ActionResult({"serviceDeployments": [d for d in deployments if not wanted or d["status"] in wanted]})

    @add(EC2ContainerServiceResponse)
    def describe_service_deployments(self: Any) -> ActionResult:
        wanted = self._get_param("serviceDeploymentArns", [])
        known = {
            d["serviceDeploymentArn"]: d for s in self.ecs_backend.services.values() for d in service_deployments(s)
        }
        return ActionResult(
            {
                "serviceDeployments": [known[arn] for arn in wanted if arn in known],
                "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known],
            }
        )


def service_deployments(service: Service) -> list[dict[str, Any]]:
    """All deployments of a service, the newest first."""
    prefix = service.arn.rsplit(":service/", 1)[0]
    answers = []
    for deployment in reversed(service.slipway_deployments):
        # the provider looks for the number of the deployment's id in the revision's ARN
        name = f"{service.cluster_name}/{service.name}/{deployment['id'].split('/')[-1]}"
        revision = f"{prefix}:service-revision/{name}"
        counts = {"requestedTaskCount": service.desired_count, "runningTaskCount": service.running_count}
        answers.append(
            {
                "clusterArn": service.cluster_arn,
                "createdAt": deployment["createdAt"],
                "finishedAt": deployment["updatedAt"],
                "serviceArn": service.arn,
                "serviceDeploymentArn": f"{prefix}:service-deployment/{name}",
                "startedAt": deployment["createdAt"],
                "status": "SUCCESSFUL",
                "targetServiceRevision": {"arn": revision, **counts, "pendingTaskCount": 0},
                "targetServiceRevisionArn": revision,
            }
        )
    return answers
