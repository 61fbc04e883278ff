"""Services that answer what was asked of them, and deploy when something of it changes."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.ecs.models import EC2ContainerServiceBackend, Service
from moto.ecs.responses import EC2ContainerServiceResponse

from overlay.ecs import rollouts, service_tasks
from overlay.patching import wrap

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

# a change of one of these starts a deployment on AWS; the same value again does not
DEPLOYING = ("capacity_provider_strategy", "network_configuration", "platform_version", "task_definition")


def apply() -> None:
    """Applies all patches of this module."""
    patch_writing()
    patch_reading()


def patch_writing() -> None:
    """Creates, updates and deletes services with everything that the request says."""

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
        if is_rolling(service):
            rollouts.begin(service)
        return result

    @wrap(EC2ContainerServiceResponse, "update_service")
    def update_service(original: Any, self: Any) -> ActionResult:
        request = dict(self._get_params())
        current = self.ecs_backend._get_service(request.get("cluster", "default"), request["service"])
        configuration, before = current.deployment_configuration, deploying(current)
        result = original(self)
        service = result.result["service"]
        # moto stores the configuration of the request as a whole; AWS keeps what the request does not name
        service.deployment_configuration = configuration
        service.task_definition = self.ecs_backend.describe_task_definition(service.task_definition).arn
        remember_members(service, request)
        if request.get("capacityProviderStrategy"):
            service.launch_type = None
        if not is_rolling(service):
            return result
        if request.get("forceNewDeployment") or deploying(service) != before:
            rollouts.begin(service)
        else:
            scale(service)
        return result

    @wrap(EC2ContainerServiceBackend, "delete_service")
    def delete_service(original: Any, self: Any, cluster_name: str, service_name: str, force: bool) -> Service:
        service = original(self, cluster_name, service_name, force)
        service_tasks.stop_all(service)
        service_tasks.count(service)
        return service

    @wrap(Service, "_validate_network")
    def validate_network(original: Any, self: Any, network: dict[str, Any]) -> Any:
        """A service without security groups is valid: AWS takes the default group of the VPC."""
        network["awsvpcConfiguration"].setdefault("securityGroups", [])
        return original(self, network)


def patch_reading() -> None:
    """Whoever looks sees what has happened by now."""

    @wrap(EC2ContainerServiceBackend, "describe_services")
    def describe_services(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        services, failures = original(self, *args, **kwargs)
        for service in services:
            if service.status == "ACTIVE" and hasattr(service, "slipway_rollouts"):
                rollouts.advance(service)
        return services, failures


def scale(service: Service) -> None:
    """More or fewer tasks of what runs; one that cannot run is not started, a deployment goes on trying."""
    rollout = rollouts.current(service)
    if service_tasks.works(service, service.task_definition):
        service_tasks.fit(service, rollout.primary_id, service.task_definition)
    rollouts.advance(service)


def deploying(service: Service) -> list[Any]:
    """Everything that starts a deployment when it changes."""
    return [getattr(service, name, None) for name in DEPLOYING]


def is_rolling(service: Service) -> bool:
    """Whether ECS itself deploys it."""
    return bool(service.deployment_controller["type"] == "ECS")


def remember_members(service: Service, request: dict[str, Any]) -> None:
    """Stores the echoed members and the deployment configuration on the service."""
    for member in ECHOED:
        if member in request:
            setattr(service, camelcase_to_underscores(member), request[member])
    current = getattr(service, "deployment_configuration", None) or DEFAULT_DEPLOYMENT_CONFIGURATION
    service.deployment_configuration = {**current, **(request.get("deploymentConfiguration") or {})}
