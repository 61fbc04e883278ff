import { CommandError, exitCodes } from "../exit-codes";
import { findHost } from "../pipelines/find-host";
import { allowLabel, isOfTag } from "../pipelines/host";
import { lossLines } from "../pipelines/plan-text";
import { plannedStacks, type PlanOfStack, readPlans } from "../pipelines/plans";
import type { Session } from "../session";

export interface PipelineGateOptions {
  /** Default: every stack that pipelines plan. */
  readonly stacks: readonly string[];
  /** Folder with what `plan --json` has written, relative to the project's. */
  readonly plans: string;
}

/**
 * `pipeline gate [stacks...]`: refuse plans that delete or replace what holds data, unless the change has the label, or
 * SLIPWAY_ALLOW_REPLACEMENT names the stack. On a tag only the latter counts.
 */
export async function pipelineGateCommand(session: Session, { stacks, plans }: PipelineGateOptions): Promise<void> {
  const { surroundings, report, interrupts } = session;
  const read = readPlans(session, plans, stacks.length > 0 ? stacks : plannedStacks(session));
  // what was not planned may lose anything
  const missing = read.filter(({ result }) => result === undefined).map(({ stack }) => stack);
  if (missing.length > 0) {
    throw new CommandError(`there is no plan of ${missing.join(", ")} in ${plans}: see the job that makes it`);
  }
  const lossy = read.filter(losesData);
  if (lossy.length === 0) {
    report.result("nothing that holds data is deleted or replaced");
    return;
  }

  const lines = lossy.flatMap(({ stack, result }) => (result === undefined ? [] : lossLines(stack, result))).join("\n");
  const named = (surroundings.env["SLIPWAY_ALLOW_REPLACEMENT"] ?? "").split(",").map((name) => name.trim());
  if (lossy.every(({ stack }) => named.includes(stack))) {
    report.warn(`data is lost, as SLIPWAY_ALLOW_REPLACEMENT allows:\n${lines}`);
    return;
  }
  const names = lossy.map(({ stack }) => stack).join(",");
  if (isOfTag(surroundings.env)) {
    throw new CommandError(
      `data would be lost:\n${lines}\nto let it be so, type it: start the job again with SLIPWAY_ALLOW_REPLACEMENT=${names} ` +
        `(GitHub: -f allow_replacement=${names})`,
      exitCodes.guarded,
    );
  }
  const host = findHost({ env: surroundings.env, signal: interrupts.signal });
  const labels = await report.step(`read the labels on ${host.name}`, () => host.labels());
  if (labels.includes(allowLabel)) {
    report.warn(`data is lost, as the label ${allowLabel} allows:\n${lines}`);
    return;
  }
  throw new CommandError(
    `data would be lost:\n${lines}\nto let it be so, give the request the label ${allowLabel}, also when it is merged already, and run this job again; ` +
      "a commit that no request has brought needs a request after it",
    exitCodes.guarded,
  );
}

function losesData({ result }: PlanOfStack): boolean {
  return result !== undefined && result.losses.length > 0;
}
