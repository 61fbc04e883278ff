"""What the inventory leaves out, and that nothing can hide from it."""

from __future__ import annotations

import hashlib
import unittest

from support import EXISTING_ZONE_ID, EXISTING_ZONE_NAME, client, control, inventory, network, unique

# an account that nothing else uses
EMPTY_ACCOUNT = "333333333333"


class InventoryTest(unittest.TestCase):
    def test_what_aws_makes_by_itself_is_not_listed(self) -> None:
        listings = {
            "acm": "list_certificates",
            "autoscaling": "describe_auto_scaling_groups",
            "backup": "list_backup_vaults",
            "ce": "get_anomaly_monitors",
            "chatbot": "describe_slack_channel_configurations",
            "cloudfront": "list_distributions",
            "cloudwatch": "describe_alarms",
            "dynamodb": "list_tables",
            "ec2": "describe_managed_prefix_lists",
            "ecr": "describe_repositories",
            "ecs": "list_clusters",
            "elb": "describe_load_balancers",
            "elbv2": "describe_load_balancers",
            "events": "list_event_buses",
            "iam": "list_policies",
            "iot": "list_things",
            "kms": "list_aliases",
            "lambda": "list_functions",
            "logs": "describe_log_groups",
            "mq": "list_brokers",
            "rds": "describe_db_parameter_groups",
            "route53": "list_hosted_zones",
            "s3": "list_buckets",
            "scheduler": "list_schedule_groups",
            "secretsmanager": "list_secrets",
            "sns": "list_topics",
            "sqs": "list_queues",
            "ssm": "describe_parameters",
            "sts": "get_caller_identity",
        }
        for service, operation in listings.items():
            getattr(client(service, EMPTY_ACCOUNT), operation)()
        client("ec2", EMPTY_ACCOUNT).describe_images(Owners=["amazon"])
        client("ssm", EMPTY_ACCOUNT).get_parameters_by_path(Path="/aws/service/ami-amazon-linux-latest")
        found = [entry for entry in control("inventory") if entry.get("account") == EMPTY_ACCOUNT]
        self.assertEqual(found, [])

    def test_service_that_it_cannot_list_is_reported(self) -> None:
        client("codepipeline").list_pipelines()
        unknown = [entry for entry in control("inventory") if entry["type"] == "unknown"]
        self.assertIn("codepipeline", [entry["service"] for entry in unknown])

    def test_network_is_listed_without_what_belongs_to_the_vpc(self) -> None:
        ec2 = client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        before = inventory("ec2")
        self.assertIn(f"vpc {vpc}", before)
        belonging = [
            *ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"],
            *ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"],
            *ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"],
        ]
        self.assertEqual(len(belonging), 3)
        for item in belonging:
            identifier = item.get("GroupId") or item.get("NetworkAclId") or item.get("RouteTableId")
            self.assertFalse([listed for listed in before if identifier in listed])

        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        endpoint = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3")["VpcEndpoint"]
        made = {f"subnet {subnet}", f"route-table {table}", f"vpc-endpoint {endpoint['VpcEndpointId']}"}
        self.assertTrue(made <= inventory("ec2").keys())
        ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"]])
        ec2.delete_route_table(RouteTableId=table)
        ec2.delete_subnet(SubnetId=subnet)
        ec2.delete_vpc(VpcId=vpc)
        self.assertFalse((made | {f"vpc {vpc}"}) & inventory("ec2").keys())

    def test_prefix_list_of_the_account_comes_and_goes(self) -> None:
        ec2 = client("ec2")
        made = ec2.create_managed_prefix_list(PrefixListName=unique("list"), MaxEntries=1, AddressFamily="IPv4")
        identifier = made["PrefixList"]["PrefixListId"]
        self.assertIn(f"prefix-list {identifier}", inventory("ec2"))
        ec2.delete_managed_prefix_list(PrefixListId=identifier)
        self.assertNotIn(f"prefix-list {identifier}", inventory("ec2"))

    def test_identity_is_listed_without_service_linked_roles(self) -> None:
        iam = client("iam")
        name = unique("role")
        role = iam.create_role(RoleName=name, Path="/p/dev/", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
        iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")
        profile = iam.create_instance_profile(InstanceProfileName=name, Path="/p/dev/")["InstanceProfile"]["Arn"]
        listed = inventory("iam")
        self.assertTrue({f"role {role}", f"instance-profile {profile}"} <= listed.keys())
        self.assertFalse([item for item in listed if "aws-service-role" in item or ":iam::aws:" in item])

    def test_zone_is_listed_with_its_own_records_only(self) -> None:
        route53 = client("route53")
        name = f"{unique('zone')}.example"
        zone = route53.create_hosted_zone(Name=name, CallerReference=name)["HostedZone"]["Id"].split("/")[-1]
        self.assertEqual(
            [item for item in inventory("route53") if name in item or zone in item], [f"hosted-zone {zone}"]
        )
        record = {"Name": f"app.{name}", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "10.0.0.1"}]}
        route53.change_resource_record_sets(
            HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        )
        self.assertIn(f"record app.{name}. A", inventory("route53"))

    def test_zone_that_was_there_before_is_used_but_not_listed(self) -> None:
        route53 = client("route53")
        zone = route53.get_hosted_zone(Id=EXISTING_ZONE_ID)["HostedZone"]
        self.assertEqual(zone["Name"], f"{EXISTING_ZONE_NAME}.")
        record = {
            "Name": f"app.{EXISTING_ZONE_NAME}",
            "Type": "A",
            "TTL": 60,
            "ResourceRecords": [{"Value": "10.0.0.1"}],
        }
        route53.change_resource_record_sets(
            HostedZoneId=EXISTING_ZONE_ID, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        )
        listed = inventory("route53")
        self.assertNotIn(f"hosted-zone {EXISTING_ZONE_ID}", listed)
        self.assertIn(f"record app.{EXISTING_ZONE_NAME}. A", listed)

    def test_schedules_and_rules(self) -> None:
        group, rule = unique("group"), unique("rule")
        client("scheduler").create_schedule_group(Name=group)
        target = {"Arn": "arn:aws:ecs:us-east-1:111111111111:cluster/x", "RoleArn": "arn:aws:iam::111111111111:role/x"}
        client("scheduler").create_schedule(
            Name="nightly",
            GroupName=group,
            ScheduleExpression="rate(1 day)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target=target,
        )
        client("events").put_rule(Name=rule, EventPattern='{"source":["aws.ecs"]}')
        self.assertTrue({f"schedule-group {group}", f"schedule {group}/nightly"} <= inventory("scheduler").keys())
        self.assertIn(f"rule default/{rule}", inventory("events"))

    def test_image_in_a_repository(self) -> None:
        ecr = client("ecr")
        name = unique("repository")
        ecr.create_repository(repositoryName=name)
        manifest = '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json"}'
        image = ecr.put_image(repositoryName=name, imageManifest=manifest, imageTag="build-1")["image"]
        digest = "sha256:" + hashlib.sha256(manifest.encode()).hexdigest()
        self.assertEqual(image["imageId"]["imageDigest"], digest)
        self.assertIn(f"image {name}@{digest}", inventory("ecr"))

    def test_network_interface_of_a_test_is_listed(self) -> None:
        interface = client("ec2").create_network_interface(SubnetId=network().subnets[0])["NetworkInterface"]
        self.assertIn(f"network-interface {interface['NetworkInterfaceId']}", inventory("ec2"))
