/** Where a release comes from. */
export interface Provenance {
  /** Hash of the commit. */
  readonly commit: string | undefined;
  /** Address of the pipeline that runs it. */
  readonly pipeline: string | undefined;
}

type Env = Readonly<Record<string, string>>;

/** As the command line says, else as the variables of GitHub's and GitLab's pipelines do. */
export function provenanceOf(env: Env, given: Partial<Provenance> = {}): Provenance {
  return {
    commit: given.commit ?? filled(env["GITHUB_SHA"]) ?? filled(env["CI_COMMIT_SHA"]),
    pipeline: given.pipeline ?? gitHubRun(env) ?? filled(env["CI_PIPELINE_URL"]),
  };
}

function gitHubRun(env: Env): string | undefined {
  const server = filled(env["GITHUB_SERVER_URL"]);
  const repository = filled(env["GITHUB_REPOSITORY"]);
  const run = filled(env["GITHUB_RUN_ID"]);
  if (server === undefined || repository === undefined || run === undefined) return undefined;
  return `${server}/${repository}/actions/runs/${run}`;
}

function filled(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
