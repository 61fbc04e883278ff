import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Context } from "./shared/context";
import { TierRouteTable } from "./tier-route-table";

export interface SubnetTierProps {
  readonly context: Context;
  readonly vpcId: string;
  /** Word in the console names: `public`, `private` or `isolated`. */
  readonly tier: string;
  /** Zones and their blocks. */
  readonly zones: readonly { readonly zone: string; readonly cidr: string }[];
  /** Gateway endpoint that leads to S3, for the route tables that are made here. */
  readonly s3EndpointId: string;
  /** Route table of all zones. Default: each zone gets one of its own, for routes that differ by zone. */
  readonly routeTableId?: string;
  /** What must exist before anything is placed in these subnets. Default: nothing. */
  readonly after?: readonly ITerraformDependable[];
}

/** A subnet of a tier. */
export interface TierSubnet {
  /** Letter of the zone. */
  readonly zone: string;
  readonly subnetId: string;
  readonly routeTableId: string;
  /** What makes the subnet use the route table. */
  readonly association: ITerraformDependable;
}

/** Subnets of one kind, one in each zone, joined to their route tables; the routes are the caller's. */
export class SubnetTier extends Construct {
  /** In the order of the zones. */
  public readonly subnets: readonly TierSubnet[];

  constructor(scope: Construct, id: string, props: SubnetTierProps) {
    super(scope, id);
    this.subnets = props.zones.map(({ zone, cidr }) => this.createSubnet(zone, cidr, props));
  }

  private createSubnet(zone: string, cidrBlock: string, props: SubnetTierProps): TierSubnet {
    const { context, vpcId, s3EndpointId, tier, after } = props;
    const scope = new Construct(this, zone.toUpperCase());
    const name = `${context.name}-${tier}-${zone}`;
    const subnet = new Subnet(scope, "Subnet", {
      vpcId,
      cidrBlock,
      availabilityZone: `${context.region}${zone}`,
      // a public address is asked for where it is needed, never handed out by the subnet
      mapPublicIpOnLaunch: false,
      tags: { Name: name },
      ...(after === undefined ? {} : { dependsOn: [...after] }),
    });
    const routeTableId =
      props.routeTableId ?? new TierRouteTable(scope, "RouteTable", { name, vpcId, s3EndpointId }).routeTableId;
    const association = new RouteTableAssociation(scope, "RouteTableAssociation", {
      subnetId: subnet.id,
      routeTableId,
    });
    return { zone, subnetId: subnet.id, routeTableId, association };
  }
}
