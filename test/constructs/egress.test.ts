import { AutoscalingGroup } from "@cdktf/provider-aws/lib/autoscaling-group";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { NetworkInterface } from "@cdktf/provider-aws/lib/network-interface";
import { Route } from "@cdktf/provider-aws/lib/route";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { architectureOf } from "../../constructs/nat-instance";
import { Network } from "../../constructs/network";
import type { NetworkInput } from "../../constructs/settings/network";
import { contextOf, synth, type Json, type Synthesized } from "../support/synth";

const declinedFlowLogs = { none: true, because: "they have a test of their own" } as const;

function built(nat: NetworkInput["nat"], zones: NetworkInput["zones"] = ["b", "a"]) {
  let network: Network | undefined;
  const stack = synth((scope, context) => {
    network = new Network(scope, "Network", { context, cidr: "10.10.0.0/16", zones, nat, flowLogs: declinedFlowLogs });
  });
  return { stack, network: network! };
}

const defaultRoute = (stack: Synthesized, zone: string): Json =>
  stack.named(Route, `Network_Egress_DefaultRoutes_${zone}`);

test("each private subnet has its own default route, by the same address whatever the NAT is", () => {
  const routes = (["instance", "single", "per-az"] as const).map((kind) =>
    built({ kind })
      .stack.addresses()
      .filter((address) => /DefaultRoutes/.test(address)),
  );
  expect(routes[0]).toHaveLength(2);
  expect(routes[1]).toEqual(routes[0]);
  expect(routes[2]).toEqual(routes[0]);
});

test("switching between kinds changes nothing but NAT resources and default routes", () => {
  const withoutNat = (stack: Synthesized): string[] =>
    stack.addresses().filter((address) => !/Network_Egress_/.test(address));
  const none = built({ kind: "none" }).stack.addresses();
  expect(none.length).toBeGreaterThan(20);
  for (const kind of ["instance", "single", "per-az"] as const) {
    expect(withoutNat(built({ kind }).stack)).toEqual(none);
  }
});

describe("single", () => {
  const { stack, network } = built({ kind: "single" });

  test("one gateway with a lasting address, in the zone that is written first, serves all zones", () => {
    expect(stack.one(NatGateway)).toMatchObject({
      subnet_id: expect.stringMatching(/Network_Public_B_Subnet/),
      allocation_id: expect.stringMatching(/^\$\{aws_eip\.Network_Egress_NatGateways_B_Address/),
      tags: { Name: "shop-test-nat-b" },
    });
    expect(stack.one(Eip)).toMatchObject({ domain: "vpc" });
    for (const zone of ["A", "B"]) {
      expect(defaultRoute(stack, zone)).toMatchObject({
        route_table_id: expect.stringMatching(new RegExp(`Network_Private_${zone}_RouteTable`)),
        destination_cidr_block: "0.0.0.0/0",
        nat_gateway_id: expect.stringMatching(/Network_Egress_NatGateways_B_Gateway/),
      });
    }
    expect(network.egressAddresses).toHaveLength(1);
  });

  test("a gateway goes only after the routes lead elsewhere", () => {
    expect(stack.one(NatGateway)["lifecycle"]).toEqual({ create_before_destroy: true });
  });

  test("going to one per zone only adds", () => {
    expect(built({ kind: "per-az" }).stack.addresses()).toEqual(expect.arrayContaining(stack.addresses()));
  });
});

test("per-az: each zone sends through the gateway in its own zone", () => {
  const { stack, network } = built({ kind: "per-az" });
  for (const zone of ["A", "B"]) {
    expect(stack.named(NatGateway, `Network_Egress_NatGateways_${zone}_Gateway`)["subnet_id"]).toMatch(
      new RegExp(`Network_Public_${zone}_Subnet`),
    );
    expect(defaultRoute(stack, zone)["nat_gateway_id"]).toMatch(
      new RegExp(`Network_Egress_NatGateways_${zone}_Gateway`),
    );
  }
  expect(stack.all(NatGateway)).toHaveLength(2);
  expect(network.egressAddresses).toHaveLength(2);
});

describe("instance", () => {
  const { stack, network } = built({ kind: "instance" });
  const template = stack.one(LaunchTemplate);
  const group = stack.one(AutoscalingGroup);
  const tags = { ...contextOf().tags, Name: "shop-test-nat" };

  test("a group of exactly one in one public subnet replaces the instance when EC2 calls it unhealthy", () => {
    expect(group).toMatchObject({
      name: "shop-test-nat",
      min_size: 1,
      max_size: 1,
      desired_capacity: 1,
      health_check_type: "EC2",
      vpc_zone_identifier: [expect.stringMatching(/Network_Public_B_Subnet/)],
    });
  });

  test("a changed template replaces the instance, the old one first since the interface exists once", () => {
    expect(group["launch_template"]).toEqual({
      id: expect.stringMatching(/^\$\{aws_launch_template\..*\.id\}$/),
      version: expect.stringMatching(/^\$\{aws_launch_template\..*\.latest_version\}$/),
    });
    expect(group["instance_refresh"]).toMatchObject({
      strategy: "Rolling",
      preferences: { min_healthy_percentage: 0 },
    });
  });

  test("routes lead to an interface that outlives instances, once an instance runs, and let go of it last", () => {
    expect(stack.one(NetworkInterface)).toMatchObject({
      source_dest_check: false,
      subnet_id: expect.stringMatching(/Network_Public_B_Subnet/),
      tags: { Name: "shop-test-nat" },
    });
    for (const zone of ["A", "B"]) {
      expect(defaultRoute(stack, zone)).toMatchObject({
        network_interface_id: expect.stringMatching(/Network_Egress_NatInstance_NetworkInterface/),
        depends_on: [expect.stringMatching(/^aws_autoscaling_group\./)],
      });
    }
    expect(group["lifecycle"]).toEqual({ create_before_destroy: true });
  });

  test("the instance takes over the interface and the public address", () => {
    expect(template["user_data"]).toMatch(
      /^\$\{base64encode\(join\("", \["#!\/bin\/sh\\necho eni_id=", aws_network_interface\.\w+\.id, " > \/etc\/fck-nat\.conf\\necho eip_id=", aws_eip\.\w+\.allocation_id, " >> \/etc\/fck-nat\.conf\\nsystemctl restart fck-nat\\n"\]\)\)\}$/,
    );
    expect(stack.one(Eip)).toMatchObject({ domain: "vpc" });
    expect(network.egressAddresses).toHaveLength(1);
  });

  test("it starts only when it may do so and can reach EC2", () => {
    const after = (group["depends_on"] as string[]).map((address) => address.split(".")[0]);
    expect(after.sort()).toEqual([
      "aws_iam_role_policy",
      "aws_route",
      "aws_route_table_association",
      "aws_vpc_security_group_egress_rule",
      "aws_vpc_security_group_ingress_rule",
    ]);
  });

  test("it may act on its interface, its address and itself", () => {
    expect(stack.one(IamRole)).toMatchObject({ name: "shop-test-nat", path: "/shop/test/" });
    expect(stack.one(IamInstanceProfile)).toMatchObject({ path: "/shop/test/" });
    const statements = JSON.parse(stack.one(IamRolePolicy)["policy"]).Statement as Json[];
    const takeOver = ["ec2:AssociateAddress", "ec2:AttachNetworkInterface", "ec2:DisassociateAddress"];
    expect(statements).toEqual([
      {
        Sid: "What",
        Effect: "Allow",
        Action: takeOver,
        Resource: [
          expect.stringMatching(/^\$\{aws_eip\.\w+\.arn\}$/),
          expect.stringMatching(/^\$\{aws_network_interface\.\w+\.arn\}$/),
        ],
      },
      {
        Sid: "ByItself",
        Effect: "Allow",
        Action: [...takeOver, "ec2:ModifyNetworkInterfaceAttribute"],
        Resource: [
          "arn:aws:ec2:eu-west-1:123456789012:instance/*",
          "arn:aws:ec2:eu-west-1:123456789012:network-interface/*",
        ],
        Condition: { StringEquals: { "aws:ResourceTag/Name": "shop-test-nat" } },
      },
    ]);
  });

  test("only the private subnets may send through it; nobody can log in", () => {
    expect(stack.one(VpcSecurityGroupIngressRule)).toMatchObject({ cidr_ipv4: "10.10.0.0/17", ip_protocol: "-1" });
    expect(stack.one(VpcSecurityGroupEgressRule)).toMatchObject({ cidr_ipv4: "0.0.0.0/0", ip_protocol: "-1" });
    expect(template["key_name"]).toBeUndefined();
  });

  test("its disk is encrypted and its metadata needs a token", () => {
    expect(template["metadata_options"]).toEqual({
      http_endpoint: "enabled",
      http_put_response_hop_limit: 1,
      http_tokens: "required",
    });
    expect(template["block_device_mappings"]).toEqual([
      {
        device_name: "/dev/xvda",
        ebs: { delete_on_termination: "true", encrypted: "true", volume_size: 8, volume_type: "gp3" },
      },
    ]);
  });

  test("everything that is launched carries the tags that the provider cannot give", () => {
    expect(template["tag_specifications"]).toEqual(
      ["instance", "volume", "network-interface"].map((resource_type) => ({ resource_type, tags })),
    );
    expect(group["tag"]).toEqual(
      Object.entries(tags).map(([key, value]) => ({ key, value, propagate_at_launch: false })),
    );
  });

  test("the image is fck-nat's newest for the processor of the instance type", () => {
    const imageOf = ({ json }: Synthesized): Json => Object.values(json["data"]["aws_ami"] as Json)[0] as Json;
    expect(template).toMatchObject({
      instance_type: "t4g.nano",
      image_id: expect.stringMatching(/^\$\{data\.aws_ami/),
    });
    expect(imageOf(stack)).toMatchObject({
      owners: ["568608671756"],
      most_recent: true,
      filter: [
        { name: "name", values: ["fck-nat-al2023-*-arm64-*"] },
        { name: "architecture", values: ["arm64"] },
      ],
    });
    const intel = built({ kind: "instance", instanceType: "t3.micro" }).stack;
    expect(intel.one(LaunchTemplate)["instance_type"]).toBe("t3.micro");
    expect(imageOf(intel)["filter"]).toEqual([
      { name: "name", values: ["fck-nat-al2023-*-x86_64-*"] },
      { name: "architecture", values: ["x86_64"] },
    ]);
  });
});

test.each([
  ["t4g.nano", "arm64"],
  ["c7gn.large", "arm64"],
  ["a1.medium", "arm64"],
  ["im4gn.large", "arm64"],
  ["g5g.xlarge", "arm64"],
  ["t3.nano", "x86_64"],
  ["g5.xlarge", "x86_64"],
  ["g4dn.xlarge", "x86_64"],
  ["m7i-flex.large", "x86_64"],
])("%s is %s", (instanceType, architecture) => {
  expect(architectureOf(instanceType)).toBe(architecture);
});
