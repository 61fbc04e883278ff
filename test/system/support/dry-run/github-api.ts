import { randomUUID } from "node:crypto";
import { type Answer, notFound, pageOf, type Question } from "./api";
import type { Tracker, Written } from "./tracker";

export type Permissions = Readonly<Record<string, string>>;

/** A run of a workflow, as the API tells of it. */
export interface RunFacts {
  readonly path: string;
  readonly event: string;
  readonly head_sha: string;
  readonly head_branch: string;
  readonly run_attempt: number;
  conclusion: string | null;
}

/** The run of main that has brought every commit to stage that it has built. */
const mainRun = "9001";

/** GitHub's API, for as much as pipelines ask; a token may do what the permissions of its job say. */
export class GitHubApi {
  readonly runs = new Map<string, RunFacts>();
  private readonly jobs = new Map<string, Permissions>();

  constructor(
    private readonly repository: string,
    private readonly tracker: Tracker,
  ) {}

  /** The token of a job. */
  tokenFor(permissions: Permissions): string {
    const token = `job-${randomUUID()}`;
    this.jobs.set(token, permissions);
    return token;
  }

  answer(question: Question): Answer | undefined {
    const permissions = this.jobs.get(question.token);
    if (permissions === undefined) return [401, { message: "Bad credentials" }];
    const base = `/repos/${this.repository}`;
    if (!question.path.startsWith(`${base}/`)) return notFound;
    const path = question.path.slice(base.length);
    const may = (needed: "read" | "write", ...names: readonly string[]): boolean =>
      names.some((name) => permissions[name] === "write" || (needed === "read" && permissions[name] === "read"));
    const [allowed, answer] = this.route({ ...question, path }, may);
    return allowed ? answer() : [403, { message: "Resource not accessible by integration" }];
  }

  private route(
    { method, path, query, body }: Question,
    may: (needed: "read" | "write", ...names: readonly string[]) => boolean,
  ): readonly [boolean, () => Answer] {
    const { tracker } = this;
    const request = String(tracker.request);
    const [, list, number] = /^\/issues(\/comments)?\/(\d+)$/.exec(path) ?? [];
    const parts = `${method} ${path}`;
    const toRequest = ["issues", "pull-requests"];
    if (parts === `GET /issues/${request}/comments`) {
      return [may("read", ...toRequest), () => [200, pageOf(tracker.comments.map(shown), query)]];
    }
    if (parts === `POST /issues/${request}/comments`) {
      return [may("write", ...toRequest), () => [201, shown(tracker.add("comments", body.body))]];
    }
    if (method === "PATCH" && list === "/comments") {
      return [may("write", ...toRequest), () => changed(tracker.find("comments", number), body)];
    }
    if (method === "PATCH" && number !== undefined) {
      return [may("write", "issues"), () => changed(tracker.find("issues", number), body)];
    }
    if (parts === "GET /issues") {
      return [may("read", "issues"), () => [200, pageOf(tracker.issues.filter(({ open }) => open).map(shown), query)]];
    }
    if (parts === "POST /issues") {
      return [may("write", "issues"), () => [201, shown(tracker.add("issues", body.body, body.title))]];
    }
    if (parts === `GET /pulls/${request}`) return [may("read", "pull-requests"), () => [200, this.pull()]];
    const [, commit] = /^\/commits\/(\w+)\/pulls$/.exec(path) ?? [];
    if (commit !== undefined) {
      const pulls = tracker.commits.has(commit) ? [this.pull()] : [];
      return [may("read", "pull-requests"), () => [200, pageOf(pulls, query)]];
    }
    if (path === "/actions/workflows/main.yml/runs") {
      const head = query.get("head_sha") ?? "";
      const found = tracker.commits.has(head) ? [{ id: Number(mainRun), head_sha: head }] : [];
      return [may("read", "actions"), () => [200, { workflow_runs: found }]];
    }
    if (path === `/actions/runs/${mainRun}/jobs`) {
      const conclusion = tracker.stageHasRun ? "success" : null;
      return [may("read", "actions"), () => [200, { jobs: [{ name: "stage-release", conclusion }] }]];
    }
    const [, run] = /^\/actions\/runs\/(\d+)$/.exec(path) ?? [];
    if (run !== undefined) {
      const facts = this.runs.get(run);
      return [may("read", "actions"), () => (facts === undefined ? notFound : [200, facts])];
    }
    return [true, () => notFound];
  }

  private pull(): unknown {
    const labels = this.tracker.labels.map((name) => ({ name }));
    return { number: this.tracker.request, labels, merged_at: "2026-11-26T12:00:00Z", base: { ref: "main" } };
  }
}

function shown({ number, title, text, open }: Written): unknown {
  return { id: number, number, title, body: text, state: open ? "open" : "closed", user: { type: "Bot" } };
}

function changed(written: Written | undefined, body: any): Answer {
  if (written === undefined) return notFound;
  written.text = body.body ?? written.text;
  written.title = body.title ?? written.title;
  if (body.state !== undefined) written.open = body.state === "open";
  return [200, shown(written)];
}
