import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { Construct } from "constructs";
import { boundaryOf, type Context } from "./shared/context";
import { serviceTrust } from "./shared/service-trust";

export interface EnhancedMonitoringRoleProps {
  readonly context: Context;
}

/** The role by which RDS writes operating-system measurements of the environment's instances to CloudWatch Logs. */
export class EnhancedMonitoringRole extends Construct {
  public readonly arn: string;

  constructor(scope: Construct, id: string, { context }: EnhancedMonitoringRoleProps) {
    super(scope, id);
    const role = new IamRole(this, "Role", {
      name: `${context.name}-db-monitoring`,
      path: context.iamPath,
      ...boundaryOf(context),
      assumeRolePolicy: serviceTrust({ service: "monitoring.rds.amazonaws.com", account: context.account }),
    });
    // AWS's own policy: it follows what the service writes
    new IamRolePolicyAttachment(this, "Policy", {
      role: role.name,
      policyArn: "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
    });
    this.arn = role.arn;
  }
}
