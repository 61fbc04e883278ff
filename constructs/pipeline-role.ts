import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { Construct } from "constructs";
import type { NamedPolicy } from "./pipeline/place";
import { type Trust, trustPolicy } from "./pipeline/trust";
import type { Context } from "./shared/context";
import { pascalCase } from "./shared/pascal-case";

/** A pipeline that works longer than an hour takes its role again. */
const SESSION_SECONDS = 3600;

export interface PipelineRoleProps {
  readonly context: Context;
  /** `<environment>-<kind>`. */
  readonly name: string;
  readonly description: string;
  /** Policy that bounds the role itself. */
  readonly boundaryArn: string;
  readonly trust: Trust;
  readonly policies: readonly NamedPolicy[];
}

/** A role that the jobs of a pipeline take with their token, for at most an hour: nobody keeps a key. */
export class PipelineRole extends Construct {
  public readonly arn: string;

  constructor(scope: Construct, id: string, props: PipelineRoleProps) {
    super(scope, id);
    const { context, name, description, boundaryArn, trust, policies } = props;
    const role = new IamRole(this, "Role", {
      name: `${context.project}-${name}`,
      path: context.iamPath,
      description,
      permissionsBoundary: boundaryArn,
      maxSessionDuration: SESSION_SECONDS,
      assumeRolePolicy: JSON.stringify(trustPolicy(trust)),
    });
    for (const { name: policyName, statements } of policies) {
      const at = new Construct(this, pascalCase(policyName));
      // a policy of its own each: those inside of a role share 10,240 characters
      const policy = new IamPolicy(at, "Policy", {
        name: `${context.project}-${name}-${policyName}`,
        path: context.iamPath,
        policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
      });
      new IamRolePolicyAttachment(at, "Attachment", { role: role.name, policyArn: policy.arn });
    }
    this.arn = role.arn;
  }
}
