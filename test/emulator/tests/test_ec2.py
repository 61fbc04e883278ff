"""Networks and NAT."""

from __future__ import annotations

import unittest
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ClientError
from support import client, inventory, network, unique


class Ec2Test(unittest.TestCase):
    def test_nat_gateway_says_its_mode_and_releases_everything_when_deleted(self) -> None:
        ec2 = client("ec2")
        allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
        gateway = ec2.create_nat_gateway(SubnetId=network().subnets[0], AllocationId=allocation)["NatGateway"]
        described = ec2.describe_nat_gateways(NatGatewayIds=[gateway["NatGatewayId"]])["NatGateways"][0]
        self.assertEqual(described["AvailabilityMode"], "zonal")
        interface = described["NatGatewayAddresses"][0]["NetworkInterfaceId"]
        self.assertIn(f"network-interface {interface}", inventory("ec2"))

        ec2.delete_nat_gateway(NatGatewayId=gateway["NatGatewayId"])
        ec2.release_address(AllocationId=allocation)
        left = inventory("ec2")
        self.assertNotIn(f"nat-gateway {gateway['NatGatewayId']}", left)
        self.assertNotIn(f"network-interface {interface}", left)
        self.assertNotIn(f"elastic-ip {allocation}", left)

    def test_knows_the_fck_nat_images_of_both_architectures(self) -> None:
        for architecture in ("arm64", "x86_64"):
            images = client("ec2").describe_images(
                Owners=["568608671756"],
                Filters=[
                    {"Name": "name", "Values": [f"fck-nat-al2023-*-{architecture}-*"]},
                    {"Name": "architecture", "Values": [architecture]},
                ],
            )["Images"]
            self.assertEqual(len(images), 1)
            self.assertEqual(images[0]["Architecture"], architecture)
            self.assertTrue(images[0]["CreationDate"].startswith("2025-09-01"))

    def test_launch_template_keeps_its_own_tags_apart_from_the_tags_of_instances(self) -> None:
        ec2 = client("ec2")
        tags = [{"Key": "project", "Value": "p"}]
        template = ec2.create_launch_template(
            LaunchTemplateName=unique("template"),
            TagSpecifications=[{"ResourceType": "launch-template", "Tags": tags}],
            LaunchTemplateData={
                "ImageId": "ami-12345678",
                "TagSpecifications": [{"ResourceType": "instance", "Tags": tags}],
            },
        )["LaunchTemplate"]
        self.assertEqual(template["Tags"], tags)
        version = ec2.describe_launch_template_versions(LaunchTemplateId=template["LaunchTemplateId"])
        data = version["LaunchTemplateVersions"][0]["LaunchTemplateData"]
        self.assertEqual([s["ResourceType"] for s in data["TagSpecifications"]], ["instance"])
        self.assertEqual(ec2.describe_launch_templates()["LaunchTemplates"][-1]["Tags"], tags)
        changed = [{"Key": "project", "Value": "q"}]
        ec2.create_tags(Resources=[template["LaunchTemplateId"]], Tags=changed)
        self.assertEqual(ec2.describe_launch_templates()["LaunchTemplates"][-1]["Tags"], changed)

    def test_rule_for_all_protocols_can_be_changed(self) -> None:
        ec2 = client("ec2")
        group = ec2.create_security_group(GroupName=unique("group"), Description="test", VpcId=network().vpc)["GroupId"]
        rule = ec2.authorize_security_group_ingress(
            GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}]
        )["SecurityGroupRules"][0]
        changed = {"IpProtocol": "-1", "CidrIpv4": "10.0.0.0/8"}
        ec2.modify_security_group_rules(
            GroupId=group,
            SecurityGroupRules=[{"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "SecurityGroupRule": changed}],
        )
        read = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]])
        self.assertEqual(read["SecurityGroupRules"][0]["CidrIpv4"], "10.0.0.0/8")

    def test_rule_between_groups_keeps_its_description(self) -> None:
        ec2 = client("ec2")
        vpc = network().vpc
        one, other = (
            ec2.create_security_group(GroupName=unique("group"), Description="test", VpcId=vpc)["GroupId"]
            for _ in range(2)
        )
        pair = {"GroupId": other, "Description": "requests"}
        rule = ec2.authorize_security_group_ingress(
            GroupId=one,
            IpPermissions=[{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [pair]}],
        )["SecurityGroupRules"][0]["SecurityGroupRuleId"]

        def description() -> str:
            return ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule])["SecurityGroupRules"][0][
                "Description"
            ]

        self.assertEqual(description(), "requests")
        changed = {
            "IpProtocol": "tcp",
            "FromPort": 80,
            "ToPort": 80,
            "ReferencedGroupId": other,
            "Description": "health",
        }
        ec2.modify_security_group_rules(
            GroupId=one, SecurityGroupRules=[{"SecurityGroupRuleId": rule, "SecurityGroupRule": changed}]
        )
        self.assertEqual(description(), "health")

    def test_endpoints_follow_route_tables_and_subnets(self) -> None:
        ec2 = client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
        tables = [ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2)]
        subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.8.{i}.0/24")["Subnet"]["SubnetId"] for i in range(2)]

        def routed(table: str) -> bool:
            routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
            return any(route.get("GatewayId", "").startswith("vpce-") for route in routes)

        gateway = ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", RouteTableIds=tables[:1]
        )["VpcEndpoint"]
        self.assertEqual(gateway["VpcEndpointType"], "Gateway")
        ec2.modify_vpc_endpoint(
            VpcEndpointId=gateway["VpcEndpointId"], AddRouteTableIds=tables[1:], RemoveRouteTableIds=tables[:1]
        )
        self.assertEqual([routed(table) for table in tables], [False, True])

        interface = ec2.create_vpc_endpoint(
            VpcId=vpc,
            ServiceName="com.amazonaws.us-east-1.ecr.api",
            VpcEndpointType="Interface",
            SubnetIds=subnets[:1],
        )["VpcEndpoint"]["VpcEndpointId"]
        ec2.modify_vpc_endpoint(VpcEndpointId=interface, AddSubnetIds=subnets[1:], RemoveSubnetIds=subnets[:1])
        described = ec2.describe_vpc_endpoints(VpcEndpointIds=[interface])["VpcEndpoints"][0]
        self.assertEqual(described["SubnetIds"], subnets[1:])
        interfaces = ec2.describe_network_interfaces(NetworkInterfaceIds=described["NetworkInterfaceIds"])
        self.assertEqual([i["SubnetId"] for i in interfaces["NetworkInterfaces"]], subnets[1:])

        ec2.delete_vpc_endpoints(VpcEndpointIds=[interface, gateway["VpcEndpointId"]])
        for subnet in subnets:
            ec2.delete_subnet(SubnetId=subnet)
        for table in tables:
            ec2.delete_route_table(RouteTableId=table)
        ec2.delete_vpc(VpcId=vpc)
        left = inventory("ec2")
        self.assertFalse({f"network-interface {i}" for i in described["NetworkInterfaceIds"]} & left.keys())

    def test_rules_revoked_at_the_same_time_are_all_gone(self) -> None:
        """moto reads and then replaces a group's list of rules: Terraform deletes ten of them at once."""
        ec2 = client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
        group = ec2.create_security_group(GroupName="parallel", Description="parallel", VpcId=vpc)["GroupId"]
        permissions = [
            {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
            for port in range(1000, 1050)
        ]
        answer = ec2.authorize_security_group_egress(GroupId=group, IpPermissions=permissions)
        rules = [rule["SecurityGroupRuleId"] for rule in answer["SecurityGroupRules"]]

        def revoke(rule: str) -> None:
            ec2.revoke_security_group_egress(GroupId=group, SecurityGroupRuleIds=[rule])

        with ThreadPoolExecutor(10) as pool:
            list(pool.map(revoke, rules))
        left = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
        self.assertFalse({rule["SecurityGroupRuleId"] for rule in left["SecurityGroupRules"]} & set(rules))

        with self.assertRaises(ClientError) as again:
            revoke(rules[0])
        self.assertEqual(again.exception.response["Error"]["Code"], "InvalidSecurityGroupRuleId.NotFound")


class AutoScalingTest(unittest.TestCase):
    def test_group_answers_what_was_asked_and_takes_its_instances_away(self) -> None:
        ec2, autoscaling = client("ec2"), client("autoscaling")
        template = ec2.create_launch_template(
            LaunchTemplateName=unique("template"),
            LaunchTemplateData={"ImageId": "ami-0f0c0a7a75e1fc1a0", "InstanceType": "t4g.nano"},
        )["LaunchTemplate"]["LaunchTemplateId"]
        name = unique("group")
        asked = {
            "DefaultInstanceWarmup": 30,
            "MaxInstanceLifetime": 1209600,
            "HealthCheckGracePeriod": 0,
            "TerminationPolicies": ["OldestInstance"],
        }
        autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=1,
            MaxSize=1,
            VPCZoneIdentifier=network().subnets[0],
            LaunchTemplate={"LaunchTemplateId": template, "Version": "1"},
            **asked,
        )
        group = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]
        self.assertEqual({key: group[key] for key in asked}, asked)
        instance = group["Instances"][0]["InstanceId"]

        autoscaling.update_auto_scaling_group(AutoScalingGroupName=name, DefaultInstanceWarmup=60)
        group = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]
        self.assertEqual(group["DefaultInstanceWarmup"], 60)
        self.assertEqual(group["MaxInstanceLifetime"], 1209600)

        refresh = autoscaling.start_instance_refresh(AutoScalingGroupName=name)["InstanceRefreshId"]
        refreshes = autoscaling.describe_instance_refreshes(AutoScalingGroupName=name, InstanceRefreshIds=[refresh])
        self.assertEqual([r["Status"] for r in refreshes["InstanceRefreshes"]], ["Successful"])

        interfaces = [
            interface["NetworkInterfaceId"]
            for reservation in ec2.describe_instances(InstanceIds=[instance])["Reservations"]
            for interface in reservation["Instances"][0]["NetworkInterfaces"]
        ]
        self.assertTrue(interfaces)
        autoscaling.put_lifecycle_hook(
            AutoScalingGroupName=name,
            LifecycleHookName="hook",
            LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING",
        )
        self.assertIn(f"instance {instance}", inventory("ec2"))
        self.assertIn(f"lifecycle-hook {name}_hook", inventory("autoscaling"))
        autoscaling.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
        left = inventory("ec2")
        self.assertFalse({f"instance {instance}", *(f"network-interface {i}" for i in interfaces)} & left.keys())
        left = inventory("autoscaling")
        self.assertNotIn(f"group {name}", left)
        self.assertNotIn(f"lifecycle-hook {name}_hook", left)
