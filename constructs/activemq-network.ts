import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Construct } from "constructs";
import type { Connectable } from "./shared/connectable";
import type { Context } from "./shared/context";

/** The two ports that the broker has for MQTT; its others, of other protocols and of the console, stay closed. */
const PORTS = {
  Mqtt: { port: 8883, protocol: "MQTT" },
  WebSocket: { port: 61619, protocol: "MQTT over WebSockets" },
} as const;

export interface ActiveMqNetworkProps {
  readonly context: Context;
  readonly vpcId: string;
  /** Address blocks that may connect besides the peers. */
  readonly allowedCidrs: readonly string[];
}

/** The way to a broker: MQTT over TLS from those who are let in, and nothing from there. */
export class ActiveMqNetwork extends Construct implements Connectable {
  public readonly securityGroupId: string;

  constructor(scope: Construct, id: string, { context, vpcId, allowedCidrs }: ActiveMqNetworkProps) {
    super(scope, id);
    const name = `${context.name}-mqtt`;
    const group = new SecurityGroup(this, "Group", {
      name,
      vpcId,
      description: "The MQTT broker of the environment",
      tags: { Name: name },
    });
    this.securityGroupId = group.id;
    for (const [id, { port, protocol }] of Object.entries(PORTS)) {
      const scope = new Construct(this, id);
      for (const cidrIpv4 of allowedCidrs) {
        new VpcSecurityGroupIngressRule(scope, cidrIpv4, {
          securityGroupId: group.id,
          cidrIpv4,
          ipProtocol: "tcp",
          fromPort: port,
          toPort: port,
          description: `${protocol} from ${cidrIpv4}`,
        });
      }
    }
  }

  /** Let a peer connect; the rules belong to the peer, and go with it. */
  public allowFrom(peer: Connectable): void {
    const scope = new Construct(peer, "ToMqttBroker");
    for (const [id, { port, protocol }] of Object.entries(PORTS)) {
      const between = { ipProtocol: "tcp", fromPort: port, toPort: port } as const;
      new VpcSecurityGroupIngressRule(scope, `${id}Into`, {
        securityGroupId: this.securityGroupId,
        referencedSecurityGroupId: peer.securityGroupId,
        description: `${protocol} from ${peer.node.id}`,
        ...between,
      });
      new VpcSecurityGroupEgressRule(scope, `${id}To`, {
        securityGroupId: peer.securityGroupId,
        referencedSecurityGroupId: this.securityGroupId,
        description: `${protocol} to the broker`,
        ...between,
      });
    }
  }
}
