import { conditionHolds } from "./expression";
import { type GitHubJob, workflows } from "./files";

/** Something that happens to a repository on GitHub. */
export interface GitHubEvent {
  readonly name: "push" | "pull_request" | "schedule" | "workflow_dispatch";
  readonly ref: string;
  /** Default: `opened`. */
  readonly action?: string;
  /** What `if` can ask. */
  readonly values: Readonly<Record<string, string>>;
}

/** Jobs that run at an event, with their matrix: `plan:dev`. `fails` are those that do not succeed. */
export function jobsOnGitHub(event: GitHubEvent, fails: readonly string[] = []): string[] {
  return workflows.filter(({ on }) => starts(on, event)).flatMap(({ jobs }) => running(jobs, event, fails));
}

function running(jobs: Readonly<Record<string, GitHubJob>>, event: GitHubEvent, fails: readonly string[]): string[] {
  const results: Record<string, string> = {};
  const names: string[] = [];
  for (const [id, job] of inOrder(jobs)) {
    const needs = [job.needs ?? []].flat();
    const succeeded = needs.every((need) => results[need] === "success");
    const values = {
      ...event.values,
      "github.event_name": event.name,
      "github.ref": event.ref,
      ...Object.fromEntries(needs.map((need) => [`needs.${need}.result`, results[need] ?? ""])),
    };
    const runs = conditionHolds(job.if, { values, succeeded });
    results[id] = !runs ? "skipped" : fails.includes(id) ? "failure" : "success";
    if (runs) names.push(...namesOf(id, job, event, fails));
  }
  return names;
}

function namesOf(id: string, job: GitHubJob, event: GitHubEvent, fails: readonly string[]): string[] {
  if (job.uses !== undefined) {
    const called = workflows.find(({ file }) => `./${file}` === job.uses);
    if (called === undefined) throw new Error(`${job.uses} is not there`);
    return running(called.jobs, event, fails);
  }
  return job.strategy === undefined ? [id] : job.strategy.matrix.include.map(({ stack }) => `${id}:${stack}`);
}

function inOrder(jobs: Readonly<Record<string, GitHubJob>>): [string, GitHubJob][] {
  const done: [string, GitHubJob][] = [];
  const add = (id: string): void => {
    const job = jobs[id];
    if (job === undefined) throw new Error(`there is no job ${id}`);
    for (const need of [job.needs ?? []].flat()) add(need);
    if (!done.some(([name]) => name === id)) done.push([id, job]);
  };
  Object.keys(jobs).forEach(add);
  return done;
}

/** Whether a workflow begins at an event. */
export function starts(on: Readonly<Record<string, any>>, { name, ref, action = "opened" }: GitHubEvent): boolean {
  if (!(name in on)) return false;
  const filter = (on[name] ?? {}) as Readonly<Record<string, readonly string[]>>;
  if (name === "pull_request") return (filter["types"] ?? ["opened", "synchronize", "reopened"]).includes(action);
  if (name !== "push") return true;
  const tag = /^refs\/tags\/(.*)$/.exec(ref)?.[1];
  const branch = /^refs\/heads\/(.*)$/.exec(ref)?.[1];
  if (tag !== undefined) return filter["tags"]?.some((pattern) => fits(tag, pattern)) ?? !hasBranches(filter);
  if (branch === undefined) return false;
  if (filter["branches"] !== undefined) return filter["branches"].some((pattern) => fits(branch, pattern));
  if (filter["branches-ignore"] !== undefined) return !filter["branches-ignore"].some((one) => fits(branch, one));
  return filter["tags"] === undefined;
}

function hasBranches(filter: Readonly<Record<string, unknown>>): boolean {
  return "branches" in filter || "branches-ignore" in filter;
}

function fits(text: string, pattern: string): boolean {
  return new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`).test(text);
}
