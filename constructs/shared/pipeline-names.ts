import type { Lifetime } from "./protection";

/** As much of a project as says what the bootstrap made for it. */
export interface Bootstrapped {
  readonly name: string;
  readonly stateBucket: object;
  readonly pipelines: object;
  readonly permissionsBoundaryArn?: string | undefined;
}

/** What a pipeline takes a role for: to read, to change the infrastructure, to bring new images. */
export const roleKinds = ["plan", "apply", "release"] as const;
export type RoleKind = (typeof roleKinds)[number];

/** The roles that a stack has: a temporary environment is a person's, and pipelines only plan it. */
export const roleKindsOf = (lifetime: Lifetime): readonly RoleKind[] =>
  lifetime === "temporary" ? ["plan"] : roleKinds;

/** The role that a pipeline takes for a stack. */
export const pipelineRoleName = (project: string, stack: string, kind: RoleKind): string =>
  `${project}-${stack}-${kind}`;

/** Where a project keeps its states. */
export type StateBucketChoice = { readonly name: string; readonly region: string } | object;

/** The stack of what exists once per account. */
export const bootstrapStack = (account: string): string => `bootstrap-${account}`;

/** The bucket of the Terraform state in an account; bucket names are one namespace for the whole world. */
export const stateBucketName = (project: string, account: string): string => `${project}-state-${account}`;

/**
 * The bucket of the states that pipelines work with: the project's own, else that of the bootstrap, which is also where a state goes
 * that is on one machine so far.
 */
export function stateBucketOf(
  project: { readonly name: string; readonly region: string; readonly stateBucket: StateBucketChoice },
  account: string,
): { readonly bucket: string; readonly region: string } {
  const { name, region, stateBucket } = project;
  return "name" in stateBucket
    ? { bucket: stateBucket.name, region: stateBucket.region }
    : { bucket: stateBucketName(name, account), region };
}

/** Where the state of a stack is in that bucket. */
export const stateKey = (project: string, stack: string): string => `${project}/${stack}.tfstate`;

/** The policy that bounds every role and user of an environment: less than that of pipelines, which make them. `*`: of every one. */
export const madeBoundaryArn = (project: string, account: string, environment: string): string =>
  `arn:aws:iam::${account}:policy/${project}/${bootstrapStack(account)}/${madeBoundaryName(project, environment)}`;

export const madeBoundaryName = (project: string, environment: string): string => `${project}-${environment}-boundary`;

/**
 * Whether the bootstrap made the boundary of an environment. With its state on one machine a project has had no bootstrap yet, and
 * one with a boundary of its own needs none.
 */
export const hasMadeBoundary = (project: Bootstrapped): boolean =>
  project.permissionsBoundaryArn === undefined && !("none" in project.pipelines) && !("none" in project.stateBucket);

/** Name of the monitor of cost anomalies that the bootstrap makes: one of another name was there before. */
export const anomalyMonitorName = (project: string): string => `${project}-services`;

/** Who a token of a pipeline is meant for, on both hosts. */
export const AUDIENCE = "sts.amazonaws.com";

/** Who signs the tokens of GitHub's workflows. */
export const GITHUB_ISSUER = "token.actions.githubusercontent.com";
