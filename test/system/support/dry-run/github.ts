import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { conditionHolds, type ExpressionContext, filledIn } from "../../../pipelines/support/expression";
import { type GitHubJob, prepareAction, type Step, type Workflow, workflows } from "../../../pipelines/support/files";
import { starts } from "../../../pipelines/support/github-events";
import type { Host } from "./host";
import { Job, type Result, type Workshop } from "./job";
import { type PlayedAction, playedActions, playedJobs } from "./played";
import { gitHubClaims, type Repository } from "./tokens";

/** Something that happens to the repository. */
export interface Happening {
  readonly event: "push" | "pull_request" | "schedule" | "workflow_dispatch";
  readonly ref: string;
  readonly sha: string;
  /** Where a request comes from. Default: the repository itself. */
  readonly from?: string;
  readonly inputs?: Readonly<Record<string, string>>;
}

export interface GitHubOptions {
  readonly workshop: Workshop;
  readonly host: Host;
  readonly repository: Repository;
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** GitHub's runners: they do what the files say. */
export class GitHub {
  private runs = 100;

  constructor(readonly options: GitHubOptions) {}

  /** Start the workflow that this starts, by its name. */
  start(name: string, happening: Happening): Run {
    const workflow = workflows.find((one) => one.name === name);
    if (workflow === undefined) throw new Error(`there is no workflow ${name}`);
    const { event, ref } = happening;
    if (!starts(workflow.on, { name: event, ref, values: {} })) throw new Error(`${name} does not start by ${event}`);
    this.runs += 1;
    return new Run(this.options, workflow, happening, String(this.runs));
  }
}

/** One run of a workflow. */
export class Run {
  readonly logs: Record<string, string> = {};
  private readonly results: Record<string, Result> = {};
  private readonly started = new Map<string, Promise<Result>>();
  private readonly values: Readonly<Record<string, string>>;
  private readonly artifacts: string;

  constructor(
    private readonly options: GitHubOptions,
    private readonly workflow: Workflow,
    private readonly happening: Happening,
    readonly id: string,
  ) {
    const { repository, variables, secrets, workshop } = options;
    const { event, ref, inputs = {}, from = `${repository.owner}/${repository.repository}` } = happening;
    const isStrange = from !== `${repository.owner}/${repository.repository}`;
    const named = (kind: string, all: Readonly<Record<string, string>>): Record<string, string> =>
      Object.fromEntries(Object.entries(all).map(([name, value]) => [`${kind}.${name}`, value]));
    this.values = {
      "github.event_name": event,
      "github.ref": ref,
      "github.repository": `${repository.owner}/${repository.repository}`,
      ...(event === "pull_request"
        ? {
            "github.event.pull_request.head.repo.full_name": from,
            "github.event.pull_request.base.sha": workshop.fork.mainHead(),
          }
        : {}),
      ...(event === "workflow_dispatch" ? named("inputs", { ...defaultsOf(workflow), ...inputs }) : {}),
      ...named("vars", variables),
      // a request of a stranger sees none
      ...(isStrange ? {} : named("secrets", secrets)),
    };
    this.artifacts = this.artifactsOf(id);
    mkdirSync(this.artifacts, { recursive: true });
    options.host.gitHub.runs.set(id, {
      path: workflow.file,
      event,
      head_sha: happening.sha,
      head_branch: ref.split("/").at(-1) ?? "",
      run_attempt: 1,
      conclusion: null,
    });
    workshop.tell(`${workflow.name} ${id} at ${event} of ${ref}`);
  }

  /** How a job ends; it and what it needs are started. */
  job(id: string): Promise<Result> {
    return this.of(this.workflow, id);
  }

  /** How every job of the run has ended, those of a matrix by `plan:stage`. */
  async end(): Promise<Readonly<Record<string, Result>>> {
    const ended = await Promise.all(Object.keys(this.workflow.jobs).map((id) => this.job(id)));
    const facts = this.options.host.gitHub.runs.get(this.id);
    if (facts !== undefined) facts.conclusion = ended.includes("failure") ? "failure" : "success";
    return this.results;
  }

  private of(workflow: Workflow, id: string): Promise<Result> {
    const key = `${workflow.name}/${id}`;
    const known = this.started.get(key) ?? this.begin(workflow, id);
    this.started.set(key, known);
    return known;
  }

  private async begin(workflow: Workflow, id: string): Promise<Result> {
    const job = workflow.jobs[id];
    if (job === undefined) throw new Error(`there is no job ${id}`);
    const needs = [job.needs ?? []].flat();
    const ended = await Promise.all(needs.map((need) => this.of(workflow, need)));
    const values = {
      ...this.values,
      ...Object.fromEntries(needs.map((need, i) => [`needs.${need}.result`, ended[i] ?? ""])),
    };
    const succeeded = ended.every((result) => result === "success");
    if (!conditionHolds(job.if, { values, succeeded })) return (this.results[id] = "skipped");
    const all = await Promise.all(this.parts(id, job, values).map((part) => part()));
    return all.includes("failure") ? "failure" : "success";
  }

  /** The job itself, once for each entry of its matrix, or the jobs of the workflow that it calls. */
  private parts(id: string, job: GitHubJob, values: Readonly<Record<string, string>>): (() => Promise<Result>)[] {
    if (job.uses !== undefined) {
      const called = workflows.find(({ file }) => `./${file}` === job.uses);
      if (called === undefined) throw new Error(`${job.uses} is not there`);
      return Object.keys(called.jobs).map((name) => () => this.of(called, name));
    }
    const rows = job.strategy?.matrix.include ?? [{}];
    return rows.map((row) => async () => {
      const matrix = Object.entries(row).map(([name, value]) => [`matrix.${name}`, value]);
      const name = row["stack"] === undefined ? id : `${id}:${row["stack"]}`;
      const result = await this.options.workshop.slots.take(() =>
        this.work(id, name, job, { ...values, ...(Object.fromEntries(matrix) as Record<string, string>) }),
      );
      return (this.results[name] = result);
    });
  }

  private async work(
    id: string,
    name: string,
    job: GitHubJob,
    known: Readonly<Record<string, string>>,
  ): Promise<Result> {
    const { workshop, host } = this.options;
    const played = playedJobs[id];
    if (played !== undefined) {
      this.logs[name] = `played: ${played}`;
      return "success";
    }
    const started = Date.now();
    const place = new Job(workshop, name);
    const permissions = job.permissions ?? {};
    const values = { ...known, "github.token": host.gitHub.tokenFor(permissions) };
    const context: ExpressionContext = {
      values,
      succeeded: true,
      hasFile: (file) => existsSync(path.join(place.folder, file)),
    };
    const env = { ...this.variables(job, context), ...filled(job.env, context) };
    const result = (await this.steps(place, job.steps ?? [], env, context)) ? "success" : "failure";
    this.logs[name] = place.log;
    workshop.tell(`  ${name}: ${result} (${Math.round((Date.now() - started) / 1000)} s)`);
    return result;
  }

  private async steps(
    place: Job,
    steps: readonly Step[],
    env: Readonly<Record<string, string>>,
    context: ExpressionContext,
  ): Promise<boolean> {
    for (const step of steps) {
      if (!conditionHolds(step.if, context)) continue;
      const all = { ...env, ...filled(step.env, context) };
      const given = filled(step.with, context);
      const succeeded =
        step.run !== undefined
          ? await place.run(filledIn(step.run, context), all)
          : step.uses === "./.github/actions/prepare"
            ? await this.steps(place, prepareAction.runs.steps, all, withInputs(context, given))
            : this.action(place, step.uses ?? "", given);
      if (!succeeded) return false;
    }
    return true;
  }

  private action(place: Job, uses: string, given: Readonly<Record<string, string>>): boolean {
    const name = uses.split("@")[0] ?? "";
    if (!(name in playedActions)) throw new Error(`${uses} is not played: see played.ts`);
    place.note(`uses ${name} ${JSON.stringify(given)}`);
    const actions: Readonly<Record<PlayedAction, () => boolean>> = {
      "actions/checkout": () => {
        this.options.workshop.fork.checkOut(
          place.folder,
          given["ref"] ?? this.happening.sha,
          given["fetch-depth"] === "0",
        );
        return true;
      },
      "actions/setup-node": () => true,
      "actions/upload-artifact": () => {
        const source = path.join(place.folder, given["path"] ?? "");
        if (existsSync(source)) cpSync(source, path.join(this.artifacts, given["name"] ?? ""), { recursive: true });
        return true;
      },
      "actions/download-artifact": () => this.download(place, given),
    };
    return actions[name as PlayedAction]();
  }

  private download(place: Job, given: Readonly<Record<string, string>>): boolean {
    const from = given["run-id"] === undefined ? this.artifacts : this.artifactsOf(given["run-id"]);
    const there = existsSync(from) ? readdirSync(from) : [];
    const pattern = given["pattern"]?.replace("*", "");
    const names = there.filter((name) => (pattern === undefined ? name === given["name"] : name.startsWith(pattern)));
    for (const name of names)
      cpSync(path.join(from, name), path.join(place.folder, given["path"] ?? ""), { recursive: true });
    // one that is named has to be there; of a pattern any number may be
    if (names.length === 0 && pattern === undefined) place.note(`there is no artifact ${given["name"]}`);
    return names.length > 0 || pattern !== undefined;
  }

  private artifactsOf(id: string): string {
    return path.join(this.options.workshop.directory, `artifacts-${id}`);
  }

  /** What GitHub sets in every job. */
  private variables(job: GitHubJob, context: ExpressionContext): Record<string, string> {
    const { repository, host } = this.options;
    const { event, ref, sha } = this.happening;
    const name = `${repository.owner}/${repository.repository}`;
    const environment = job.environment === undefined ? "" : filledIn(job.environment, context);
    const claims = gitHubClaims(repository, { event, ref, environment: environment === "" ? undefined : environment });
    return {
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_API_URL: `${host.url}/github`,
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_REPOSITORY: name,
      GITHUB_SHA: sha,
      GITHUB_REF: ref,
      GITHUB_REF_NAME: ref.replace(/^refs\/[a-z]+\//, ""),
      GITHUB_RUN_ID: this.id,
      GITHUB_EVENT_NAME: event,
      GITHUB_WORKFLOW_REF: `${name}/${this.workflow.file}@${ref}`,
      GITHUB_STEP_SUMMARY: "/tmp/summary.md",
      ...(job.permissions?.["id-token"] === "write"
        ? {
            ACTIONS_ID_TOKEN_REQUEST_URL: `${host.url}/identity?api-version=2.0`,
            ACTIONS_ID_TOKEN_REQUEST_TOKEN: host.identityFor(claims),
          }
        : {}),
    };
  }
}

function filled(
  texts: Readonly<Record<string, unknown>> | undefined,
  context: ExpressionContext,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts ?? {}).map(([name, value]) => [name, filledIn(String(value), context)]),
  );
}

function withInputs(context: ExpressionContext, given: Readonly<Record<string, string>>): ExpressionContext {
  const inputs = Object.entries(given).map(([name, value]) => [`inputs.${name}`, value]);
  return { ...context, values: { ...context.values, ...(Object.fromEntries(inputs) as Record<string, string>) } };
}

/** What GitHub takes for an input that whoever starts a workflow leaves out. */
function defaultsOf({ on }: Workflow): Record<string, string> {
  const inputs = (on["workflow_dispatch"]?.inputs ?? {}) as Readonly<Record<string, { readonly default?: string }>>;
  return Object.fromEntries(Object.entries(inputs).map(([name, { default: value = "" }]) => [name, value]));
}
