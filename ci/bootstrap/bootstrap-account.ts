import { Databases } from "../aws/databases";
import { CostAnomalies } from "../aws/cost-anomalies";
import { Identities } from "../aws/identities";
import { applyPlan } from "../commands/deploy";
import { type MadePlan, makePlan, planText } from "../commands/plan";
import type { Target } from "../configuration";
import { CommandError } from "../exit-codes";
import type { Session } from "../session";
import { mend } from "../terraform/half-made";
import { askAsAdministrator } from "./administrator";
import { findLeftovers, writeImports } from "./adopt";
import { moveIntoBucket } from "./move-state";
import { type OpenBootstrap, openBootstrap } from "./open-bootstrap";

/** What an account has after its bootstrap. */
export interface Bootstrapped {
  readonly made: MadePlan;
  /** Its state was on this machine until now. */
  readonly moved: boolean;
  /** What existed already and is now of the stack, by address. */
  readonly adopted: readonly string[];
  readonly stateBucket: string;
  /** ARNs by `<environment>-<kind>`. */
  readonly roleArns: Readonly<Record<string, string>>;
}

const unattended = "pass --yes";

/** Make, or bring up to date, what an account needs once; safe to run again wherever an earlier run ended. */
export async function bootstrapAccount(
  session: Session,
  target: Target,
  { yes }: { readonly yes: boolean },
): Promise<Bootstrapped> {
  const { report, prompts, interrupts, surroundings } = session;
  if (!yes) prompts.insistOnTerminal(unattended);
  const opened = await openBootstrap(session, target, { adopts: true });
  const adopted = await adopt(session, opened);
  const { workspace } = opened;
  const databases = new Databases(surroundings.env, target.region);
  await mend({ workspace, databases, report, interrupts });
  const made = await makePlan(session, workspace);
  if (made.changes) {
    for (const line of planText(made, target.stack)) report.line(line);
    await confirm(session, opened, yes);
    await applyPlan(session, workspace, target.stack);
  } else {
    report.line(`nothing to change in ${target.stack}`);
  }

  const moved = opened.place.at === "machine";
  const settled = moved ? await moveIntoBucket(session, opened) : opened;
  writeImports(settled.workspace.terraform.directory, []);
  if (made.changes || moved) await insistOnNothingLeft(session, settled);
  const { role_arns: roleArns = {} } = await settled.workspace.terraform.outputs();
  return {
    made,
    moved,
    adopted,
    stateBucket: settled.standing.bucket,
    roleArns: roleArns as Bootstrapped["roleArns"],
  };
}

async function adopt(
  { report, interrupts, surroundings: { env } }: Session,
  { target, workspace, place, standing }: OpenBootstrap,
): Promise<readonly string[]> {
  const identities = new Identities(env, target.region);
  const costs = new CostAnomalies(env);
  const leftovers = await report.step("look for what an earlier run left", () =>
    interrupts.race(
      askAsAdministrator(target.account, () =>
        findLeftovers({
          json: workspace.json,
          account: target.account,
          known: new Set(place.state?.resources.map(({ address }) => address)),
          ask: {
            bucketExists: standing.bucketExists,
            pathOfRole: (name) => identities.pathOfRole(name),
            hasPolicy: (arn) => identities.hasPolicy(arn),
            issuers: () => identities.issuers(),
            monitors: () => costs.monitors(),
            subscriptions: () => costs.subscriptions(),
          },
        }),
      ),
    ),
  );
  writeImports(workspace.terraform.directory, leftovers);
  for (const { address, id } of leftovers) report.line(`taking over ${id} (${address}), which no state knows`);
  return leftovers.map(({ address }) => address);
}

async function confirm(
  { prompts }: Session,
  { target: { account }, workspace }: OpenBootstrap,
  yes: boolean,
): Promise<void> {
  if (yes) return;
  try {
    const answer = await prompts.ask(`make this in account ${account}? [y/N] `, unattended);
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError("not confirmed: nothing was changed");
  } catch (error) {
    // it was not agreed to: the next deploy must not apply it without a question
    workspace.plan.forget();
    throw error;
  }
}

/** What Terraform would do again and again is told now, and not in somebody's next plan. */
async function insistOnNothingLeft(
  { report }: Session,
  { target: { stack }, workspace }: OpenBootstrap,
): Promise<void> {
  const { terraform, plan } = workspace;
  const { changes } = await report.step("plan again", () => terraform.plan({ out: plan.path }));
  plan.forget();
  if (!changes) return;
  throw new CommandError(
    `a second plan of ${stack} still wants changes: \`npm run plan -- ${stack}\` says which; run it again, and if they stay, something else changes what it makes`,
  );
}
