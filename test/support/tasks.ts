import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { TerraformStack } from "cdktf";
import type { DatabaseLoginsProps } from "../../constructs/database-logins";
import { FargateCluster } from "../../constructs/fargate-cluster";
import type { Context } from "../../constructs/shared/context";
import type { NetworkLike } from "../../constructs/shared/network-like";
import type { TaskProps } from "../../constructs/task-template";
import type { Json, Synthesized } from "./synth";

/** A network that is there already. */
export const existingNetwork: NetworkLike = {
  vpcId: "vpc-1",
  cidr: "10.0.0.0/16",
  zones: ["eu-west-1a", "eu-west-1b"],
  publicSubnetIds: ["subnet-public-a", "subnet-public-b"],
  privateSubnetIds: ["subnet-private-a", "subnet-private-b"],
  isolatedSubnetIds: ["subnet-isolated-a", "subnet-isolated-b"],
  taskSubnetIds: ["subnet-private-a", "subnet-private-b"],
  assignPublicIp: false,
};

/** What everything that runs as a task is given. */
export function taskProps(stack: TerraformStack, context: Context): TaskProps {
  return {
    context,
    cluster: new FargateCluster(stack, "Cluster", { context }),
    network: existingNetwork,
    repositoryUrl: "999999999999.dkr.ecr.eu-central-1.amazonaws.com/shop/app",
    logRetentionDays: 30,
  };
}

/** Logins that a migration makes; their secrets are there already. */
export const existingLogins: DatabaseLoginsProps = {
  credentials: [
    { secretArn: "arn:app-2", secretArnsByUser: { app_1: "arn:app-1", app_2: "arn:app-2" } },
    { secretArn: "arn:migrator-2", secretArnsByUser: { migrator_1: "arn:migrator-1", migrator_2: "arn:migrator-2" } },
  ],
  masterSecretArn: "arn:master",
  certificates: "certificates of the region",
};

/** The statements of every policy of a role that exists, by name of the policy. */
export function permissionsOf(stack: Synthesized, role: string): Record<string, Json[]> {
  stack.named(IamRole, role);
  const found = stack
    .all(IamRolePolicy)
    .filter((policy) => withoutHash(policy["role"]) === `\${aws_iam_role.${role}.name}`);
  return Object.fromEntries(
    found.map((policy) => [policy["name"], (JSON.parse(policy["policy"]) as Json)["Statement"] as Json[]]),
  ) as Record<string, Json[]>;
}

/** A reference to a resource, without the hash of its path. */
export function withoutHash(reference: unknown): string {
  return String(reference).replace(/_[0-9A-F]{8}(?=[.}\s]|$)/g, "");
}
