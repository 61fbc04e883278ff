import { type Answer, notFound, pageOf, type Question } from "./api";
import type { Tracker, Written } from "./tracker";

/** Id of the user whose tokens pipelines have. */
const me = 3;

/** The pipeline of main that has brought every commit to stage that it has built. */
const mainPipeline = 9001;

/** What tokens of a project may do, by the token. */
export const gitLabTokens = { "token-api": "api", "token-read": "read_api" } as const;

/** GitLab's API, for as much as pipelines ask. */
export class GitLabApi {
  constructor(
    private readonly project: string,
    private readonly tracker: Tracker,
  ) {}

  answer({ method, path, query, body, token }: Question): Answer | undefined {
    const scope = (gitLabTokens as Readonly<Record<string, string>>)[token];
    if (scope === undefined) return [401, { message: "401 Unauthorized" }];
    if (method !== "GET" && scope !== "api") return [403, { message: "insufficient_scope" }];
    if (path === "/user") return [200, { id: me }];
    const base = `/projects/${this.project}`;
    const { tracker } = this;
    const request = `${base}/merge_requests/${tracker.request}`;
    const last = path.split("/").at(-1);
    switch (`${method} ${path.replace(/\d+$/, "N")}`) {
      case `GET ${request}/notes`:
        return [200, pageOf(tracker.comments.map(note), query)];
      case `POST ${request}/notes`:
        return [201, note(tracker.add("comments", body.body))];
      case `PUT ${request}/notes/N`:
        return changed(tracker.find("comments", last), body.body, undefined, undefined);
      case `GET ${base}/issues`:
        return [200, pageOf(tracker.issues.filter(({ open }) => open).map(issue), query)];
      case `POST ${base}/issues`:
        return [201, issue(tracker.add("issues", body.description, body.title))];
      case `PUT ${base}/issues/N`:
        return changed(tracker.find("issues", last), body.description, body.title, body.state_event);
      case `GET ${base}/merge_requests/N`:
        return last === String(tracker.request) ? [200, this.mergeRequest()] : notFound;
      case `GET ${base}/pipelines`:
        return [200, pageOf(this.pipelinesOf(query.get("sha") ?? ""), query)];
      case `GET ${base}/pipelines/${mainPipeline}/jobs`:
        return [200, pageOf([{ name: "stage-release", status: tracker.stageHasRun ? "success" : "running" }], query)];
      default:
        return this.ofCommit(path, `${base}/repository/commits/`, query);
    }
  }

  private ofCommit(path: string, start: string, query: URLSearchParams): Answer | undefined {
    const [, commit] = /^(\w+)\/merge_requests$/.exec(path.slice(start.length)) ?? [];
    if (!path.startsWith(start) || commit === undefined) return undefined;
    return [200, pageOf(this.tracker.commits.has(commit) ? [this.mergeRequest()] : [], query)];
  }

  private pipelinesOf(commit: string): unknown[] {
    return this.tracker.commits.has(commit) ? [{ id: mainPipeline, sha: commit }] : [];
  }

  private mergeRequest(): unknown {
    return { iid: this.tracker.request, labels: this.tracker.labels, state: "merged", target_branch: "main" };
  }
}

function note({ number, text }: Written): unknown {
  return { id: number, body: text, author: { id: me } };
}

function issue({ number, title, text }: Written): unknown {
  return { iid: number, title, description: text, author: { id: me } };
}

function changed(
  written: Written | undefined,
  text: string | undefined,
  title: string | undefined,
  event: string | undefined,
): Answer {
  if (written === undefined) return notFound;
  written.text = text ?? written.text;
  written.title = title ?? written.title;
  if (event === "close") written.open = false;
  return [200, {}];
}
