import * as z from "zod";

/**
 * The setting of GitLab that lets a member run the pipeline of a fork's merge request in this project. The token of such a pipeline
 * names the branch of the fork, which may be called main. It is on in a new project, and no page shows it.
 */
export interface ForkPipelines {
  readonly ask: readonly string[];
  /** Whether they run; unknown to somebody who may not see it. */
  readonly allowed: (stdout: string) => boolean | undefined;
  readonly refuse: readonly string[];
}

const setting = "ci_allow_fork_pipelines_to_run_in_parent_project";
const project = z.object({ [setting]: z.boolean().nullish() });

/** `api` is the project in GitLab's API. */
export function forkPipelines(api: string): ForkPipelines {
  return {
    ask: ["api", api],
    allowed: (stdout) => project.parse(JSON.parse(stdout))[setting] ?? undefined,
    refuse: ["api", "-X", "PUT", api, "-f", `${setting}=false`],
  };
}
