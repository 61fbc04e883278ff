import { Route } from "@cdktf/provider-aws/lib/route";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Monitoring } from "./monitoring";
import { NatGateways } from "./nat-gateways";
import { NatInstance } from "./nat-instance";
import type { NetworkSettings } from "./settings/network";
import type { Context } from "./shared/context";
import { inZone } from "./shared/zone";
import type { TierSubnet } from "./subnet-tier";

export interface EgressProps {
  readonly context: Context;
  /** Default: no alarms. */
  readonly monitoring?: Monitoring | undefined;
  readonly nat: Exclude<NetworkSettings["nat"], { readonly kind: "none" }>;
  readonly vpcId: string;
  /** Block that may use the NAT: that of all private subnets. */
  readonly fromCidr: string;
  /** Public subnet that a NAT lives in when there is only one. */
  readonly home: TierSubnet;
  readonly publicSubnets: readonly TierSubnet[];
  readonly privateSubnets: readonly TierSubnet[];
  /** What a NAT needs to reach the internet itself: the route of the public subnets. */
  readonly after: readonly ITerraformDependable[];
}

/** Target of a route, and what must be there for it to lead anywhere. */
type Target =
  | { readonly natGatewayId: string }
  | { readonly networkInterfaceId: string; readonly dependsOn: ITerraformDependable[] };

/** A NAT: the addresses that the world sees, and the target of each zone's default route. */
interface Nat {
  readonly addresses: readonly string[];
  readonly targetOf: (zone: string) => Target;
}

/**
 * The way out of the private subnets: a NAT, and one default route per zone. A route is known by its zone alone, so that another
 * NAT strategy changes its target in place: egress pauses for a moment, open connections break, and the public address is
 * another one from then on.
 */
export class Egress extends Construct {
  /** Public addresses that outbound traffic comes from. */
  public readonly addresses: readonly string[];
  /** Default route of each zone: with it a task in that zone reaches the internet. */
  public readonly routes: readonly Route[];

  constructor(scope: Construct, id: string, props: EgressProps) {
    super(scope, id);
    const nat = this.createNat(props);
    const routes = new Construct(this, "DefaultRoutes");
    this.routes = props.privateSubnets.map(
      ({ zone, routeTableId }) =>
        new Route(routes, zone.toUpperCase(), {
          routeTableId,
          destinationCidrBlock: "0.0.0.0/0",
          ...nat.targetOf(zone),
        }),
    );
    this.addresses = nat.addresses;
  }

  private createNat({ context, monitoring, nat, vpcId, fromCidr, home, publicSubnets, after }: EgressProps): Nat {
    switch (nat.kind) {
      case "instance": {
        const { addresses, networkInterfaceId, running } = new NatInstance(this, "NatInstance", {
          context,
          monitoring,
          vpcId,
          subnetId: home.subnetId,
          fromCidr,
          instanceType: nat.instanceType,
          after: [...after, home.association],
        });
        return { addresses, targetOf: () => ({ networkInterfaceId, dependsOn: [running] }) };
      }
      case "single": {
        const { addresses, gateways } = new NatGateways(this, "NatGateways", { context, monitoring, subnets: [home] });
        const { natGatewayId } = inZone(gateways, home.zone);
        return { addresses, targetOf: () => ({ natGatewayId }) };
      }
      case "per-az": {
        const { addresses, gateways } = new NatGateways(this, "NatGateways", {
          context,
          monitoring,
          subnets: publicSubnets,
        });
        return { addresses, targetOf: (zone) => ({ natGatewayId: inZone(gateways, zone).natGatewayId }) };
      }
    }
  }
}
