import * as z from "zod";
import { CommandError } from "../exit-codes";
import { driftLabel, filled, type HostWork, needed, type PipelineHost, stageRelease } from "./host";
import { askAllPages, askApi } from "./http";

const labelled = z.looseObject({ labels: z.array(z.string()) });
const merged = z.looseObject({ state: z.string(), target_branch: z.string() });
const pipeline = z.looseObject({ id: z.number(), sha: z.string() });
const job = z.looseObject({ name: z.string(), status: z.string() });
const note = z.looseObject({ id: z.number(), body: z.string(), author: z.looseObject({ id: z.number() }) });
const issue = z.looseObject({
  iid: z.number(),
  title: z.string(),
  description: z.string().nullable(),
  author: z.looseObject({ id: z.number() }),
});
const person = z.looseObject({ id: z.number() });

/**
 * GitLab, by SLIPWAY_GITLAB_TOKEN: the token of a job can read hardly anything there and write nothing. Without one, labels are
 * those that the pipeline was started with, and nothing is written.
 */
export function gitLab({ env, signal }: HostWork): PipelineHost {
  const hint = "GitLab sets it in every job";
  const base = `${needed(env, "CI_API_V4_URL", hint)}/projects/${needed(env, "CI_PROJECT_ID", hint)}`;
  const token = filled(env["SLIPWAY_GITLAB_TOKEN"]);
  const change = filled(env["CI_MERGE_REQUEST_IID"]);
  const ask = (method: "GET" | "POST" | "PUT", url: string, body?: unknown): Promise<unknown> => {
    if (token === undefined) throw new CommandError(`GitLab cannot be written to: ${wayToWrite}`);
    const headers = { "private-token": token };
    return askApi({ method, url, headers, signal, ...(body === undefined ? {} : { body }) });
  };
  const list = async (path: string): Promise<readonly unknown[]> =>
    askAllPages((page) => ask("GET", `${base}${path}${path.includes("?") ? "&" : "?"}per_page=100&page=${page}`));
  /** The request of this pipeline, or those by which its commit came into main: GitLab lists open and closed ones of any branch too. */
  const requests = async (): Promise<readonly unknown[]> => {
    if (change !== undefined) return [await ask("GET", `${base}/merge_requests/${change}`)];
    const branch = needed(env, "CI_DEFAULT_BRANCH", hint);
    const commit = needed(env, "CI_COMMIT_SHA", hint);
    return (await list(`/repository/commits/${commit}/merge_requests?state=merged`)).filter((one) => {
      const { state, target_branch: target } = merged.parse(one);
      return state === "merged" && target === branch;
    });
  };
  const me = async (): Promise<number> => person.parse(await ask("GET", base.replace(/\/projects\/.*$/, "/user"))).id;

  return {
    name: "GitLab",
    writable: token !== undefined,
    wayToWrite,

    async labels() {
      if (token === undefined) {
        return (env["CI_MERGE_REQUEST_LABELS"] ?? "").split(",").filter((label) => label !== "");
      }
      return (await requests()).flatMap((one) => labelled.parse(one).labels);
    },

    async releasedToStage(commit) {
      if (token === undefined) {
        throw new CommandError(
          `whether stage has run ${commit} cannot be asked: store a token with the role Reporter and the scope read_api as the masked, protected variable SLIPWAY_GITLAB_TOKEN for the environment prod`,
        );
      }
      const ref = encodeURIComponent(needed(env, "CI_DEFAULT_BRANCH", hint));
      const found = z.array(pipeline).parse(await list(`/pipelines?sha=${commit}&ref=${ref}&source=push`));
      for (const { id } of found.filter(({ sha }) => sha === commit)) {
        const ran = z.array(job).parse(await list(`/pipelines/${id}/jobs`));
        if (ran.some(({ name, status }) => name === stageRelease && status === "success")) return true;
      }
      return false;
    },

    async comment(marker, text) {
      if (change === undefined) {
        throw new CommandError("this pipeline is not of a merge request, so there is nothing to comment on");
      }
      const notes = `/merge_requests/${change}/notes`;
      const author = await me();
      const before = z
        .array(note)
        .parse(await list(notes))
        .find((one) => one.author.id === author && one.body.startsWith(marker));
      const body = `${marker}\n${text}`;
      if (before?.body === body) return "unchanged";
      if (before === undefined) await ask("POST", `${base}${notes}`, { body });
      else await ask("PUT", `${base}${notes}/${before.id}`, { body });
      return before === undefined ? "made" : "updated";
    },

    async issue(marker, title, text) {
      const author = await me();
      const before = z
        .array(issue)
        .parse(await list(`/issues?state=opened&labels=${driftLabel}&author_id=${author}`))
        .find((one) => one.author.id === author && one.description?.startsWith(marker));
      const address = `${base}/issues/${before?.iid}`;
      if (text === undefined) {
        if (before === undefined) return "unchanged";
        await ask("PUT", address, { state_event: "close" });
        return "closed";
      }
      const description = `${marker}\n${text}`;
      if (before?.description === description) return "unchanged";
      if (before === undefined) await ask("POST", `${base}/issues`, { title, description, labels: driftLabel });
      else await ask("PUT", address, { title, description });
      return before === undefined ? "made" : "updated";
    },
  };
}

const wayToWrite =
  "make a token of the project (on the free plan of GitLab.com, of a second user) with the role Reporter and the scope api, and store it as the masked variable SLIPWAY_GITLAB_TOKEN";
