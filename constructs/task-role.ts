import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Construct } from "constructs";
import { boundaryOf, type Context } from "./shared/context";
import { serviceTrust } from "./shared/service-trust";
import type { Grantee } from "./shared/grantee";

/** A permission, as IAM writes it. */
export interface Permission {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

export interface TaskRoleProps {
  readonly context: Context;
  /** Name of the role, below the environment's prefix. */
  readonly name: string;
  readonly description: string;
  /** What it may do from the beginning. Default: nothing. */
  readonly baseline?: readonly Permission[];
}

/** A role that tasks of this account take; beyond its baseline it may do what it is allowed to, one policy per permission. */
export class TaskRole extends Construct implements Grantee {
  public readonly arn: string;
  private readonly roleName: string;

  constructor(scope: Construct, id: string, { context, name, description, baseline = [] }: TaskRoleProps) {
    super(scope, id);
    const role = new IamRole(this, "Role", {
      name: `${context.name}-${name}`,
      path: context.iamPath,
      ...boundaryOf(context),
      description,
      assumeRolePolicy: serviceTrust({
        service: "ecs-tasks.amazonaws.com",
        account: context.account,
        sourceArnLike: `arn:aws:ecs:${context.region}:${context.account}:*`,
      }),
    });
    this.arn = role.arn;
    this.roleName = role.name;
    if (baseline.length > 0) this.attach("Baseline", baseline);
  }

  public allow(sid: string, actions: readonly string[], resources: readonly string[]): void {
    this.attach(sid, [{ Sid: sid, Action: actions, Resource: resources }]);
  }

  private attach(name: string, permissions: readonly Permission[]): void {
    new IamRolePolicy(this, name, {
      name,
      role: this.roleName,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: permissions.map(({ Sid, Action, Resource }) => ({ Sid, Effect: "Allow", Action, Resource })),
      }),
    });
  }
}
