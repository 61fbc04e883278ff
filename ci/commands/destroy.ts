import { bootstrapStack } from "../../constructs/shared/pipeline-names";
import { Databases, type KeptCopy } from "../aws/databases";
import { forgetState, isBootstrap, refuseWhileNeeded, takeStateOut } from "../bootstrap/leave";
import { errorName } from "../aws/errors";
import { TaskDefinitions } from "../aws/task-definitions";
import { registryStack, type Target, targetOf } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import { removeDevicesInState } from "../mqtt/remove-devices-in-state";
import { durationText } from "../report";
import { openStack, type Session } from "../session";
import { type Guard, guardsIn, guardsOnDeleted, guardsText } from "../terraform/guards";
import { lowerGuards } from "../terraform/lower-guards";
import { resourcesOf } from "../terraform/json";
import { countsText, lossText, summarize } from "../terraform/plan-summary";
import type { Workspace } from "../terraform/workspace";

export interface DestroyCommandOptions {
  readonly environment: string;
  readonly json: boolean;
  /** Go ahead without a question, where the environment's own file says `temporary`. */
  readonly yes: boolean;
  /** The environment's name, typed by a script: what a permanent environment asks for. */
  readonly confirm?: string;
}

/** `destroy <environment>`: lower the guards, see that they are down, and only then delete. */
export async function destroyCommand(session: Session, options: DestroyCommandOptions): Promise<void> {
  const { report, configuration, surroundings } = session;
  const { environment, json } = options;
  const started = Date.now();
  const target = targetOf(configuration, environment, surroundings.env);
  if (target.lifetime === "temporary") refuseHalfConfirmed(session, target, options);

  const opened = await openStack(session, environment);
  opened.workspace.plan.forget();
  const resources = resourcesOf(await opened.workspace.terraform.state());
  let devices: readonly string[] = [];
  if (resources.length > 0) {
    if (target.lifetime === "permanent") throw guardedError(target, guardsIn(resources));
    if (isBootstrap(opened)) await refuseWhileNeeded(session, opened);
    await confirm(session, target, options, resources.length);
    const { workspace } = isBootstrap(opened) ? await takeStateOut(session, opened) : opened;
    await lowerGuards({ session, target, workspace });
    devices = await removeDevicesInState(session, target, resources);
    await deleteAll(session, workspace);
  } else {
    report.line(`nothing is deployed in ${environment}`);
  }
  if (isBootstrap(opened)) forgetState(opened);
  const runsServices = environment !== registryStack && !isBootstrap(opened);
  const deregistered = runsServices ? await removeTaskDefinitions(session, target) : 0;
  const kept = runsServices ? await listKept(session, target) : [];

  const seconds = Math.round((Date.now() - started) / 1000);
  if (json) report.json({ ok: true, environment, destroyed: resources.length, devices, deregistered, kept, seconds });
  for (const { kind, name } of kept) report.line(`stays, and costs until you delete it: ${kind} ${name}`);
  if (resources.length > 0) {
    report.line(`destroyed ${environment} (${resources.length} resources; ${durationText(Date.now() - started)})`);
  }
}

function guardedError(target: Target, guards: readonly Guard[]): CommandError {
  const { stack, project, account } = target;
  const once = "SLIPWAY_LIFETIME=temporary lowers the guards for one run";
  const way =
    stack === registryStack
      ? `images of all environments of ${project} are in it; ${once}`
      : stack === bootstrapStack(account)
        ? `the states of account ${account} and the roles of its pipelines are in it; ${once}`
        : `set lifetime to "temporary" in environments/${stack}.ts, or SLIPWAY_LIFETIME=temporary for one run`;
  const listed = guards.length === 0 ? "" : `:\n${guardsText(guards)}`;
  return new CommandError(`${stack} is permanent, and its guards are up${listed}\n${way}`, exitCodes.guarded, {
    guards,
  });
}

/** What a script has to pass is known before anything is asked of AWS. */
function refuseHalfConfirmed(
  { surroundings }: Session,
  target: Target,
  { yes, confirm: typed }: DestroyCommandOptions,
): void {
  const { stack, writtenLifetime } = target;
  if (typed !== undefined && typed !== stack) {
    throw new CommandError(`--confirm ${typed} is not the name of the environment, ${stack}`, exitCodes.usage);
  }
  if (typed === stack || surroundings.isTTY) return;
  if (writtenLifetime === "permanent") {
    throw new CommandError(
      `${stack} is permanent in its file: a script confirms with --confirm ${stack}`,
      exitCodes.usage,
    );
  }
  if (!yes) throw new CommandError(`nobody is there to confirm: pass --yes`, exitCodes.usage);
}

async function confirm(
  { prompts, report }: Session,
  { stack, account, writtenLifetime }: Target,
  { yes, confirm: typed }: DestroyCommandOptions,
  count: number,
): Promise<void> {
  if (typed === stack || (yes && writtenLifetime === "temporary")) return;
  report.line(`this deletes ${count} resources of ${stack} in account ${account}, with all data in them`);
  const answer = await prompts.ask(`type ${stack} to go on: `, `pass --confirm ${stack}`);
  if (answer.trim() !== stack) throw new CommandError("not confirmed: nothing was changed");
}

async function deleteAll({ report }: Session, { terraform, plan }: Workspace): Promise<void> {
  try {
    await report.step("plan the deletion", () => terraform.plan({ out: plan.path, destroy: true }));
    const planned = await terraform.show(plan.path);
    // the plan has read AWS again: a guard that someone raised by hand is seen here
    const guards = guardsOnDeleted(planned);
    if (guards.length > 0) {
      throw new CommandError(`guards are still up, nothing was deleted:\n${guardsText(guards)}`, exitCodes.guarded);
    }
    const { losses, counts } = summarize(planned);
    report.line([...losses.map(lossText), countsText(counts)].join("\n"));
    await report.step("delete", () => terraform.apply(plan.path));
  } finally {
    plan.forget();
  }
}

async function removeTaskDefinitions(
  { report, surroundings, configuration }: Session,
  target: Target,
): Promise<number> {
  const definitions = new TaskDefinitions(surroundings.env, target.region);
  const scope = {
    project: target.project,
    environment: target.stack,
    environments: Object.keys(configuration.environments),
  };
  const { deregistered, notDeleted } = await report.step("deregister task definitions", () =>
    definitions.remove(scope, (text) => report.progress(text)),
  );
  if (notDeleted !== undefined) {
    report.warn(`task definitions are deregistered but not deleted (${errorName(notDeleted)}): they cost nothing`);
  }
  return deregistered;
}

async function listKept(
  { report, surroundings, interrupts }: Session,
  { project, stack, region }: Target,
): Promise<KeptCopy[]> {
  const databases = new Databases(surroundings.env, region);
  return report.step("look for snapshots and backups", () =>
    interrupts.race(databases.kept(`${project}-${stack}-db-`)),
  );
}
