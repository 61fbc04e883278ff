import { type MadePlace, madeBoundary, type TaskPermission } from "../constructs/pipeline/made-boundary";
import type { Context } from "../constructs/shared/context";
import { hasMadeBoundary, madeBoundaryArn, stateBucketOf } from "../constructs/shared/pipeline-names";
import type { Lifetime } from "../constructs/shared/protection";
import type { Project } from "../environments/project-schema";

export interface ContextParts {
  readonly project: Project;
  /** Name of the environment, or of a stack that exists once. */
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly lifetime: Lifetime;
  readonly applyNow: boolean;
  /** What tasks of the environment use besides. None: a stack that is no environment, for which the bootstrap makes no boundary. */
  readonly taskPermissions?: readonly TaskPermission[];
}

/** The names, paths and tags of a stack; everything else builds on these. */
export function contextOf(parts: ContextParts): Context {
  const { project, name, account, region, lifetime, applyNow } = parts;
  return {
    project: project.name,
    environment: name,
    name: `${project.name}-${name}`,
    path: `/${project.name}/${name}`,
    iamPath: `/${project.name}/${name}/`,
    account,
    region,
    lifetime,
    applyNow,
    tags: { project: project.name, environment: name, stack: name, "managed-by": "terraform" },
    ...boundaryFor(parts),
  };
}

/** The project's own boundary, else the one that the bootstrap made for the environment. */
function boundaryFor({ project, name, account, taskPermissions }: ContextParts): Partial<Context> {
  if (project.permissionsBoundaryArn !== undefined) return { permissionsBoundaryArn: project.permissionsBoundaryArn };
  if (taskPermissions === undefined || !hasMadeBoundary(project)) return {};
  return {
    permissionsBoundaryArn: madeBoundaryArn(project.name, account, name),
    boundary: madeBoundary(madePlaceOf(project, name, account), taskPermissions),
  };
}

/** What the boundary of an environment is about. */
export function madePlaceOf(project: Project, stack: string, account: string): MadePlace {
  const { name, region, registry } = project;
  return { project: name, stack, account, region, registry, stateBucket: stateBucketOf(project, account).bucket };
}
