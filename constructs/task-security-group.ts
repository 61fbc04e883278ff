import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { Construct } from "constructs";
import type { Context } from "./shared/context";
import type { NetworkLike } from "./shared/network-like";

/** Images, secrets, logs and every AWS API. */
const HTTPS = 443;

export interface TaskSecurityGroupProps {
  readonly context: Context;
  readonly network: NetworkLike;
  /** Whose tasks. */
  readonly name: string;
  /** TCP ports of the internet that the tasks may connect to, besides 443. */
  readonly outboundPorts: readonly number[];
}

/** The group of a task: nothing comes in, and out goes only what is named here or allowed by a peer. */
export class TaskSecurityGroup extends Construct {
  public readonly securityGroupId: string;

  constructor(scope: Construct, id: string, { context, network, name, outboundPorts }: TaskSecurityGroupProps) {
    super(scope, id);
    const fullName = `${context.name}-${name}-tasks`;
    const group = new SecurityGroup(this, "Group", {
      name: fullName,
      vpcId: network.vpcId,
      description: `Tasks of ${name}`,
      tags: { Name: fullName },
    });
    // name resolution needs no rule: the VPC's resolver is out of the reach of groups
    for (const port of new Set([HTTPS, ...outboundPorts])) {
      new VpcSecurityGroupEgressRule(this, `Tcp${port}`, {
        securityGroupId: group.id,
        cidrIpv4: "0.0.0.0/0",
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        description: port === HTTPS ? "HTTPS to AWS and the internet" : `TCP ${port} to the internet`,
      });
    }
    this.securityGroupId = group.id;
  }
}
