import { Databases } from "../aws/databases";
import { CommandError, exitCodes } from "../exit-codes";
import type { Target } from "../configuration";
import { durationText } from "../report";
import { type OpenStack, openStack, type Session } from "../session";
import { mend } from "../terraform/half-made";
import { waitingText } from "../terraform/maintenance-window";
import { countsText } from "../terraform/plan-summary";
import { TerraformError } from "../terraform/terraform-error";
import type { Workspace } from "../terraform/workspace";
import { outputLines } from "./outputs";
import { applyNowVariables, type MadePlan, makePlan, planJson, planText, readPlan } from "./plan";

export interface DeployCommandOptions {
  readonly environment: string;
  readonly json: boolean;
  /** Go ahead without a question. */
  readonly yes: boolean;
  /** Change databases at once, not in their maintenance window. */
  readonly applyNow: boolean;
}

/** `deploy <environment>`: apply the saved plan, or make one and ask. */
export async function deployCommand(session: Session, options: DeployCommandOptions): Promise<void> {
  const { report } = session;
  const { environment, json, applyNow } = options;
  const started = Date.now();
  const opened = await openStack(session, environment, applyNowVariables(applyNow));
  const { workspace } = opened;

  const { made, untainted } = workspace.plan.exists
    ? { made: await savedPlan(session, workspace, environment), untainted: [] }
    : await freshPlan(session, opened, options);
  if (made.changes) await applyPlan(session, workspace, environment);

  const outputs = await workspace.terraform.outputs();
  const seconds = Math.round((Date.now() - started) / 1000);
  if (json) {
    report.json({ ok: true, environment, ...planJson(made), untainted, outputs, seconds });
    return;
  }
  for (const line of outputLines(outputs)) report.result(line);
  for (const line of waitingText(made.waiting, `npm run deploy -- ${environment}`)) report.line(line);
  report.line(
    `${made.changes ? "deployed" : "nothing to change in"} ${environment} (${countsText(made.summary.counts)}; ${durationText(Date.now() - started)})`,
  );
}

async function savedPlan({ report }: Session, { plan, terraform }: Workspace, environment: string): Promise<MadePlan> {
  plan.check(`npm run plan -- ${environment}`);
  const made = await readPlan(terraform, plan.path);
  report.line("applying the saved plan:");
  for (const line of planText(made, environment)) report.line(line);
  return { changes: true, ...made };
}

async function freshPlan(
  session: Session,
  opened: OpenStack,
  { environment, yes }: DeployCommandOptions,
): Promise<{ readonly made: MadePlan; readonly untainted: readonly string[] }> {
  const { report, prompts, interrupts, surroundings } = session;
  const { target, workspace } = opened;
  if (!yes) prompts.insistOnTerminal(unattended(environment));
  const databases = new Databases(surroundings.env, target.region);
  const untainted = await mend({ workspace, databases, report, interrupts });
  const made = await makePlan(session, workspace);
  if (!made.changes) return { made, untainted };

  for (const line of planText(made, environment)) report.line(line);
  if (!yes) {
    try {
      await confirm(session, opened.target, environment);
    } catch (error) {
      // it was not agreed to: the next deploy must not apply it without a question
      workspace.plan.forget();
      throw error;
    }
  }
  return { made, untainted };
}

async function confirm({ prompts }: Session, { account }: Target, environment: string): Promise<void> {
  const answer = await prompts.ask(
    `deploy this to ${environment}, account ${account}? [y/N] `,
    unattended(environment),
  );
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError("not confirmed: nothing was changed");
}

function unattended(environment: string): string {
  return `pass --yes, or make the plan first with \`npm run plan -- ${environment}\``;
}

/** Apply the plan that was just made or saved; it is applied once, whatever comes of it. */
export async function applyPlan(
  { report }: Session,
  { terraform, plan }: Workspace,
  environment: string,
): Promise<void> {
  try {
    await report.step("apply", () => terraform.apply(plan.path));
  } catch (error) {
    if (
      error instanceof TerraformError &&
      error.diagnostics.some(({ summary }) => /saved plan .*stale/i.test(summary))
    ) {
      throw new CommandError(
        `the state of ${environment} has changed since the plan was made: \`npm run plan -- ${environment}\` makes a new one`,
        exitCodes.stale,
      );
    }
    throw error;
  } finally {
    plan.forget();
  }
}
