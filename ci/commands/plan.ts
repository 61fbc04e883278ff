import { Databases } from "../aws/databases";
import { CommandError, exitCodes } from "../exit-codes";
import { openStack, type Session } from "../session";
import { type Guard, guardsText, refusedByAws } from "../terraform/guards";
import { halfMade, mend } from "../terraform/half-made";
import { type WaitingChange, waitingChanges, waitingText } from "../terraform/maintenance-window";
import { type PlanSummary, summarize, summaryText } from "../terraform/plan-summary";
import type { Workspace } from "../terraform/workspace";

export interface PlanCommandOptions {
  readonly environment: string;
  readonly json: boolean;
  /** Change databases at once, not in their maintenance window. */
  readonly applyNow: boolean;
  /** Take the lock of the state. Default: true; a role that only reads cannot, and sees the state as it is at that moment. */
  readonly lock?: boolean;
  /** Save a plan without changes too: Terraform refuses it as it does others when the state has changed by then. Default: false. */
  readonly keep?: boolean;
  /** Take over what an interrupted deploy left half made, as `deploy` does; it writes the state. Default: false, and such a plan is refused. */
  readonly mend?: boolean;
}

/** A plan, and what it says. */
export interface MadePlan {
  readonly changes: boolean;
  readonly summary: PlanSummary;
  readonly waiting: readonly WaitingChange[];
  /** What it deletes although AWS will refuse it. */
  readonly refused: readonly Guard[];
}

/** `plan <environment>`: save a plan and say what it would do. */
export async function planCommand(
  session: Session,
  { environment, json, applyNow, lock = true, keep = false, mend: takeOver = false }: PlanCommandOptions,
): Promise<void> {
  const { report, interrupts, surroundings } = session;
  const { target, workspace } = await openStack(session, environment, applyNowVariables(applyNow));
  if (takeOver) {
    await mend({ workspace, databases: new Databases(surroundings.env, target.region), report, interrupts });
  } else await insistOnWhole(workspace, environment);

  const made = await makePlan(session, workspace, { lock, keep });
  if (json) {
    report.json({
      ok: true,
      environment,
      ...planJson(made),
      planFile: made.changes || keep ? workspace.plan.path : null,
    });
    return;
  }
  for (const line of planText(made, environment)) report.result(line);
  if (made.changes) report.line(`saved: \`npm run deploy -- ${environment}\` applies exactly this plan`);
}

/** @throws CommandError when an interrupted deploy left something that a plan would make anew */
async function insistOnWhole(workspace: Workspace, environment: string): Promise<void> {
  const [first] = await halfMade(workspace);
  if (first === undefined) return;
  throw new CommandError(
    `${first.address} was left half made by an interrupted deploy: \`npm run deploy -- ${environment}\` waits for it and goes on`,
  );
}

/** Make and save the plan of a stack. A plan without changes is not kept, unless it is asked for. */
export async function makePlan(
  { report }: Session,
  { terraform, plan }: Workspace,
  { lock = true, keep = false }: Pick<PlanCommandOptions, "lock" | "keep"> = {},
): Promise<MadePlan> {
  plan.forget();
  const { changes } = await report.step("plan", () => terraform.plan({ out: plan.path, lock }));
  const made = await readPlan(terraform, plan.path);
  if (made.refused.length > 0) {
    plan.forget();
    throw new CommandError(
      `the plan deletes what AWS protects, so it would stop half-way; nothing was changed:\n${guardsText(made.refused)}\n` +
        "deploy it without its guard first (a database generation: name it in database.unguardedGenerations), then take it out",
      exitCodes.guarded,
      { guards: made.refused },
    );
  }
  if (changes || keep) plan.remember();
  else plan.forget();
  return { changes, ...made };
}

/** What a saved plan says. */
export async function readPlan(terraform: Workspace["terraform"], file: string): Promise<Omit<MadePlan, "changes">> {
  const json = await terraform.show(file);
  return { summary: summarize(json), waiting: waitingChanges(json), refused: refusedByAws(json) };
}

/** The lines of a plan, for a person. */
export function planText({ summary, waiting }: Pick<MadePlan, "summary" | "waiting">, environment: string): string[] {
  return [summaryText(summary), ...waitingText(waiting, `npm run deploy -- ${environment}`)];
}

/** A plan, for a script. */
export function planJson({ summary, waiting, changes }: MadePlan): Record<string, unknown> {
  return {
    changes,
    counts: summary.counts,
    resources: summary.changes,
    losses: summary.losses.map(({ address }) => address),
    waiting,
  };
}

/** What `--apply-now` tells the synthesis. */
export function applyNowVariables(applyNow: boolean): Record<string, string> {
  return applyNow ? { SLIPWAY_APPLY_NOW: "1" } : {};
}
