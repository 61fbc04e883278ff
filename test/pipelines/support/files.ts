import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

export const root = path.resolve(__dirname, "../../..");
const folder = path.join(root, ".github", "workflows");

/** A fork deletes the files of the host that it has not: then there is nothing to hold. */
export const hosts = { gitHub: existsSync(folder), gitLab: existsSync(path.join(root, ".gitlab-ci.yml")) };
/** Where each host's tests are, or are skipped. */
export const describeGitHub = hosts.gitHub ? describe : describe.skip;
export const describeGitLab = hosts.gitLab ? describe : describe.skip;
export const describeBoth = hosts.gitHub && hosts.gitLab ? describe : describe.skip;

/** Text of a file of the project. */
export function textOf(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

export interface Step {
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A job on GitHub. */
export interface GitHubJob {
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly uses?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly "runs-on"?: string | readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly include: readonly Readonly<Record<string, string>>[] } };
  readonly steps?: readonly Step[];
}

export interface Workflow {
  readonly file: string;
  readonly name: string;
  readonly on: Readonly<Record<string, any>>;
  readonly permissions: unknown;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": unknown };
  readonly jobs: Readonly<Record<string, GitHubJob>>;
}

export const workflows: readonly Workflow[] = (hosts.gitHub ? readdirSync(folder) : [])
  .sort()
  .map((file) => ({ file: `.github/workflows/${file}`, ...parse(readFileSync(path.join(folder, file), "utf8")) }));

/** Every job on GitHub by its id; ids are used once. */
export const gitHubJobs: readonly (readonly [string, GitHubJob, Workflow])[] = workflows.flatMap((workflow) =>
  Object.entries(workflow.jobs).map(([id, job]) => [id, job, workflow] as const),
);

const prepareFile = ".github/actions/prepare/action.yml";

export const prepareAction = (hosts.gitHub ? parse(textOf(prepareFile)) : { runs: { steps: [] } }) as {
  readonly runs: { readonly steps: readonly Step[] };
};

/** Every file of a host. */
export const pipelineFiles: readonly string[] = [
  ...(hosts.gitHub ? [...workflows.map(({ file }) => file), prepareFile] : []),
  ...(hosts.gitLab ? [".gitlab-ci.yml"] : []),
];

/** A job on GitLab, with what it extends in it. */
export interface GitLabJob {
  readonly stage?: string;
  readonly image?: string;
  readonly tags?: readonly string[];
  readonly services?: readonly { readonly name: string }[];
  readonly script?: readonly string[];
  readonly before_script?: readonly string[];
  readonly timeout?: string;
  readonly interruptible?: boolean;
  readonly resource_group?: string;
  readonly needs?: readonly string[];
  readonly environment?: string | { readonly name: string; readonly action?: string };
  readonly variables?: Readonly<Record<string, string>>;
  readonly id_tokens?: Readonly<Record<string, { readonly aud: string }>>;
  readonly rules?: readonly Readonly<Record<string, unknown>>[];
  readonly artifacts?: Readonly<Record<string, unknown>>;
  readonly extends?: string | readonly string[];
}

const noPipeline = { stages: [], workflow: { rules: [] }, default: {} };
const gitLab = (hosts.gitLab ? parse(textOf(".gitlab-ci.yml")) : noPipeline) as Readonly<Record<string, any>>;
const keywords = ["stages", "workflow", "default"];

export const gitLabStages = gitLab["stages"] as readonly string[];
export const gitLabWorkflow = gitLab["workflow"] as {
  readonly rules: readonly { readonly if: string; readonly when?: string }[];
};
export const gitLabDefault = gitLab["default"] as GitLabJob;

/** Every job on GitLab by its name. */
export const gitLabJobs: readonly (readonly [string, GitLabJob])[] = Object.keys(gitLab)
  .filter((name) => !name.startsWith(".") && !keywords.includes(name))
  .map((name) => [name, extended(name)] as const);

/** Later parents win over earlier, the job over all; `variables` are merged, as GitLab does with maps. */
function extended(name: string): GitLabJob {
  const { extends: parents = [], ...own } = gitLab[name] as GitLabJob;
  return [...[parents].flat().map(extended), own].reduce<GitLabJob>(
    (all, next) => ({ ...all, ...next, variables: { ...all.variables, ...next.variables } }),
    {},
  );
}

/** What plans are made of, on a host: the registry and every environment that its lists name. */
export const plannedStacks = {
  gitHub: gitHubJobs.find(([id]) => id === "plan")?.[1].strategy?.matrix.include.map(({ stack = "" }) => stack) ?? [],
  gitLab: gitLabJobs.flatMap(([name]) => /^plan:(.+)$/.exec(name)?.[1] ?? []),
};
