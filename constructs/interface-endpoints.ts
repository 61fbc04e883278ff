import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Construct } from "constructs";
import type { Context } from "./shared/context";
import { pascalCase } from "./shared/pascal-case";

export interface InterfaceEndpointsProps {
  readonly context: Context;
  readonly vpcId: string;
  /** Block that may connect: the VPC's. */
  readonly cidr: string;
  /** Where the endpoints are; one subnet of each zone. */
  readonly subnetIds: readonly string[];
  /** Last parts of the services' names, such as `ecr.api`. */
  readonly services: readonly string[];
}

/** Doors to AWS services inside the VPC: their usual names lead there by private DNS, and only the VPC may knock, by TLS. */
export class InterfaceEndpoints extends Construct {
  public readonly securityGroupId: string;

  constructor(scope: Construct, id: string, props: InterfaceEndpointsProps) {
    super(scope, id);
    const { context, vpcId, cidr, subnetIds, services } = props;
    const group = new SecurityGroup(this, "SecurityGroup", {
      name: `${context.name}-interface-endpoints`,
      description: "Interface endpoints of AWS services",
      vpcId,
      tags: { Name: `${context.name}-interface-endpoints` },
    });
    new VpcSecurityGroupIngressRule(this, "FromVpc", {
      securityGroupId: group.id,
      description: "TLS from anything in the VPC",
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      cidrIpv4: cidr,
    });
    for (const service of services) {
      new VpcEndpoint(this, pascalCase(service), {
        vpcId,
        vpcEndpointType: "Interface",
        serviceName: `com.amazonaws.${context.region}.${service}`,
        subnetIds: [...subnetIds],
        securityGroupIds: [group.id],
        privateDnsEnabled: true,
        tags: { Name: `${context.name}-${service}` },
      });
    }
    this.securityGroupId = group.id;
  }
}
