import * as z from "zod";
import { CommandError } from "../exit-codes";
import { driftLabel, filled, type HostWork, needed, type PipelineHost, stageRelease } from "./host";
import { askAllPages, askApi } from "./http";

const labelled = z.looseObject({ labels: z.array(z.looseObject({ name: z.string() })) });
const merged = z.looseObject({ merged_at: z.string().nullable(), base: z.looseObject({ ref: z.string() }) });
const runs = z.looseObject({ workflow_runs: z.array(z.looseObject({ id: z.number(), head_sha: z.string() })) });
const jobs = z.looseObject({ jobs: z.array(z.looseObject({ name: z.string(), conclusion: z.string().nullable() })) });
/** Where stage is deployed from; the trust of its roles names it too. */
const mainBranch = "main";
/** A comment or an issue; a person can write a marker too, and it is left alone. */
const entry = z.looseObject({
  number: z.number().optional(),
  id: z.number(),
  body: z.string().nullable(),
  user: z.looseObject({ type: z.string() }).nullable(),
});
type Entry = z.output<typeof entry>;

/** GitHub, by the token of the job. */
export function gitHub({ env, signal }: HostWork): PipelineHost {
  const hint = "GitHub sets it in every job";
  const api = filled(env["GITHUB_API_URL"]) ?? "https://api.github.com";
  const base = `${api}/repos/${needed(env, "GITHUB_REPOSITORY", hint)}`;
  const token = needed(env, "GITHUB_TOKEN", "give it to the step as `env: GITHUB_TOKEN: ${{ github.token }}`");
  const headers = { authorization: `Bearer ${token}`, "x-github-api-version": "2022-11-28" };
  const ask = (method: "GET" | "POST" | "PATCH", path: string, body?: unknown): Promise<unknown> =>
    askApi({ method, url: `${base}${path}`, headers, signal, ...(body === undefined ? {} : { body }) });
  const list = async (path: string): Promise<readonly unknown[]> =>
    askAllPages((page) => ask("GET", `${path}${path.includes("?") ? "&" : "?"}per_page=100&page=${page}`));
  const ours = async (path: string, marker: string): Promise<Entry | undefined> =>
    z
      .array(entry)
      .parse(await list(path))
      .find(({ body, user }) => user?.type === "Bot" && body?.startsWith(marker));

  return {
    name: "GitHub",
    writable: true,
    wayToWrite: "",

    async labels() {
      const change = changeOf(env);
      const found =
        change === undefined
          ? (await list(`/commits/${needed(env, "GITHUB_SHA", hint)}/pulls`)).filter(isMergedIntoMain)
          : [await ask("GET", `/pulls/${change}`)];
      return found.flatMap((one) => labelled.parse(one).labels.map(({ name }) => name));
    },

    async releasedToStage(commit) {
      const query = `head_sha=${commit}&event=push&branch=${mainBranch}&per_page=100`;
      const found = runs.parse(await ask("GET", `/actions/workflows/main.yml/runs?${query}`)).workflow_runs;
      for (const { id } of found.filter(({ head_sha: head }) => head === commit)) {
        const ran = jobs.parse(await ask("GET", `/actions/runs/${id}/jobs?per_page=100`)).jobs;
        if (ran.some(({ name, conclusion }) => name === stageRelease && conclusion === "success")) return true;
      }
      return false;
    },

    async comment(marker, text) {
      const change = changeOf(env);
      if (change === undefined) {
        throw new CommandError("this pipeline is not of a pull request, so there is nothing to comment on");
      }
      const before = await ours(`/issues/${change}/comments`, marker);
      const body = `${marker}\n${text}`;
      if (before?.body === body) return "unchanged";
      if (before === undefined) await ask("POST", `/issues/${change}/comments`, { body });
      else await ask("PATCH", `/issues/comments/${before.id}`, { body });
      return before === undefined ? "made" : "updated";
    },

    async issue(marker, title, text) {
      const before = await ours(`/issues?state=open&labels=${driftLabel}`, marker);
      if (text === undefined) {
        if (before === undefined) return "unchanged";
        await ask("PATCH", `/issues/${before.number}`, { state: "closed" });
        return "closed";
      }
      const body = `${marker}\n${text}`;
      if (before?.body === body) return "unchanged";
      if (before === undefined) await ask("POST", "/issues", { title, body, labels: [driftLabel] });
      else await ask("PATCH", `/issues/${before.number}`, { title, body });
      return before === undefined ? "made" : "updated";
    },
  };
}

function isMergedIntoMain(request: unknown): boolean {
  const { merged_at: at, base } = merged.parse(request);
  return at !== null && base.ref === mainBranch;
}

/** Number of the pull request; `refs/pull/7/merge` is the same for whatever happens to it. */
function changeOf(env: Readonly<Record<string, string>>): string | undefined {
  return /^refs\/pull\/(\d+)\//.exec(env["GITHUB_REF"] ?? "")?.[1];
}
