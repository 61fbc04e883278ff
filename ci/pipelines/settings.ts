import { type RoleKind, roleKinds } from "../../constructs/shared/pipeline-names";
import type { Project } from "../../environments/project-schema";

/** A variable of the pipelines; none of them is secret. */
export interface PipelineSetting {
  readonly name: string;
  readonly value: string;
}

/** The variable that names a role: `SLIPWAY_ROLE_PROD_APPLY`. */
export function roleVariable(stack: string, kind: RoleKind): string {
  return `SLIPWAY_ROLE_${stack}_${kind}`.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
}

/**
 * What to store as variables of the pipelines, on either host. `roleArns` is the output of the bootstrap: the ARN by
 * `<environment>-<kind>`, with `registry` for the images. Without SLIPWAY_AWS the jobs that need an account are skipped.
 */
export function pipelineSettings(
  { pipelines }: Pick<Project, "pipelines">,
  environments: readonly string[],
  roleArns: Readonly<Record<string, string>>,
): readonly PipelineSetting[] {
  const github = "none" in pipelines ? undefined : pipelines.github;
  const roles = ["registry", ...environments].flatMap((stack) =>
    roleKinds.flatMap((kind) => {
      const value = roleArns[`${stack}-${kind}`];
      return value === undefined ? [] : [{ name: roleVariable(stack, kind), value }];
    }),
  );
  return [
    { name: "SLIPWAY_AWS", value: "true" },
    { name: "SLIPWAY_GITHUB_ENVIRONMENTS", value: String(github?.environments ?? false) },
    ...roles,
  ];
}
