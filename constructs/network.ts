import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { Route } from "@cdktf/provider-aws/lib/route";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Egress } from "./egress";
import { FlowLogs } from "./flow-logs";
import { InterfaceEndpoints } from "./interface-endpoints";
import type { Monitoring } from "./monitoring";
import { networkSettings, type NetworkInput, type NetworkSettings } from "./settings/network";
import { addressPlan, addressPlanProblems, type AddressPlan } from "./shared/address-plan";
import { BlueprintError } from "./shared/blueprint-error";
import type { Context } from "./shared/context";
import type { NetworkLike } from "./shared/network-like";
import { settingsOf } from "./shared/problems";
import { protectionOf } from "./shared/protection";
import { exceptFromScan } from "./shared/scan-exception";
import { inZone } from "./shared/zone";
import { SubnetTier, type TierSubnet } from "./subnet-tier";
import { TierRouteTable } from "./tier-route-table";

export type NetworkProps = NetworkInput & {
  readonly context: Context;
  /** Who learns that the way out is blocked. Default: nobody, no alarms. */
  readonly monitoring?: Monitoring | undefined;
};

interface Tiers {
  readonly public: readonly TierSubnet[];
  readonly private: readonly TierSubnet[];
  readonly isolated: readonly TierSubnet[];
  /** Default route of the public subnets. */
  readonly toInternet: Route;
}

/**
 * A VPC of public, private and isolated subnets. All of them exist whatever the NAT strategy is, so that switching it moves no
 * subnet; and every zone has its place in the address plan, so that adding one only adds.
 */
export class Network extends Construct implements NetworkLike {
  public readonly assignPublicIp: boolean;
  public readonly cidr: string;
  /** Public addresses that outbound traffic comes from, for whoever has to allow them; empty without NAT. */
  public readonly egressAddresses: readonly string[];
  /** Group of the interface endpoints, if there are any. */
  public readonly interfaceEndpointSecurityGroupId: string | undefined;
  public readonly isolatedSubnetIds: readonly string[];
  public readonly privateSubnetIds: readonly string[];
  public readonly publicSubnetIds: readonly string[];
  public readonly taskSubnetIds: readonly string[];
  public readonly vpcId: string;
  public readonly wayOut: readonly ITerraformDependable[];
  public readonly zones: readonly string[];

  constructor(scope: Construct, id: string, { context, monitoring, ...input }: NetworkProps) {
    super(scope, id);
    const settings = this.checked(input);
    const plan = addressPlan(settings.cidr, settings.zones);
    const vpcId = this.createVpc(context, settings);
    const s3EndpointId = this.createS3Endpoint(context, vpcId);
    const tiers = this.createTiers(context, vpcId, s3EndpointId, plan);
    const egress = this.createEgress(context, monitoring, settings, vpcId, plan, tiers);
    const endpoints = this.createInterfaceEndpoints(context, settings, vpcId, tiers);
    this.createFlowLogs(context, settings, vpcId);

    this.assignPublicIp = egress === undefined;
    this.cidr = settings.cidr;
    this.egressAddresses = egress?.addresses ?? [];
    this.interfaceEndpointSecurityGroupId = endpoints?.securityGroupId;
    this.isolatedSubnetIds = idsOf(tiers.isolated);
    this.privateSubnetIds = idsOf(tiers.private);
    this.publicSubnetIds = idsOf(tiers.public);
    this.taskSubnetIds = egress === undefined ? this.publicSubnetIds : this.privateSubnetIds;
    this.vpcId = vpcId;
    this.wayOut = egress?.routes ?? [tiers.toInternet];
    this.zones = plan.zones.map(({ zone }) => `${context.region}${zone}`);
  }

  private checked(input: NetworkInput): NetworkSettings {
    const settings = settingsOf(this, networkSettings, input);
    const problems = addressPlanProblems(settings.cidr, settings.zones);
    if (problems.length > 0) throw new BlueprintError(this.node.path, problems);
    return settings;
  }

  private createVpc(context: Context, { cidr, flowLogs }: NetworkSettings): string {
    const vpc = new Vpc(this, "Vpc", {
      cidrBlock: cidr,
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: { Name: context.name },
      lifecycle: { preventDestroy: protectionOf(context).protect },
    });
    if ("none" in flowLogs) exceptFromScan(vpc, "CKV2_AWS_11", `network.flowLogs is none: ${flowLogs.because}`);
    // taken over and left without rules: what forgets to name a group can neither send nor receive
    new DefaultSecurityGroup(this, "DefaultSecurityGroup", {
      vpcId: vpc.id,
      tags: { Name: `${context.name}-default-unused` },
    });
    return vpc.id;
  }

  /** Free, and the layers of images come from S3: without it they are most of what a NAT is paid for. */
  private createS3Endpoint(context: Context, vpcId: string): string {
    return new VpcEndpoint(this, "S3Endpoint", {
      vpcId,
      vpcEndpointType: "Gateway",
      serviceName: `com.amazonaws.${context.region}.s3`,
      tags: { Name: `${context.name}-s3` },
    }).id;
  }

  private createTiers(context: Context, vpcId: string, s3EndpointId: string, { zones }: AddressPlan): Tiers {
    const gateway = new InternetGateway(this, "InternetGateway", { vpcId, tags: { Name: context.name } });
    const shared = { context, vpcId, s3EndpointId };
    const routeTable = (id: string, tier: string): string =>
      new TierRouteTable(this, id, { name: `${context.name}-${tier}`, vpcId, s3EndpointId }).routeTableId;
    const publicRouteTableId = routeTable("PublicRouteTable", "public");
    return {
      public: new SubnetTier(this, "Public", {
        ...shared,
        tier: "public",
        zones: zones.map(({ zone, public: cidr }) => ({ zone, cidr })),
        routeTableId: publicRouteTableId,
        // a load balancer is refused in a VPC without internet gateway: whoever uses the subnet waits for it
        after: [gateway],
      }).subnets,
      private: new SubnetTier(this, "Private", {
        ...shared,
        tier: "private",
        zones: zones.map(({ zone, private: cidr }) => ({ zone, cidr })),
      }).subnets,
      isolated: new SubnetTier(this, "Isolated", {
        ...shared,
        tier: "isolated",
        zones: zones.map(({ zone, isolated: cidr }) => ({ zone, cidr })),
        routeTableId: routeTable("IsolatedRouteTable", "isolated"),
      }).subnets,
      toInternet: new Route(this, "ToInternet", {
        routeTableId: publicRouteTableId,
        destinationCidrBlock: "0.0.0.0/0",
        gatewayId: gateway.id,
      }),
    };
  }

  private createEgress(
    context: Context,
    monitoring: Monitoring | undefined,
    { nat, zones }: NetworkSettings,
    vpcId: string,
    { privateHalf }: AddressPlan,
    tiers: Tiers,
  ): Egress | undefined {
    if (nat.kind === "none") return undefined;
    return new Egress(this, "Egress", {
      context,
      monitoring,
      nat,
      vpcId,
      fromCidr: privateHalf,
      // the first zone as written, not by letter: one that is added behind it does not move the NAT
      home: inZone(tiers.public, zones[0]),
      publicSubnets: tiers.public,
      privateSubnets: tiers.private,
      after: [tiers.toInternet],
    });
  }

  private createInterfaceEndpoints(
    context: Context,
    { cidr, interfaceEndpoints }: NetworkSettings,
    vpcId: string,
    tiers: Tiers,
  ): InterfaceEndpoints | undefined {
    if (interfaceEndpoints.length === 0) return undefined;
    return new InterfaceEndpoints(this, "InterfaceEndpoints", {
      context,
      vpcId,
      cidr,
      subnetIds: idsOf(tiers.private),
      services: interfaceEndpoints,
    });
  }

  private createFlowLogs(context: Context, { flowLogs }: NetworkSettings, vpcId: string): void {
    if ("none" in flowLogs) return;
    new FlowLogs(this, "FlowLogs", { context, vpcId, ...flowLogs });
  }
}

function idsOf(subnets: readonly TierSubnet[]): string[] {
  return subnets.map(({ subnetId }) => subnetId);
}
