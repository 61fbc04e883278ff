import type { Context } from "../constructs/shared/context";
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
}

/** The names, paths and tags of a stack; everything else builds on these. */
export function contextOf({ project, name, account, region, lifetime, applyNow }: ContextParts): Context {
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
    ...(project.permissionsBoundaryArn === undefined ? {} : { permissionsBoundaryArn: project.permissionsBoundaryArn }),
  };
}
