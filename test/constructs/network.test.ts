import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { FlowLog } from "@cdktf/provider-aws/lib/flow-log";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { VpcEndpointRouteTableAssociation } from "@cdktf/provider-aws/lib/vpc-endpoint-route-table-association";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Network } from "../../constructs/network";
import type { NetworkInput } from "../../constructs/settings/network";
import { interfaceEndpointServices } from "../../constructs/settings/network";
import type { Context } from "../../constructs/shared/context";
import { synth, type Json, type ResourceType, type Synthesized } from "../support/synth";

const minimal: NetworkInput = { cidr: "10.10.0.0/16", nat: { kind: "none" } };

function built(
  input: Partial<NetworkInput> = {},
  context: Partial<Context> = {},
): { stack: Synthesized; network: Network } {
  let network: Network | undefined;
  const stack = synth((scope, given) => {
    network = new Network(scope, "Network", { context: given, ...minimal, ...input });
  }, context);
  return { stack, network: network! };
}

/** `${aws_vpc.X.id}` and the like, of the one resource whose logical id is `id` before its hash. */
function reference({ json }: Synthesized, { tfResourceType }: ResourceType, id: string, field = "id"): string {
  const keys = Object.keys(json["resource"][tfResourceType] as Json);
  const found = keys.filter((key) => new RegExp(`^${id}_[0-9A-F]{8}$`).test(key));
  if (found.length !== 1) throw new Error(`expected one ${id}, found ${found.length} of ${keys.join(", ")}`);
  return `\${${tfResourceType}.${found[0]}.${field}}`;
}

describe("by default", () => {
  const { stack, network } = built();

  test("there is a public, a private and an isolated subnet in two zones, none of which hands out addresses", () => {
    const subnets = stack.all(Subnet).map((subnet) => [subnet["tags"].Name, subnet["availability_zone"]]);
    expect(subnets.sort()).toEqual([
      ["shop-test-isolated-a", "eu-west-1a"],
      ["shop-test-isolated-b", "eu-west-1b"],
      ["shop-test-private-a", "eu-west-1a"],
      ["shop-test-private-b", "eu-west-1b"],
      ["shop-test-public-a", "eu-west-1a"],
      ["shop-test-public-b", "eu-west-1b"],
    ]);
    expect(stack.all(Subnet).map((subnet) => subnet["map_public_ip_on_launch"])).toEqual(Array(6).fill(false));
    expect(stack.named(Subnet, "Network_Private_B_Subnet")["cidr_block"]).toBe("10.10.32.0/19");
  });

  test("only the public subnets have a way to the internet", () => {
    expect(stack.one(Route)).toMatchObject({
      route_table_id: reference(stack, RouteTable, "Network_PublicRouteTable"),
      destination_cidr_block: "0.0.0.0/0",
      gateway_id: reference(stack, InternetGateway, "Network_InternetGateway"),
    });
    const tableOf = (id: string): string =>
      stack.named(RouteTableAssociation, `Network_${id}_RouteTableAssociation`)["route_table_id"];
    expect(tableOf("Public_A")).toBe(reference(stack, RouteTable, "Network_PublicRouteTable"));
    expect(tableOf("Public_B")).toBe(tableOf("Public_A"));
    expect(tableOf("Isolated_A")).toBe(reference(stack, RouteTable, "Network_IsolatedRouteTable"));
    expect(tableOf("Isolated_B")).toBe(tableOf("Isolated_A"));
    expect(tableOf("Private_A")).toBe(reference(stack, RouteTable, "Network_Private_A_RouteTable"));
    expect(tableOf("Private_B")).toBe(reference(stack, RouteTable, "Network_Private_B_RouteTable"));
  });

  test("whoever uses a public subnet waits for the internet gateway", () => {
    for (const zone of ["A", "B"]) {
      expect(stack.named(Subnet, `Network_Public_${zone}_Subnet`)["depends_on"]).toEqual([
        expect.stringMatching(/^aws_internet_gateway\./),
      ]);
    }
  });

  test("every route table leads to S3 without charge", () => {
    expect(stack.one(VpcEndpoint)).toMatchObject({
      vpc_endpoint_type: "Gateway",
      service_name: "com.amazonaws.eu-west-1.s3",
    });
    const tables = Object.keys(stack.json["resource"]["aws_route_table"]).map((id) => `\${aws_route_table.${id}.id}`);
    expect(tables).toHaveLength(4);
    expect(stack.all(VpcEndpointRouteTableAssociation).map((one) => one["route_table_id"])).toEqual(
      expect.arrayContaining(tables),
    );
  });

  test("the VPC resolves names, and its default security group is empty", () => {
    expect(stack.one(Vpc)).toMatchObject({
      cidr_block: "10.10.0.0/16",
      enable_dns_hostnames: true,
      enable_dns_support: true,
      tags: { Name: "shop-test" },
    });
    expect(Object.keys(stack.one(DefaultSecurityGroup)).sort()).toEqual(["tags", "vpc_id"]);
  });

  test("refused connections are recorded by a role that can write this log and nothing else", () => {
    expect(stack.one(CloudwatchLogGroup)).toMatchObject({ name: "/shop/test/flow-logs", retention_in_days: 14 });
    expect(stack.one(FlowLog)).toMatchObject({
      traffic_type: "REJECT",
      log_destination_type: "cloud-watch-logs",
      log_destination: reference(stack, CloudwatchLogGroup, "Network_FlowLogs_LogGroup", "arn"),
    });
    const role = stack.one(IamRole);
    expect(role).toMatchObject({ name: "shop-test-flow-logs", path: "/shop/test/" });
    expect(role["permissions_boundary"]).toBeUndefined();
    expect(JSON.parse(role["assume_role_policy"]).Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "vpc-flow-logs.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      },
    ]);
    const [statement, ...others] = JSON.parse(stack.one(IamRolePolicy)["policy"]).Statement;
    expect(others).toEqual([]);
    expect(statement.Resource).toEqual([
      `${reference(stack, CloudwatchLogGroup, "Network_FlowLogs_LogGroup", "arn")}:*`,
    ]);
  });

  test("without NAT, tasks are public and have addresses of their own; no gateway is paid for", () => {
    expect(stack.has(NatGateway)).toBe(false);
    expect(network).toMatchObject({
      assignPublicIp: true,
      cidr: "10.10.0.0/16",
      egressAddresses: [],
      interfaceEndpointSecurityGroupId: undefined,
      zones: ["eu-west-1a", "eu-west-1b"],
    });
    expect(network.taskSubnetIds).toBe(network.publicSubnetIds);
    for (const ids of [network.publicSubnetIds, network.privateSubnetIds, network.isolatedSubnetIds]) {
      expect(new Set(ids).size).toBe(2);
    }
  });

  test("a temporary VPC may be destroyed, a permanent one not", () => {
    expect(stack.one(Vpc)["lifecycle"]).toEqual({ prevent_destroy: false });
    expect(built({}, { lifetime: "permanent" }).stack.one(Vpc)["lifecycle"]).toEqual({ prevent_destroy: true });
  });
});

describe("with everything set", () => {
  const { stack, network } = built(
    {
      cidr: "172.16.0.0/20",
      zones: ["c", "a", "b"],
      nat: { kind: "single" },
      interfaceEndpoints: ["ecr.api", "secretsmanager"],
      flowLogs: { traffic: "ALL", retentionDays: 90 },
    },
    { permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/boundary" },
  );

  test("zones are told by letter", () => {
    expect(network.zones).toEqual(["eu-west-1a", "eu-west-1b", "eu-west-1c"]);
    expect(stack.all(Subnet)).toHaveLength(9);
  });

  test("tasks are private", () => {
    expect(network.assignPublicIp).toBe(false);
    expect(network.taskSubnetIds).toBe(network.privateSubnetIds);
  });

  test("interface endpoints answer by the services' usual names, by TLS, to the VPC alone", () => {
    const group = reference(stack, SecurityGroup, "Network_InterfaceEndpoints_SecurityGroup");
    for (const [id, service] of [
      ["EcrApi", "ecr.api"],
      ["Secretsmanager", "secretsmanager"],
    ]) {
      expect(stack.named(VpcEndpoint, `Network_InterfaceEndpoints_${id}`)).toMatchObject({
        vpc_endpoint_type: "Interface",
        service_name: `com.amazonaws.eu-west-1.${service}`,
        private_dns_enabled: true,
        security_group_ids: [group],
        subnet_ids: ["A", "B", "C"].map((zone) => reference(stack, Subnet, `Network_Private_${zone}_Subnet`)),
      });
    }
    expect(stack.one(VpcSecurityGroupIngressRule)).toMatchObject({
      security_group_id: group,
      cidr_ipv4: "172.16.0.0/20",
      ip_protocol: "tcp",
      from_port: 443,
      to_port: 443,
    });
    expect(stack.has(VpcSecurityGroupEgressRule)).toBe(false);
    expect(network.interfaceEndpointSecurityGroupId).toBeDefined();
  });

  test("flow logs as asked, under the boundary", () => {
    expect(stack.one(FlowLog)["traffic_type"]).toBe("ALL");
    expect(stack.one(CloudwatchLogGroup)["retention_in_days"]).toBe(90);
    expect(stack.one(IamRole)["permissions_boundary"]).toBe("arn:aws:iam::123456789012:policy/boundary");
  });
});

test("each service that may be asked for has an endpoint of its own", () => {
  const { stack } = built({ interfaceEndpoints: [...interfaceEndpointServices] });
  const services = stack.all(VpcEndpoint).filter((endpoint) => endpoint["vpc_endpoint_type"] === "Interface");
  expect(services).toHaveLength(interfaceEndpointServices.length);
});

test("flow logs can be declined with a reason", () => {
  const { stack } = built({ flowLogs: { none: true, because: "recorded by the account's own trail" } });
  expect([FlowLog, CloudwatchLogGroup, IamRole].map((type) => stack.has(type))).toEqual([false, false, false]);
});

test.each(["none", "instance", "single", "per-az"] as const)("adding a zone only adds, with NAT %s", (kind) => {
  const [two, four] = [["b", "c"] as const, ["b", "c", "a", "h"] as const].map(
    (zones) => built({ zones: [...zones], nat: { kind } }).stack,
  );
  expect(four!.addresses()).toEqual(expect.arrayContaining(two!.addresses()));
  for (const [type, resources] of Object.entries(two!.json["resource"])) {
    for (const [id, body] of Object.entries(resources as object)) {
      expect({ id, body: four!.json["resource"][type][id] }).toEqual({ id, body });
    }
  }
});

describe("what is refused", () => {
  test.each([
    [
      { cidr: "10.10.5.0/16" },
      'cidr must start where its block starts, got "10.10.5.0/16": did you mean 10.10.0.0/16?',
    ],
    [
      { cidr: "8.8.0.0/16" },
      'cidr must be an IPv4 block of a private range, from /16 to /22, such as 10.10.0.0/16, got "8.8.0.0/16"',
    ],
    [{ zones: ["a"] }, 'zones must be a list of 2 to 4 zone letters, got ["a"]'],
    [
      { zones: ["a", "e"] },
      'zones must not hold both a and e, which share a place in the address plan, got ["a","e"]: replace one by a letter that is not four apart from another',
    ],
    [
      { nat: { kind: "instance", instanceType: "nano" } },
      'nat.instanceType must be an EC2 instance type such as t4g.nano, got "nano"',
    ],
    [{ flowLogs: { traffic: "NONE" } }, 'flowLogs.traffic must be one of "ALL", "REJECT", "ACCEPT", got "NONE"'],
  ])("%j", (input, sentence) => {
    expect(() => built(input as unknown as Partial<NetworkInput>)).toThrow(`test/Network:\n  - ${sentence}`);
  });
});
