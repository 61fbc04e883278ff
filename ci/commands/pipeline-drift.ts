import { CommandError } from "../exit-codes";
import { findHost } from "../pipelines/find-host";
import { driftMarker, driftText } from "../pipelines/plan-text";
import { plannedStacks, readPlans } from "../pipelines/plans";
import { provenanceOf } from "../release/provenance";
import type { Session } from "../session";

export interface PipelineDriftOptions {
  /** Folder with what `plan --json` has written, relative to the project's. */
  readonly plans: string;
}

/** `pipeline drift`: one open issue that says what differs from the code, closed when nothing does. */
export async function pipelineDriftCommand(session: Session, { plans }: PipelineDriftOptions): Promise<void> {
  const { surroundings, report, interrupts } = session;
  const host = findHost({ env: surroundings.env, signal: interrupts.signal });
  const { pipeline } = provenanceOf(surroundings.env);
  const text = driftText(readPlans(session, plans, plannedStacks(session)), pipeline);
  report.result(text ?? "nothing differs from the code");
  if (!host.writable) {
    if (text === undefined) return;
    // somebody has to learn of it: a pipeline that fails is told to whoever has made the schedule
    throw new CommandError(`there is drift, and no issue can be written: ${host.wayToWrite}`);
  }
  const written = await report.step(`tell it on ${host.name}`, () =>
    host.issue(driftMarker, "Drift: what runs is not what the code says", text),
  );
  report.line(written === "unchanged" ? "the issues say so already" : `the issue was ${written}`);
}
