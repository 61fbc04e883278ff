"""Permissions that AWS asks for besides the one that is named like the call, and conditions that it looks at.

Roles that are handed to a service: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
Tags of what is made: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
"""

from __future__ import annotations

import re
from typing import Any

from moto.ecs.models import ecs_backends
from moto.iam.models import iam_backends

from calls import resources
from calls.request import Request

Call = tuple[str, list[str], dict[str, str]]

PASSED = {
    "application-autoscaling:RegisterScalableTarget": "application-autoscaling",
    "chatbot:CreateSlackChannelConfiguration": "chatbot",
    "chatbot:UpdateSlackChannelConfiguration": "chatbot",
    "ec2:CreateFlowLogs": "vpc-flow-logs",
    "ecs:RegisterTaskDefinition": "ecs-tasks",
    "ecs:RunTask": "ecs-tasks",
    "events:PutTargets": "events",
    "iot:SetV2LoggingOptions": "iot",
    "rds:CreateDBInstance": "monitoring.rds",
    "rds:CreateDBInstanceReadReplica": "monitoring.rds",
    "rds:ModifyDBInstance": "monitoring.rds",
    "rds:RestoreDBInstanceFromDBSnapshot": "monitoring.rds",
    "rds:RestoreDBInstanceToPointInTime": "monitoring.rds",
    "scheduler:CreateSchedule": "scheduler",
    "scheduler:UpdateSchedule": "scheduler",
}
"""The service that a role in the request is handed to, without `.amazonaws.com`."""

ROLE = re.compile(r"^arn:aws:iam::\d{12}:role/")

TAGGING = {
    "acm": "AddTagsToCertificate",
    "autoscaling": "CreateOrUpdateTags",
    "ec2": "CreateTags",
    "elasticloadbalancing": "AddTags",
    "mq": "CreateTags",
    "rds": "AddTagsToResource",
    "sqs": "TagQueue",
    "ssm": "AddTagsToResource",
}
"""What tags need while something is made, where it is not `TagResource`."""

IAM_TAGGING = re.compile(r"^Create(Role|User|Policy|InstanceProfile)$")
MAKING = re.compile(r"^(Create|Put|Register|Request|Run|Allocate|Restore|Set|Subscribe)")
# actions whose tags are their own business, and those that are about tags
NOT_TAGGED = re.compile(r"Tag|Targets$|^PutObject|^PutImage|Attributes$")


def calls(request: Request) -> list[Call]:
    """What a request needs besides its own action."""
    groups = (passed_roles, tagged, launched, logged, kept, guarded)
    return [call for group in groups for call in group(request)]


def passed_roles(request: Request) -> list[Call]:
    """Handing on a role is a permission on that role."""
    action = request.actions[0]
    service = PASSED.get(action)
    if action == "iam:AddRoleToInstanceProfile":
        service, name = "ec2", request.parameters["RoleName"]
        path = resources.path_of(iam_backends[request.account]["aws"], "roles", name)
        roles = {f"arn:aws:iam::{request.account}:role{path}{name}"}
    elif action == "ecs:RunTask":
        roles = roles_in(request.parameters) | roles_of_definition(request)
    else:
        roles = roles_in(request.parameters) if service else set()
    context = {"iam:PassedToService": f"{service}.amazonaws.com"}
    return [("iam:PassRole", [role], context) for role in sorted(roles)]


def roles_in(value: Any) -> set[str]:
    """Every role that a request names, however deep."""
    if isinstance(value, dict):
        return {role for item in value.values() for role in roles_in(item)}
    if isinstance(value, list):
        return {role for item in value for role in roles_in(item)}
    return {value} if isinstance(value, str) and ROLE.match(value) else set()


def roles_of_definition(request: Request) -> set[str]:
    """The roles of the tasks that are started."""
    backend = ecs_backends[request.account][request.region]
    try:
        definition = backend.describe_task_definition(str(request.parameters.get("taskDefinition", "")))
    except Exception:
        # one that is not there: the call itself fails of that
        return set()
    roles = (getattr(definition, name, None) for name in ("task_role_arn", "execution_role_arn"))
    return {role for role in roles if role}


def tagged(request: Request) -> list[Call]:
    """Tags in a request that makes something are a permission of their own."""
    operation, service = request.operation, request.service
    if service == "s3" or not MAKING.match(operation) or NOT_TAGGED.search(operation) or not has_tags(request):
        return []
    if service == "iam":
        kind = IAM_TAGGING.match(operation)
        action = f"Tag{kind.group(1)}" if kind else "TagResource"
    else:
        action = TAGGING.get(service, "TagResource")
    action = f"{service}:{action}"
    return [(action, made(request), {})] if action not in request.actions else []


def made(request: Request) -> list[str]:
    """What a request makes, without what it is put into."""
    given = request.parameters.get
    unnamed = {
        "ecs:CreateCluster": f"cluster/{given('clusterName', 'default')}",
        "ecs:RegisterTaskDefinition": f"task-definition/{given('family', '')}:*",
        "logs:CreateDelivery": "delivery:*",
    }.get(request.actions[0])
    if unnamed is not None:
        return [resources.arn(request, unnamed)]
    touched = resources.touched(request, request.actions[0])
    databases = [arn for arn in touched if ":db:" in arn]
    return databases if request.service == "rds" and databases else touched


def has_tags(request: Request) -> bool:
    """Whether a request has tags, in JSON or in a form."""
    return any(
        bool(value) and re.match(r"(?:[Tt]ags?(?:\.|$)|[Tt]agList$|ResourceTags|TagSpecification)", name)
        for name, value in request.parameters.items()
    )


def launched(request: Request) -> list[Call]:
    """A group with a launch template starts instances in the name of whoever makes or changes it.

    https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
    """
    if request.actions[0] not in ("autoscaling:CreateAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup"):
        return []
    has_template = any(name.startswith(("LaunchTemplate.", "MixedInstancesPolicy.")) for name in request.parameters)
    return [("ec2:RunInstances", [resources.ANY], {})] if has_template else []


def logged(request: Request) -> list[Call]:
    """The service whose logs are to be delivered is asked whether they may be.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-service-specific.html
    """
    source = str(request.parameters.get("resourceArn", ""))
    if request.actions[0] != "logs:PutDeliverySource" or not source.startswith("arn:"):
        return []
    return [(f"{source.split(':')[2]}:AllowVendedLogDeliveryForResource", [source], {})]


def kept(request: Request) -> list[Call]:
    """RDS keeps the password of a database's master in a secret that it makes in the name of the database's maker.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html#rds-secrets-manager-permissions
    """
    is_kept = str(request.parameters.get("ManageMasterUserPassword", "")).lower() == "true"
    if request.service != "rds" or not is_kept:
        return []
    secret = f"arn:aws:secretsmanager:{request.region}:{request.account}:secret:rds!db-????"
    return [(f"secretsmanager:{action}", [secret], {}) for action in ("CreateSecret", "TagResource")]


def guarded(request: Request) -> list[Call]:
    """The security groups of a network are looked at in the name of whoever gives some to a load balancer.

    https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/3917
    """
    gives = ("elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:SetSecurityGroups")
    return [("ec2:GetSecurityGroupsForVpc", [resources.ANY], {})] if request.actions[0] in gives else []


def context_of(request: Request, action: str) -> dict[str, str]:
    """What conditions of roles ask for."""
    if action.startswith("ecs:") and "cluster" in request.parameters:
        cluster = str(request.parameters["cluster"])
        name = cluster.rpartition("/")[2]
        return {"ecs:cluster": f"arn:aws:ecs:{request.region}:{request.account}:cluster/{name}"}
    if request.service == "iam":
        return boundary_of(request)
    return {}


def boundary_of(request: Request) -> dict[str, str]:
    """The boundary in the request that makes an identity or sets its boundary; else the one that it has."""
    parameters = request.parameters
    given = parameters.get("PermissionsBoundary")
    if not given and "RoleName" in parameters:
        roles = list(iam_backends[request.account]["aws"].roles.values())
        given = next((role.permissions_boundary_arn for role in roles if role.name == parameters["RoleName"]), None)
    return {"iam:PermissionsBoundary": str(given)} if given else {}
