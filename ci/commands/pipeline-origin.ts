import * as z from "zod";
import { CommandError, exitCodes } from "../exit-codes";
import { needed } from "../pipelines/host";
import { askApi } from "../pipelines/http";
import type { Session } from "../session";

const run = z.looseObject({
  path: z.string(),
  event: z.string(),
  head_sha: z.string(),
  head_branch: z.string().nullable(),
  conclusion: z.string().nullable(),
  run_attempt: z.number(),
});

export interface PipelineOriginOptions {
  /** Id of the run on GitHub whose plan is to be applied. */
  readonly run: string;
  /** Which attempt of it was read: a run that is started again makes another plan under the same number. */
  readonly attempt: string;
  /** What the person typed who approves. */
  readonly environment: string;
}

/**
 * `pipeline origin`: refuse an approval on GitHub that is not one of production on a version tag, and a plan that was not made by this
 * workflow for this tag. Whoever may push a branch can make a run that leaves a file of the same name.
 */
export async function pipelineOriginCommand(
  session: Session,
  { run: id, attempt, environment }: PipelineOriginOptions,
): Promise<void> {
  const { surroundings, report, interrupts } = session;
  const { env } = surroundings;
  const hint = "GitHub sets it in every job";
  const ref = needed(env, "GITHUB_REF", hint);
  const wrongs = [
    ...(/^\d+$/.test(id) ? [] : [`--run must be the number of a run, as its address has it, got ${id}`]),
    ...(environment === "prod" ? [] : [`--environment must be prod, typed out, got ${environment}`]),
    ...(/^refs\/tags\/v/.test(ref)
      ? []
      : [`production is started on a tag v*, got ${ref}: choose the tag, or give it with --ref`]),
  ];
  if (wrongs.length > 0) throw new CommandError(wrongs.join("\n"), exitCodes.usage);
  const api = needed(env, "GITHUB_API_URL", hint);
  const repository = needed(env, "GITHUB_REPOSITORY", hint);
  const tag = needed(env, "GITHUB_REF_NAME", hint);
  const workflow = needed(env, "GITHUB_WORKFLOW_REF", hint).replace(`${repository}/`, "").split("@")[0];
  const token = needed(env, "GITHUB_TOKEN", "give the step `github.token`");
  const headers = { authorization: `Bearer ${token}`, "x-github-api-version": "2022-11-28" };
  const url = `${api}/repos/${repository}/actions/runs/${id}`;
  const told = run.parse(await askApi({ method: "GET", url, headers, signal: interrupts.signal }));
  // GitHub's own examples have the path with the branch behind it
  const found = { ...told, path: told.path.split("@")[0], run_attempt: String(told.run_attempt) };

  const expected = {
    path: workflow,
    event: "push",
    head_sha: needed(env, "GITHUB_SHA", hint),
    head_branch: tag,
    conclusion: "success",
    run_attempt: attempt,
  } as const;
  const problems = (Object.keys(expected) as (keyof typeof expected)[])
    .filter((field) => found[field] !== expected[field])
    .map((field) => `${field} of run ${id} must be ${expected[field]}, got ${found[field]}`);
  if (problems.length > 0) {
    throw new CommandError(
      `${problems.join("\n")}\nstart it again with the run that the push of ${tag} has started`,
      exitCodes.stale,
    );
  }
  report.result(`run ${id} is of ${tag}`);
}
