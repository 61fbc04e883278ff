import { CommandError, exitCodes } from "../exit-codes";
import { findHost } from "../pipelines/find-host";
import { stageRelease } from "../pipelines/host";
import { provenanceOf } from "../release/provenance";
import type { Session } from "../session";

/**
 * `pipeline proven`: refuse a commit that main's pipeline has not released to stage. Without it a tag on a commit that was never built,
 * or that has failed in stage, would change the infrastructure of production before anybody misses the image.
 */
export async function pipelineProvenCommand({ surroundings, report, interrupts }: Session): Promise<void> {
  const { env } = surroundings;
  const { commit } = provenanceOf(env);
  if (commit === undefined) {
    throw new CommandError("neither GITHUB_SHA nor CI_COMMIT_SHA is set: run it in a pipeline", exitCodes.usage);
  }
  const host = findHost({ env, signal: interrupts.signal });
  const proven = await report.step(`ask ${host.name} whether stage has run it`, () => host.releasedToStage(commit));
  if (!proven) {
    throw new CommandError(
      `stage has not run ${commit}: no pipeline of main for it has a ${stageRelease} that succeeded; wait for it or mend it, then run this job again`,
      exitCodes.refused,
    );
  }
  report.result(`stage has run ${commit}`);
}
