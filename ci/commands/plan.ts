import { CommandError, exitCodes } from "../exit-codes";
import { openStack, type Session } from "../session";
import { type Guard, guardsText, refusedByAws } from "../terraform/guards";
import { halfMade } from "../terraform/half-made";
import { type WaitingChange, waitingChanges, waitingText } from "../terraform/maintenance-window";
import { type PlanSummary, summarize, summaryText } from "../terraform/plan-summary";
import type { Workspace } from "../terraform/workspace";

export interface PlanCommandOptions {
  readonly environment: string;
  readonly json: boolean;
  /** Change databases at once, not in their maintenance window. */
  readonly applyNow: boolean;
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
  { environment, json, applyNow }: PlanCommandOptions,
): Promise<void> {
  const { report } = session;
  const { workspace } = await openStack(session, environment, applyNowVariables(applyNow));
  const [first] = await halfMade(workspace);
  if (first !== undefined) {
    throw new CommandError(
      `${first.address} was left half made by an interrupted deploy: \`npm run deploy -- ${environment}\` waits for it and goes on`,
    );
  }

  const made = await makePlan(session, workspace);
  if (json) {
    report.json({ ok: true, environment, ...planJson(made), planFile: made.changes ? workspace.plan.path : null });
    return;
  }
  for (const line of planText(made, environment)) report.result(line);
  if (made.changes) report.line(`saved: \`npm run deploy -- ${environment}\` applies exactly this plan`);
}

/** Make and save the plan of a stack. A plan without changes is not kept. */
export async function makePlan({ report }: Session, { terraform, plan }: Workspace): Promise<MadePlan> {
  plan.forget();
  const { changes } = await report.step("plan", () => terraform.plan({ out: plan.path }));
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
  if (changes) plan.remember();
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
