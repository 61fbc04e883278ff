import { Databases } from "../aws/databases";
import type { Target } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import type { Session } from "../session";
import { type Guard, guardsIn, guardsText } from "./guards";
import { mend } from "./half-made";
import { type PlanJson, resourcesOf } from "./json";
import { holdsData } from "./plan-summary";
import type { Workspace } from "./workspace";

export interface LowerGuardsOptions {
  readonly session: Session;
  readonly target: Target;
  readonly workspace: Workspace;
}

/**
 * Apply the lowered guards of a stack that is synthesized as temporary, and see in the state that none is left.
 *
 * Guards act on what is in the state: without this step Terraform deletes what is not guarded, and then fails on what is. Only the
 * guarded resources are targeted: a full plan would also carry out whatever else has changed in the files since, and would build what
 * an interrupted deploy or destroy has left out, only to delete it a minute later.
 *
 * @throws CommandError when a guard is still up; nothing was deleted then
 */
export async function lowerGuards({ session, target, workspace }: LowerGuardsOptions): Promise<void> {
  const { report, interrupts, surroundings } = session;
  const { terraform, plan } = workspace;
  if ((await guardsOf(workspace)).length === 0) return;

  // a guarded resource that is half made would be replaced, which is: deleted
  await mend({ workspace, databases: new Databases(surroundings.env, target.region), report, interrupts });
  const guards = await guardsOf(workspace);
  const targets = [...new Set(guards.map(({ address }) => address))];
  report.line(`lowering ${guards.length} guards:\n${guardsText(guards)}`);
  try {
    await report.step("plan the lowered guards", () => terraform.plan({ out: plan.path, targets }));
    refuseLosses(await terraform.show(plan.path));
    await report.step("lower the guards", () => terraform.apply(plan.path));
  } finally {
    plan.forget();
  }
  const left = await guardsOf(workspace);
  if (left.length > 0) {
    throw new CommandError(`guards are still up, nothing was deleted:\n${guardsText(left)}`, exitCodes.guarded);
  }
}

async function guardsOf({ terraform }: Workspace): Promise<Guard[]> {
  return guardsIn(resourcesOf(await terraform.state()));
}

/** A change in the files that replaces a guarded resource would delete it in the very step that is to lower its guard. */
function refuseLosses({ resource_changes: changes = [] }: PlanJson): void {
  const lost = changes.filter(({ type, change }) => change.actions.includes("delete") && holdsData(type));
  if (lost.length === 0) return;
  throw new CommandError(
    `lowering the guards would also replace ${lost.map(({ address }) => address).join(", ")}, nothing was deleted: undo that change in environments/ first`,
    exitCodes.guarded,
  );
}
