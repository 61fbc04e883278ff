"""What a call touches, as ARNs, where the request tells."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends

from calls.request import Request

ANY = "*"
Parameters = dict[str, Any]

NAMED: dict[str, dict[str, str]] = {
    "cloudwatch": {
        "AlarmName": "alarm:{}",
        "AlarmNames": "alarm:{}",
        "DashboardName": "dashboard/{}",
        "DashboardNames": "dashboard/{}",
        "ResourceARN": "{}",
    },
    "ecr": {"repositoryName": "repository/{}", "repositoryNames": "repository/{}", "resourceArn": "{}"},
    "events": {"Rule": "rule/{}", "Name": "rule/{}", "ResourceARN": "{}"},
    "kms": {"KeyId": "key/{}", "AliasName": "{}", "TargetKeyId": "key/{}"},
    "logs": {
        "logGroupName": "log-group:{}",
        "logGroupIdentifier": "log-group:{}",
        "name": "{}",
        "deliverySourceName": "delivery-source:{}",
        "deliveryDestinationArn": "{}",
        "deliveryDestinationName": "delivery-destination:{}",
        "id": "delivery:{}",
        "resourceArn": "{}",
    },
    "rds": {
        "DBInstanceIdentifier": "db:{}",
        "DBParameterGroupName": "pg:{}",
        "DBSnapshotIdentifier": "snapshot:{}",
        "DBSubnetGroupName": "subgrp:{}",
        "FinalDBSnapshotIdentifier": "snapshot:{}",
        "ResourceName": "{}",
        "SourceDBInstanceIdentifier": "db:{}",
        "SubscriptionName": "es:{}",
    },
    "secretsmanager": {"Name": "secret:{}-??????", "SecretId": "secret:{}-??????"},
    "sns": {"Name": "{}", "ResourceArn": "{}", "SubscriptionArn": "{}", "TopicArn": "{}"},
    "sqs": {"QueueName": "{}", "QueueUrl": "{}"},
    "ssm": {"Name": "parameter/{}", "Names": "parameter/{}", "Path": "parameter/{}*", "ResourceId": "parameter/{}"},
}
"""By parameter, the resource's part of its ARN."""

LOGS_NAME = {"DeliveryDestination": "delivery-destination:{}", "DeliverySource": "delivery-source:{}"}

WITHOUT_RESOURCE = re.compile(
    "|".join(
        [
            r"application-autoscaling:Describe.*",
            r"cloudwatch:(DescribeAlarms|ListDashboards|ListMetrics|GetMetric.*)",
            r"ecr:GetAuthorizationToken",
            # ListTasks is allowed by the cluster, as a condition: https://github.com/cdklabs/construct-hub/pull/1207
            r"ecs:(CreateCluster|(Deregister|Describe|Register)TaskDefinition|List(TaskDefinition.*|Clusters|Tasks))",
            r"events:List(Rules|EventBuses)",
            r"kms:(CreateKey|List(Aliases|Keys)|GenerateRandom)",
            r"logs:(Describe(LogGroups|ResourcePolicies|Deliver.*)|(Put|Delete)ResourcePolicy|CreateDelivery)",
            r"rds:Describe(OrderableDBInstanceOptions|DBEngineVersions|Certificates|Events)",
            r"secretsmanager:(GetRandomPassword|ListSecrets|BatchGetSecretValue)",
            r"sns:(ListTopics|ListSubscriptions|GetSubscriptionAttributes|SetSubscriptionAttributes|Unsubscribe)",
            r"sqs:ListQueues",
            r"ssm:DescribeParameters",
        ]
    )
)
"""Actions that IAM gives no resource; policies must say `*`."""

IDENTITIES = {
    "RoleName": ("role", "roles"),
    "UserName": ("user", "users"),
    "GroupName": ("group", "groups"),
    "InstanceProfileName": ("instance-profile", "instance_profiles"),
}

EC2_KINDS = {
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "i": "instance",
    "igw": "internet-gateway",
    "lt": "launch-template",
    "nat": "natgateway",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
EC2_ID = re.compile(r"^([a-z]+)-[0-9a-f]{8,17}$")


def touched(request: Request, action: str) -> list[str]:
    """The ARNs that the policy of a caller must allow the action on."""
    if WITHOUT_RESOURCE.fullmatch(action):
        return [ANY]
    service, parameters = request.service, request.parameters
    if service == "s3":
        found = parameters["arns"]
    elif action == "application-autoscaling:RegisterScalableTarget":
        # one that is not made yet has no id
        found = [arn(request, "scalable-target/*")]
    elif action == "logs:PutDeliverySource":
        # what the logs come from is asked for by its own service
        found = [arn(request, f"delivery-source:{parameters.get('name', '')}")]
    elif service == "ec2":
        found = of_ec2(request)
    elif service == "ecs":
        found = of_ecs(request)
    elif service == "iam":
        found = of_iam(request)
    elif service == "route53":
        found = of_route53(request, action)
    elif service == "scheduler":
        found = of_scheduler(request)
    else:
        found = of_names(request)
    return sorted(set(found)) or [ANY]


def arn(request: Request, resource: str) -> str:
    """The ARN of a resource of the request's service; what is an ARN already stays one."""
    if resource.startswith("arn:"):
        return resource
    region = "" if request.service == "iam" or resource.startswith("dashboard/") else request.region
    return f"arn:aws:{request.service}:{region}:{request.account}:{resource}"


def values(parameters: Parameters, name: str) -> list[str]:
    """A parameter's texts, whether it comes in JSON or in a form, alone or as a list."""
    value = parameters.get(name)
    if isinstance(value, list):
        return [item for item in value if isinstance(item, str)]
    if isinstance(value, str):
        return [value]
    return [text for key, text in parameters.items() if re.fullmatch(rf"{name}\.(?:\w+\.)?\d+", key)]


def of_names(request: Request) -> list[str]:
    """Services whose resources are named by parameters."""
    found = []
    for parameter, template in NAMED.get(request.service, {}).items():
        for value in values(request.parameters, parameter):
            name = value
            if request.service == "ssm" and not name.startswith("arn:"):
                name = name.lstrip("/")
            if request.service == "sqs":
                name = name.rpartition("/")[2]
            if request.service == "logs" and parameter == "name":
                template = next((text for kind, text in LOGS_NAME.items() if kind in request.operation), "{}")
            if request.service == "kms" and name.startswith("alias/"):
                template = "{}"
            text = arn(request, name if name.startswith("arn:") else template.format(name))
            if request.service == "ecr" and "registryId" in request.parameters:
                text = text.replace(f":{request.account}:", f":{request.parameters['registryId']}:", 1)
            # a log group's ARN ends in `:*` in some of its answers
            found.append(text.removesuffix(":*") if request.service == "logs" else text)
    if request.service == "rds":
        found += default_groups(request)
    return found


def default_groups(request: Request) -> list[str]:
    """A database without groups of its own is put into AWS's, which its maker must be allowed too."""
    if not re.match(r"(Create|Restore)DBInstance", request.operation):
        return []
    named = request.parameters.get("OptionGroupName")
    return [arn(request, f"og:{named or 'default:postgres'}")]


def of_iam(request: Request) -> list[str]:
    """Identities with their paths: what is there knows its own, what is made says it."""
    found = [value for name in ("PolicyArn", "ServiceLinkedRoleArn") for value in values(request.parameters, name)]
    if request.operation in ("AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy", "AttachGroupPolicy"):
        # the policy is a condition of these, not what they touch
        found = []
    if request.operation == "CreateServiceLinkedRole":
        service = request.parameters.get("AWSServiceName", "")
        return [arn(request, f"role/aws-service-role/{service}/AWSServiceRole")]
    backend = iam_backends[request.account]["aws"]
    named = [name for name in IDENTITIES if name in request.parameters]
    if request.operation in ("AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile"):
        named = ["InstanceProfileName"]
    if request.operation in ("AddUserToGroup", "RemoveUserFromGroup"):
        named = ["GroupName"]
    for name in named:
        kind, collection = IDENTITIES[name]
        identity = request.parameters[name]
        path = request.parameters.get("Path") or path_of(backend, collection, identity)
        found.append(arn(request, f"{kind}{path}{identity}"))
    if request.operation == "CreatePolicy":
        found.append(arn(request, f"policy{request.parameters.get('Path', '/')}{request.parameters['PolicyName']}"))
    return found


def path_of(backend: Any, collection: str, name: str) -> str:
    """The path of an identity that is there."""
    for identity in list(getattr(backend, collection).values()):
        if getattr(identity, "name", None) == name:
            return str(getattr(identity, "path", None) or "/")
    return "/"


def of_ecs(request: Request) -> list[str]:
    """Services and tasks live in a cluster, whose name is part of their ARNs."""
    parameters, operation = request.parameters, request.operation
    cluster = str(parameters.get("cluster") or "default").rpartition("/")[2]

    def within(kind: str, name: str) -> str:
        short = name.rpartition("/")[2]
        return name if name.startswith("arn:") else arn(request, f"{kind}/{cluster}/{short}")

    definitions = [
        text if text.startswith("arn:") else arn(request, f"task-definition/{text}")
        for text in [*values(parameters, "taskDefinition"), *values(parameters, "taskDefinitions")]
    ]
    if operation in ("RunTask", "DeleteTaskDefinitions"):
        return definitions
    if "resourceArn" in parameters:
        return values(parameters, "resourceArn")
    services = [*values(parameters, "service"), *values(parameters, "services"), *values(parameters, "serviceName")]
    tasks = [*values(parameters, "task"), *values(parameters, "tasks")]
    if services or tasks:
        return [within("service", name) for name in services] + [within("task", name) for name in tasks]
    deployments = [*values(parameters, "serviceDeploymentArns"), *values(parameters, "serviceDeploymentArn")]
    if deployments:
        return deployments
    if "CapacityProvider" in operation and "Cluster" not in operation:
        parts = ("name", "capacityProvider", "capacityProviders")
        names = [text for part in parts for text in values(parameters, part)]
        return [arn(request, name if name.startswith("arn:") else f"capacity-provider/{name}") for name in names]
    clusters = [*values(parameters, "cluster"), *values(parameters, "clusters"), *values(parameters, "clusterName")]
    return [arn(request, name if name.startswith("arn:") else f"cluster/{name}") for name in clusters]


def of_route53(request: Request, action: str) -> list[str]:
    """Zones, by the path of the request; they are of no region, and their ARNs name no account."""
    of_zone = re.search("HostedZone|ResourceRecordSets", action) and "Id" in request.parameters
    return [f"arn:aws:route53:::hostedzone/{request.parameters['Id']}"] if of_zone else []


def of_scheduler(request: Request) -> list[str]:
    """A schedule's ARN has its group's name."""
    parameters = request.parameters
    if "ResourceArn" in parameters:
        return values(parameters, "ResourceArn")
    name = parameters.get("Name", "")
    if request.operation.endswith("ScheduleGroup"):
        return [arn(request, f"schedule-group/{name}")]
    group = parameters.get("GroupName") or parameters.get("groupName") or "default"
    return [arn(request, f"schedule/{group}/{name}")]


def of_ec2(request: Request) -> list[str]:
    """Everything that a request names by an id of AWS; what a creation makes has none yet."""
    if request.operation.startswith("Describe"):
        return []
    found = []
    for value in request.parameters.values():
        matched = EC2_ID.match(value) if isinstance(value, str) else None
        kind = EC2_KINDS.get(matched.group(1)) if matched else None
        if kind is not None:
            found.append(arn(request, f"{kind}/{value}"))
    return found


def by_environment(request: Request, arns: Iterable[str]) -> list[tuple[dict[str, str], list[str]]]:
    """The ARNs of a call by the environment that they are tagged with, as a condition sees it."""
    groups: dict[str | None, list[str]] = {}
    for text in arns:
        groups.setdefault(environment_of(request, text), []).append(text)
    return [({} if tag is None else {"aws:ResourceTag/environment": tag}, group) for tag, group in groups.items()]


def environment_of(request: Request, text: str) -> str | None:
    """The tag `environment` of what a call touches, as far as it is EC2's, which gives names to nothing."""
    if request.service != "ec2" or text == ANY:
        return None
    tags = ec2_backends[request.account][request.region].tags.get(text.rpartition("/")[2]) or {}
    value = tags.get("environment")
    return value if isinstance(value, str) else None
