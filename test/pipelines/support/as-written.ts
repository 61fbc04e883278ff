import type { GitHubJob, GitLabJob, Step, Workflow } from "./files";

/** A job on GitHub with everything that decides what it may and does, in words that a table can hold. */
export interface GitHubFacts {
  readonly in: string;
  readonly if?: string;
  readonly needs?: readonly string[];
  readonly permissions: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly role?: string;
  readonly matrix?: readonly string[];
  readonly steps: readonly string[];
}

/** A job on GitLab, likewise; lines of `before_script` come first. */
export interface GitLabFacts {
  readonly stage: string;
  readonly needs?: readonly string[];
  readonly environment?: string;
  readonly lock?: string;
  readonly interruptible: boolean;
  readonly role?: string;
  readonly depth?: string;
  readonly stack?: string;
  readonly artifacts?: string;
  readonly lines: readonly string[];
}

/** Keys that a job or a step may have: what nobody has thought of, as `continue-on-error`, is none. */
export const keysOnGitHub = {
  job: [
    ...["name", "if", "needs", "uses", "runs-on", "timeout-minutes", "permissions", "environment", "env", "strategy"],
    "steps",
  ],
  step: ["if", "uses", "run", "with", "env"],
} as const;
export const keysOnGitLab = [
  ...["stage", "image", "services", "tags", "script", "before_script", "timeout", "interruptible", "resource_group"],
  ...["needs", "environment", "variables", "id_tokens", "rules", "artifacts", "extends"],
] as const;

export function factsOnGitHub(job: GitHubJob, workflow: Workflow): GitHubFacts {
  const role = job.env?.["AWS_ROLE_ARN"];
  return {
    in: workflow.name,
    ...(job.if === undefined ? {} : { if: job.if }),
    ...(job.needs === undefined ? {} : { needs: [job.needs].flat() }),
    permissions: job.permissions ?? {},
    ...(job.environment === undefined ? {} : { environment: job.environment }),
    ...(role === undefined ? {} : { role: insideOf(role) }),
    ...(job.strategy === undefined
      ? {}
      : { matrix: job.strategy.matrix.include.map(({ stack, role: own }) => `${stack} ${own}`) }),
    steps: job.uses === undefined ? (job.steps ?? []).map(stepText) : [job.uses],
  };
}

/** `checkout fetch-depth=0`, `npm run build`, `pipeline gate stage GITHUB_TOKEN=github.token`: a step without its versions. */
export function stepText({ if: condition, uses, run, with: given = {}, env = {} }: Step): string {
  const pairs = Object.entries({ ...given, ...env }).map(([name, value]) => `${name}=${insideOf(String(value))}`);
  const what = run ?? /([\w-]+)(@|$)/.exec(uses ?? "")?.[1] ?? "";
  return [...(condition === undefined ? [] : [`if ${condition}:`]), what, ...pairs].join(" ");
}

export function factsOnGitLab(job: GitLabJob, byDefault: GitLabJob): GitLabFacts {
  const { environment } = job;
  const { AWS_ROLE_ARN: role, GIT_DEPTH: depth, STACK: stack } = job.variables ?? {};
  return {
    stage: job.stage ?? "",
    ...(job.needs === undefined ? {} : { needs: job.needs }),
    ...(environment === undefined
      ? {}
      : { environment: typeof environment === "string" ? environment : `${environment.name} (${environment.action})` }),
    ...(job.resource_group === undefined ? {} : { lock: job.resource_group }),
    interruptible: job.interruptible ?? byDefault.interruptible ?? false,
    ...(role === undefined ? {} : { role: role.replace("$", "") }),
    ...(depth === undefined ? {} : { depth }),
    ...(stack === undefined ? {} : { stack }),
    ...(job.artifacts === undefined ? {} : { artifacts: [job.artifacts["paths"]].flat().join(" ") }),
    lines: [...(job.before_script ?? byDefault.before_script ?? []), ...(job.script ?? [])],
  };
}

function insideOf(text: string): string {
  return text.replaceAll(/\$\{\{ (.*?) \}\}/g, "$1");
}
