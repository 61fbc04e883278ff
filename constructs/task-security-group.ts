import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { Construct } from "constructs";
import type { Context } from "./shared/context";
import type { NetworkLike } from "./shared/network-like";
import { exceptFromScan } from "./shared/scan-exception";

/** Images, secrets, logs and every AWS API. */
const HTTPS = 443;

export interface TaskSecurityGroupProps {
  readonly context: Context;
  readonly network: NetworkLike;
  /** Whose tasks. */
  readonly name: string;
  /** TCP ports of the internet that the tasks may connect to, besides 443. */
  readonly outboundPorts: readonly number[];
  /** Who has the group, where that is no resource of the stack. Default: a service. */
  readonly wornBy?: string;
}

/** The group of a task: nothing comes in, and out goes only what is named here or allowed by a peer. */
export class TaskSecurityGroup extends Construct {
  public readonly securityGroupId: string;

  constructor(scope: Construct, id: string, { context, network, name, outboundPorts, wornBy }: TaskSecurityGroupProps) {
    super(scope, id);
    const fullName = `${context.name}-${name}-tasks`;
    const group = new SecurityGroup(this, "Group", {
      name: fullName,
      vpcId: network.vpcId,
      description: `Tasks of ${name}`,
      tags: { Name: fullName },
    });
    if (wornBy !== undefined) exceptFromScan(group, "CKV2_AWS_5", `belongs to ${wornBy}, which no stack holds`);
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
