import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { letsThrough } from "./pipeline/lets-through";
import type { Statement } from "./pipeline/place";
import { BlueprintError } from "./shared/blueprint-error";
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
  private readonly boundary: Context["boundary"];
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
    this.boundary = context.boundary;
    this.roleName = role.name;
    if (baseline.length > 0) this.attach("Baseline", baseline);
  }

  /** @throws BlueprintError for what the boundary of the environment does not let through: AWS would refuse it without a word */
  public allow(sid: string, actions: readonly string[], resources: readonly string[]): void {
    const problems = this.boundary === undefined ? [] : boundaryProblems(this.boundary, sid, actions, resources);
    if (problems.length > 0) throw new BlueprintError(this.node.path, problems);
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

function boundaryProblems(
  boundary: readonly Statement[],
  sid: string,
  actions: readonly string[],
  resources: readonly string[],
): string[] {
  return actions.flatMap((action) =>
    resources
      // what Terraform will know is of the environment itself; its service is known now
      .map((resource) => (Token.isUnresolved(resource) ? undefined : resource))
      .filter((resource) => !letsThrough(boundary, action, resource))
      .map(
        (resource) =>
          `${sid} must be within the boundary of the environment, got ${action} on ${resource ?? "something of the stack"}: add it to taskPermissions of the environment, and run \`npm run bootstrap\``,
      ),
  );
}
