"""The record of calls: who made them, what IAM would be asked, on what."""

from __future__ import annotations

import json
import unittest
from typing import Any

from botocore.exceptions import ClientError
from support import (
    ACCOUNT,
    EXISTING_ZONE_ID,
    EXISTING_ZONE_NAME,
    OTHER_ACCOUNT,
    REGION,
    client,
    control,
    network,
    unique,
)

BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
ALLOWED = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [ALLOWED]})


class Caller:
    """A session of a role that no other test takes."""

    def __init__(self, account: str = ACCOUNT) -> None:
        self.role = unique("role")
        self.key = f"{account}.{self.role}"

    def client(self, service: str) -> Any:
        return client(service, self.key)

    def calls(self) -> list[dict[str, Any]]:
        return [call for call in control("calls") if call["role"] == self.role]

    def asked(self) -> list[tuple[str, list[str]]]:
        return [(call["action"], call["resources"]) for call in self.calls()]

    def call(self, action: str) -> dict[str, Any]:
        return next(call for call in self.calls() if call["action"] == action)


def arn(service: str, resource: str, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"


class CallsTest(unittest.TestCase):
    def test_a_key_with_a_role_acts_in_its_account_as_that_role(self) -> None:
        caller = Caller(OTHER_ACCOUNT)
        self.assertEqual(caller.client("sts").get_caller_identity()["Account"], OTHER_ACCOUNT)
        caller.client("sts").get_caller_identity()
        self.assertEqual(
            caller.calls(),
            [
                {
                    "role": caller.role,
                    "account": OTHER_ACCOUNT,
                    "region": REGION,
                    "action": "sts:GetCallerIdentity",
                    "resources": ["*"],
                    "context": {"aws:RequestedRegion": REGION},
                    "ok": True,
                }
            ],
        )

    def test_an_assumed_role_is_named_and_everybody_else_is_nobody(self) -> None:
        role, topic = unique("deploy"), unique("topic")
        session = client("sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/path/{role}", RoleSessionName="test")
        client("sns", session["Credentials"]["AccessKeyId"]).create_topic(Name=topic)
        client("sns").create_topic(Name=topic)
        made = [call["role"] for call in control("calls") if call["resources"] == [arn("sns", topic)]]
        self.assertEqual(made, [role, None])

    def test_what_was_refused_is_recorded_as_such(self) -> None:
        caller = Caller()
        with self.assertRaises(ClientError):
            caller.client("secretsmanager").get_secret_value(SecretId="/none")
        call = caller.call("secretsmanager:GetSecretValue")
        self.assertEqual((call["ok"], call["resources"]), (False, [arn("secretsmanager", "secret:/none-??????")]))

    def test_s3_is_recorded_by_the_names_of_its_permissions(self) -> None:
        caller, bucket = Caller(), unique("bucket")
        s3 = caller.client("s3")
        s3.create_bucket(Bucket=bucket)
        s3.head_bucket(Bucket=bucket)
        s3.get_bucket_versioning(Bucket=bucket)
        s3.delete_bucket_lifecycle(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="a/b", Body=b"1")
        s3.list_object_versions(Bucket=bucket)
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a/b"}]})
        of_bucket, of_object = [f"arn:aws:s3:::{bucket}"], [f"arn:aws:s3:::{bucket}/a/b"]
        self.assertEqual(
            caller.asked(),
            [
                ("s3:CreateBucket", of_bucket),
                ("s3:ListBucket", of_bucket),
                ("s3:GetBucketVersioning", of_bucket),
                ("s3:PutLifecycleConfiguration", of_bucket),
                ("s3:PutObject", of_object),
                ("s3:ListBucketVersions", of_bucket),
                ("s3:DeleteObject", of_object),
            ],
        )

    def test_services_whose_permissions_have_other_names(self) -> None:
        caller = Caller()
        caller.client("elbv2").describe_load_balancers()
        caller.client("cloudwatch").describe_alarms()
        caller.client("budgets").describe_budgets(AccountId=ACCOUNT)
        caller.client("resourcegroupstaggingapi").get_tag_keys()
        self.assertEqual(
            [action for action, _ in caller.asked()],
            [
                "elasticloadbalancing:DescribeLoadBalancers",
                "cloudwatch:DescribeAlarms",
                "budgets:ViewBudget",
                "tag:GetTagKeys",
            ],
        )

    def test_operations_that_only_their_path_names(self) -> None:
        caller, name = Caller(), unique("group")
        text = {"Name": f"{name}.{EXISTING_ZONE_NAME}", "Type": "TXT", "TTL": 60}
        record = {"Action": "UPSERT", "ResourceRecordSet": {**text, "ResourceRecords": [{"Value": '"x"'}]}}
        zone = f"arn:aws:route53:::hostedzone/{EXISTING_ZONE_ID}"
        scheduler = caller.client("scheduler")
        group = scheduler.create_schedule_group(Name=name)["ScheduleGroupArn"]
        scheduler.list_tags_for_resource(ResourceArn=group)
        caller.client("mq").list_brokers()
        route53 = caller.client("route53")
        route53.list_hosted_zones()
        route53.list_resource_record_sets(HostedZoneId=EXISTING_ZONE_ID)
        route53.change_resource_record_sets(HostedZoneId=EXISTING_ZONE_ID, ChangeBatch={"Changes": [record]})
        caller.client("cloudfront").list_distributions()
        self.assertEqual(
            caller.asked(),
            [
                ("scheduler:CreateScheduleGroup", [group]),
                ("scheduler:ListTagsForResource", [group]),
                ("mq:ListBrokers", ["*"]),
                ("route53:ListHostedZones", ["*"]),
                ("route53:ListResourceRecordSets", [zone]),
                ("route53:ChangeResourceRecordSets", [zone]),
                ("cloudfront:ListDistributions", ["*"]),
            ],
        )

    def test_resources_that_requests_name(self) -> None:
        caller = Caller()
        caller.client("ssm").put_parameter(Name="/calls/one", Value="1", Type="String")
        caller.client("ssm").get_parameters_by_path(Path="/calls")
        caller.client("logs").create_log_group(logGroupName="/calls/group")
        queue = caller.client("sqs").create_queue(QueueName="calls")["QueueUrl"]
        caller.client("sqs").get_queue_attributes(QueueUrl=queue)
        caller.client("ecr").create_repository(repositoryName="calls/app")
        self.assertEqual(
            caller.asked(),
            [
                ("ssm:PutParameter", [arn("ssm", "parameter/calls/one")]),
                ("ssm:GetParametersByPath", [arn("ssm", "parameter/calls*")]),
                ("logs:CreateLogGroup", [arn("logs", "log-group:/calls/group")]),
                ("sqs:CreateQueue", [arn("sqs", "calls")]),
                ("sqs:GetQueueAttributes", [arn("sqs", "calls")]),
                ("ecr:CreateRepository", [arn("ecr", "repository/calls/app")]),
            ],
        )

    def test_a_role_that_is_handed_on_is_a_permission_on_it(self) -> None:
        caller, family = Caller(), unique("family")
        roles = [f"arn:aws:iam::{ACCOUNT}:role/calls/{name}" for name in ("execution", "task")]
        ecs = caller.client("ecs")
        ecs.register_task_definition(
            family=family,
            executionRoleArn=roles[0],
            taskRoleArn=roles[1],
            containerDefinitions=[{"name": "main", "image": "image", "memory": 128}],
        )
        passed = [(call["resources"], call["context"]) for call in caller.calls() if call["action"] == "iam:PassRole"]
        context = {"aws:RequestedRegion": REGION, "iam:PassedToService": "ecs-tasks.amazonaws.com"}
        self.assertEqual(passed, [([role], context) for role in roles])

        runner, cluster = Caller(), unique("cluster")
        client("ecs").create_cluster(clusterName=cluster)
        runner.client("ecs").run_task(cluster=cluster, taskDefinition=f"{family}:1", launchType="FARGATE")
        self.assertEqual(
            runner.call("ecs:RunTask")["context"]["ecs:cluster"], arn("ecs", f"cluster/{cluster}")
        )
        self.assertEqual(runner.call("ecs:RunTask")["resources"], [arn("ecs", f"task-definition/{family}:1")])
        self.assertEqual([r for a, r in runner.asked() if a == "iam:PassRole"], [[role] for role in roles])

    def test_tags_of_what_is_made_are_a_permission(self) -> None:
        caller, name = Caller(), unique("tagged")
        caller.client("sns").create_topic(Name=name, Tags=[{"Key": "a", "Value": "b"}])
        caller.client("ec2").create_vpc(
            CidrBlock="10.9.0.0/16",
            TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}],
        )
        caller.client("sqs").create_queue(QueueName=name)
        self.assertEqual(
            [action for action, _ in caller.asked()],
            ["sns:CreateTopic", "sns:TagResource", "ec2:CreateVpc", "ec2:CreateTags", "sqs:CreateQueue"],
        )

    def test_the_boundary_of_a_role_is_that_of_the_request_or_its_own(self) -> None:
        caller, name = Caller(), unique("bounded")
        iam = caller.client("iam")
        iam.create_role(
            RoleName=name, Path="/calls/", AssumeRolePolicyDocument=POLICY, PermissionsBoundary=BOUNDARY
        )
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=POLICY)
        for action in ("iam:CreateRole", "iam:PutRolePolicy"):
            call = caller.call(action)
            self.assertEqual(call["resources"], [f"arn:aws:iam::{ACCOUNT}:role/calls/{name}"])
            self.assertEqual(call["context"]["iam:PermissionsBoundary"], BOUNDARY)

    def test_what_is_touched_tells_its_environment(self) -> None:
        caller, vpc = Caller(), network().vpc
        client("ec2").create_tags(Resources=[vpc], Tags=[{"Key": "environment", "Value": "stage"}])
        caller.client("ec2").modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": True})
        call = caller.call("ec2:ModifyVpcAttribute")
        self.assertEqual(call["resources"], [arn("ec2", f"vpc/{vpc}")])
        self.assertEqual(call["context"]["aws:ResourceTag/environment"], "stage")

    def test_logs_of_a_service_are_asked_for_at_that_service(self) -> None:
        caller, name = Caller(), unique("source")
        source = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"
        caller.client("logs").put_delivery_source(name=name, resourceArn=source, logType="ACCESS_LOGS")
        self.assertEqual(
            caller.asked(),
            [
                ("logs:PutDeliverySource", [arn("logs", f"delivery-source:{name}")]),
                ("cloudfront:AllowVendedLogDeliveryForResource", [source]),
            ],
        )

    def test_a_load_balancer_asks_for_the_security_groups_of_its_network(self) -> None:
        caller = Caller()
        subnets = list(network().subnets)[:2]
        balancer = caller.client("elbv2").create_load_balancer(Name=unique("lb"), Subnets=subnets)
        arn_of_it = balancer["LoadBalancers"][0]["LoadBalancerArn"]
        self.assertIn(("ec2:GetSecurityGroupsForVpc", ["*"]), caller.asked())

        changer = Caller()
        changer.client("elbv2").set_security_groups(LoadBalancerArn=arn_of_it, SecurityGroups=[])
        self.assertIn(("ec2:GetSecurityGroupsForVpc", ["*"]), changer.asked())

        looker = Caller()
        looker.client("elbv2").describe_load_balancers(LoadBalancerArns=[arn_of_it])
        self.assertNotIn("ec2:GetSecurityGroupsForVpc", [action for action, _ in looker.asked()])

    def test_a_range_with_a_role_hands_the_role_on(self) -> None:
        without, given, role = Caller(), Caller(), f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/scaling"
        target = {
            "ServiceNamespace": "ecs",
            "ResourceId": "service/calls/none",
            "ScalableDimension": "ecs:service:DesiredCount",
        }
        for caller, more in ((without, {}), (given, {"RoleARN": role})):
            with self.assertRaises(ClientError):
                caller.client("application-autoscaling").register_scalable_target(**target, MaxCapacity=2, **more)
        self.assertNotIn("iam:PassRole", [action for action, _ in without.asked()])
        self.assertEqual(given.call("iam:PassRole")["resources"], [role])

    def test_a_database_needs_the_option_group_of_aws_and_a_secret(self) -> None:
        caller, name = Caller(), unique("db")
        caller.client("rds").create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="master",
            ManageMasterUserPassword=True,
        )
        for action in ("secretsmanager:CreateSecret", "secretsmanager:TagResource"):
            self.assertEqual(caller.call(action)["resources"], [arn("secretsmanager", "secret:rds!db-????")])
        self.assertEqual(
            caller.call("rds:CreateDBInstance")["resources"],
            [arn("rds", f"db:{name}"), arn("rds", "og:default:postgres")],
        )
