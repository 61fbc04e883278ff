import { Eip } from "@cdktf/provider-aws/lib/eip";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { Construct } from "constructs";
import { natGatewayAlarms } from "./alarms/nat-alarms";
import { watchAll } from "./alarms/watch-all";
import type { Monitoring } from "./monitoring";
import type { Context } from "./shared/context";
import type { TierSubnet } from "./subnet-tier";

export interface NatGatewaysProps {
  readonly context: Context;
  /** Default: no alarms. */
  readonly monitoring?: Monitoring | undefined;
  /** Public subnets, each of which gets a gateway. */
  readonly subnets: readonly TierSubnet[];
}

/** A gateway and where it is. */
export interface ZoneGateway {
  /** Letter of the zone. */
  readonly zone: string;
  readonly natGatewayId: string;
}

/**
 * NAT gateways with a lasting public address each, keyed by zone, so that going from one to one per zone only adds. A gateway
 * that goes gives its address back to AWS for good.
 */
export class NatGateways extends Construct {
  /** Public addresses that outbound traffic comes from. */
  public readonly addresses: readonly string[];
  /** In the order of the subnets. */
  public readonly gateways: readonly ZoneGateway[];

  constructor(scope: Construct, id: string, { context, monitoring, subnets }: NatGatewaysProps) {
    super(scope, id);
    const made = subnets.map(({ zone, subnetId }) => {
      const scope = new Construct(this, zone.toUpperCase());
      const tags = { Name: `${context.name}-nat-${zone}` };
      const address = new Eip(scope, "Address", { domain: "vpc", tags });
      const gateway = new NatGateway(scope, "Gateway", {
        allocationId: address.allocationId,
        subnetId,
        tags,
        // it goes only after the routes lead elsewhere
        lifecycle: { createBeforeDestroy: true },
      });
      watchAll(scope, monitoring, natGatewayAlarms(gateway.id, zone));
      return { zone, natGatewayId: gateway.id, address: address.publicIp };
    });
    this.addresses = made.map(({ address }) => address);
    this.gateways = made.map(({ zone, natGatewayId }) => ({ zone, natGatewayId }));
  }
}
