import { cpSync, existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { type GitLabJob, gitLabDefault, gitLabJobs, gitLabStages as stages } from "../../../pipelines/support/files";
import type { GitLabRules } from "../../../pipelines/support/gitlab-events";
import type { Host } from "./host";
import { Job, type Result, type Workshop } from "./job";
import { playedJobs } from "./played";
import { gitLabClaims, lives, tokenOf } from "./tokens";

/** Something that starts a pipeline. */
export interface Cause {
  readonly source: "merge_request_event" | "push" | "schedule";
  readonly sha: string;
  /** Name of the branch, of the request's branch, or of the tag. */
  readonly ref: string;
  readonly isTag?: boolean;
}

export interface GitLabOptions {
  readonly workshop: Workshop;
  readonly host: Host;
  readonly rules: GitLabRules;
  /** Path and id of the project. */
  readonly project: string;
  readonly projectId: string;
  /** What every job gets. */
  readonly variables: Readonly<Record<string, string>>;
  /** What only jobs of an environment get, by its name. */
  readonly scoped: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** GitLab's runners: they do what the file says. */
export class GitLab {
  private pipelines = 500;

  constructor(private readonly options: GitLabOptions) {}

  async start(cause: Cause): Promise<Pipeline> {
    const { rules, variables, projectId } = this.options;
    const known = { ...causeVariables(cause, projectId), ...variables };
    const unset = cause.source === "merge_request_event" || cause.isTag === true ? ["CI_COMMIT_BRANCH"] : [];
    const decided = (await rules.decide(known, unset)).filter(({ when }) => when !== "never");
    this.pipelines += 1;
    return new Pipeline(
      this.options,
      cause,
      String(this.pipelines),
      new Map(decided.map((job) => [job.name, job.when])),
    );
  }
}

/** One pipeline: its jobs are started by name, each after what it needs. */
export class Pipeline {
  readonly logs: Record<string, string> = {};
  private readonly started = new Map<string, Promise<Result>>();
  private readonly artifacts: string;

  constructor(
    private readonly options: GitLabOptions,
    private readonly cause: Cause,
    id: string,
    /** What the rules have decided, by the name of the job. */
    private readonly decided: ReadonlyMap<string, string>,
  ) {
    this.artifacts = path.join(options.workshop.directory, `artifacts-${id}`);
    mkdirSync(this.artifacts, { recursive: true });
    options.workshop.tell(`pipeline ${id} at ${cause.source} of ${cause.ref}`);
  }

  /** Names of the jobs that the pipeline has. */
  get jobs(): string[] {
    return [...this.decided.keys()].sort();
  }

  /** Run jobs to their end, one after the other where they need each other; a manual one is started by being named here. */
  async run(...names: readonly string[]): Promise<Readonly<Record<string, Result>>> {
    const ended = await Promise.all(names.map(async (name) => [name, await this.job(name)] as const));
    return Object.fromEntries(ended);
  }

  private job(name: string): Promise<Result> {
    const known = this.started.get(name) ?? this.begin(name);
    this.started.set(name, known);
    return known;
  }

  private async begin(name: string): Promise<Result> {
    const [, job] = gitLabJobs.find(([one]) => one === name) ?? [];
    if (job === undefined || !this.decided.has(name)) throw new Error(`this pipeline has no job ${name}`);
    const before = this.before(name, job);
    const ended = await Promise.all(before.map((need) => this.job(need)));
    const always = this.decided.get(name) === "always";
    if (!always && ended.some((result) => result !== "success")) return "skipped";
    return this.options.workshop.slots.take(() => this.work(name, job, before));
  }

  /** Jobs that a job waits for and gets the artifacts of: those that it names, else all of the stages before. */
  private before(name: string, job: GitLabJob): readonly string[] {
    if (job.needs !== undefined) return job.needs;
    const order = (stage: string | undefined): number => stages.indexOf(stage ?? "test");
    return gitLabJobs
      .filter(([one, { stage }]) => one !== name && this.decided.has(one) && order(stage) < order(job.stage))
      .map(([one]) => one);
  }

  private async work(name: string, job: GitLabJob, before: readonly string[]): Promise<Result> {
    const { workshop } = this.options;
    const played = playedJobs[name];
    if (played !== undefined) {
      this.logs[name] = `played: ${played}`;
      return "success";
    }
    const started = Date.now();
    const place = new Job(workshop, name);
    const variables = this.variables(job);
    workshop.fork.checkOut(place.folder, this.cause.sha, variables["GIT_DEPTH"] === "0");
    for (const need of before) {
      const from = path.join(this.artifacts, need);
      if (existsSync(from)) cpSync(from, place.folder, { recursive: true });
    }
    const succeeded = await this.scripts(place, job, variables);
    if (succeeded) this.keep(place, name, job);
    this.logs[name] = place.log;
    workshop.tell(`  ${name}: ${succeeded ? "success" : "failure"} (${Math.round((Date.now() - started) / 1000)} s)`);
    return succeeded ? "success" : "failure";
  }

  private async scripts(place: Job, job: GitLabJob, variables: Readonly<Record<string, string>>): Promise<boolean> {
    for (const line of [...(job.before_script ?? gitLabDefault.before_script ?? []), ...(job.script ?? [])]) {
      if (!(await place.run(line, variables))) return false;
    }
    return true;
  }

  private keep(place: Job, name: string, job: GitLabJob): void {
    for (const kept of (job.artifacts?.["paths"] ?? []) as readonly string[]) {
      const source = path.join(place.folder, kept);
      if (existsSync(source)) cpSync(source, path.join(this.artifacts, name, kept), { recursive: true });
    }
  }

  private variables(job: GitLabJob): Record<string, string> {
    const { host, project, projectId, variables, scoped } = this.options;
    const { cause } = this;
    const environment = typeof job.environment === "string" ? job.environment : job.environment?.name;
    const claims = gitLabClaims(project, cause.isTag === true ? "tag" : "branch", cause.ref);
    const given: Record<string, string> = {
      ...causeVariables(cause, projectId),
      CI: "true",
      GITLAB_CI: "true",
      CI_API_V4_URL: `${host.url}/gitlab`,
      CI_PROJECT_ID: projectId,
      CI_DEFAULT_BRANCH: "main",
      CI_MERGE_REQUEST_LABELS: cause.source === "merge_request_event" ? host.onGitLab.labels.join(",") : "",
      CI_COMMIT_SHA: cause.sha,
      CI_PIPELINE_URL: `https://gitlab.com/${project}/-/pipelines/${path.basename(this.artifacts)}`,
      ...variables,
      ...(environment === undefined ? {} : scoped[environment]),
      ...Object.fromEntries(
        Object.entries(job.id_tokens ?? {}).map(([name, { aud }]) => [name, tokenOf(claims, aud, lives.gitLab)]),
      ),
    };
    const own = Object.entries(job.variables ?? {}).map(([name, value]) => [name, expanded(value, given)]);
    return { ...given, ...(Object.fromEntries(own) as Record<string, string>) };
  }
}

function causeVariables({ source, ref, isTag = false }: Cause, projectId: string): Record<string, string> {
  const common = { CI_PIPELINE_SOURCE: source };
  if (source === "merge_request_event") {
    return {
      ...common,
      CI_MERGE_REQUEST_IID: "7",
      CI_MERGE_REQUEST_PROJECT_ID: projectId,
      CI_MERGE_REQUEST_SOURCE_PROJECT_ID: projectId,
    };
  }
  return { ...common, ...(isTag ? { CI_COMMIT_TAG: ref } : { CI_COMMIT_BRANCH: ref }) };
}

function expanded(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(\w+)/g, (_, name: string) => variables[name] ?? "");
}
