import { applyPolicies, registryApplyPolicies } from "../constructs/pipeline/apply-policies";
import { boundaryStatements, type RefusalProps } from "../constructs/pipeline/boundary";
import type { NamedPolicy, PipelinePlace, Statement } from "../constructs/pipeline/place";
import { planPolicies, registryPlanPolicies } from "../constructs/pipeline/plan-policies";
import { pushPolicies, releasePolicies } from "../constructs/pipeline/release-policies";
import type { Moment } from "../constructs/pipeline/trust";
import {
  madeBoundaryArn,
  type RoleKind,
  roleKindsOf,
  stateBucketName,
  stateBucketOf,
} from "../constructs/shared/pipeline-names";
import type { Environment } from "../environments/environment";
import type { Project } from "../environments/project-schema";

/** A role of a pipeline: what it is for, when it is taken, what it may do. */
export interface PipelineRoleSpec {
  /** `<environment>-<kind>`. */
  readonly name: string;
  readonly description: string;
  readonly moments: readonly Moment[];
  /** Environment of the host whose jobs take it. None: jobs without one. */
  readonly hostEnvironment?: string;
  readonly policies: readonly NamedPolicy[];
}

export interface PipelineRolesProps {
  readonly project: Project;
  readonly environments: Readonly<Record<string, Environment>>;
  readonly account: string;
}

/** A plan is made of every change, of what is on main every night, and of a tag before it is applied. */
const planned: readonly Moment[] = ["change", "main", "tag"];

type PlaceProject = Pick<
  Project,
  "name" | "region" | "registry" | "repositories" | "stateBucket" | "permissionsBoundaryArn" | "publicZone"
>;

/** The roles of an account: those of its environments, and of the registry where it is. */
export function pipelineRoles({ project, environments, account }: PipelineRolesProps): PipelineRoleSpec[] {
  const { registry } = project;
  return [
    ...(registry.account === account
      ? ofRegistry({ ...placeOf(project, "registry", account), region: registry.region })
      : []),
    ...environmentsIn(project, environments, account).flatMap((environment) =>
      ofEnvironment(placeOf(project, environment.name, account), environment),
    ),
  ];
}

/** The environments of an account. */
export function environmentsIn(
  project: Project,
  environments: Readonly<Record<string, Environment>>,
  account: string,
): Environment[] {
  return Object.values(environments).filter((environment) => project.accounts[environment.name] === account);
}

/** What bounds the roles of the pipelines of an account, where no company's own boundary does. */
export function pipelinesBoundary(project: PlaceProject, account: string): Statement[] {
  return boundaryStatements({
    ...refusalProps(project, account),
    regions: [project.region, project.registry.region, stateBucketOf(project, account).region],
  });
}

/** What no role of a pipeline may do in an account. */
export function refusalProps(project: PlaceProject, account: string): RefusalProps {
  return {
    project: project.name,
    account,
    boundaries: project.permissionsBoundaryArn ?? madeBoundaryArn(project.name, account, "*"),
    stateBuckets: [stateBucketName(project.name, account), stateBucketOf(project, account).bucket],
  };
}

/** What the roles of a stack work on. */
export function placeOf(project: PlaceProject, stack: string, account: string): PipelinePlace {
  const { name, region, registry, repositories, publicZone } = project;
  return {
    project: name,
    stack,
    account,
    region,
    registry,
    repositories,
    boundaryArn: project.permissionsBoundaryArn ?? madeBoundaryArn(name, account, stack),
    stateBucket: stateBucketOf(project, account).bucket,
    ...("none" in publicZone ? {} : { zoneId: publicZone.id }),
  };
}

/** Production follows tags, other permanent environments main; a temporary one is a person's, and is planned only. */
function ofEnvironment(place: PipelinePlace, { name, production, lifetime }: Environment): PipelineRoleSpec[] {
  const deploying = { moments: [production ? "tag" : "main"] as const, hostEnvironment: name };
  const specs: Readonly<Record<RoleKind, Omit<PipelineRoleSpec, "name">>> = {
    plan: {
      description: `Pipelines plan ${name} and look for drift`,
      moments: planned,
      policies: planPolicies(place),
    },
    apply: {
      ...deploying,
      description: `Pipelines change the infrastructure of ${name}`,
      policies: applyPolicies(place),
    },
    release: {
      ...deploying,
      description: `Pipelines release images to ${name}`,
      policies: releasePolicies(place),
    },
  };
  return roleKindsOf(lifetime).map((kind) => ({ name: `${name}-${kind}`, ...specs[kind] }));
}

function ofRegistry(place: PipelinePlace): PipelineRoleSpec[] {
  return [
    {
      name: "registry-plan",
      description: "Pipelines plan the registry and look for drift",
      moments: planned,
      policies: registryPlanPolicies(place),
    },
    {
      name: "registry-apply",
      description: "Pipelines change the registry",
      moments: ["main"],
      policies: registryApplyPolicies(place),
    },
    {
      name: "registry-release",
      description: "Pipelines push new images",
      moments: ["main"],
      policies: pushPolicies(place),
    },
  ];
}
