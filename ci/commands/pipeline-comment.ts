import { findHost } from "../pipelines/find-host";
import { planComment, planMarker } from "../pipelines/plan-text";
import { plannedStacks, readPlans } from "../pipelines/plans";
import { provenanceOf } from "../release/provenance";
import type { Session } from "../session";

export interface PipelineCommentOptions {
  /** Folder with what `plan --json` has written, relative to the project's. */
  readonly plans: string;
}

/** `pipeline comment`: the plans of a change as one comment, which is updated by every later run. */
export async function pipelineCommentCommand(session: Session, { plans }: PipelineCommentOptions): Promise<void> {
  const { surroundings, report, interrupts } = session;
  const host = findHost({ env: surroundings.env, signal: interrupts.signal });
  const { commit = "" } = provenanceOf(surroundings.env);
  const text = planComment(readPlans(session, plans, plannedStacks(session)), commit);
  if (!host.writable) {
    report.warn(`the plans are shown here and not as a comment: ${host.wayToWrite}`);
    report.result(text);
    return;
  }
  const written = await report.step(`comment on ${host.name}`, () => host.comment(planMarker, text));
  report.result(`the comment was ${written}`);
}
