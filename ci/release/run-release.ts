import { CommandError, exitCodes, InterruptedError } from "../exit-codes";
import { isExpired, troubleText } from "./aws-trouble";
import { migrate, type Migrated } from "./migrate";
import type { ScheduleMove, ServiceMove } from "./moves";
import { checkQuiet } from "./preflight/quiet";
import { Findings } from "./preflight/findings";
import type { Prepared } from "./prepare";
import type { Provenance } from "./provenance";
import { nameRelease, type Registered, registerAll, tagAll } from "./register";
import { hasTasks, rollOut } from "./roll-out";
import type { RollbackWish } from "./rollback-wish";
import { isUnreleased, readWorld, type World } from "./running";
import type { ReleaseWork } from "./work";

export interface ReleaseRun {
  readonly environment: string;
  readonly prepared: readonly Prepared[];
  readonly provenance: Provenance;
  readonly timeoutMs: number;
  readonly wish: RollbackWish;
}

/** What a release has come to; filled as it goes on, so that a failure can be told as well. */
export interface Progress {
  release: string | null;
  migrated: Migrated | undefined;
  services: readonly ServiceMove[];
  schedules: readonly ScheduleMove[];
}

/** Everything that a release does under its lock: register, migrate, update, follow, prove. */
export async function runRelease(work: ReleaseWork, run: ReleaseRun, progress: Progress): Promise<void> {
  const { interrupts, report } = work;
  const { environment, prepared } = run;
  const world = await report.step("look again, now that nobody else may begin", () =>
    interrupts.race(quietWorld(work, run)),
  );
  const release = await report.step("name the release", () => nameRelease(work, environment, prepared));
  progress.release = release;
  report.line(`${environment} is about to run ${release}`);
  const registered = await report.step("register revisions", () =>
    registerAll(work, prepared, release, run.provenance),
  );
  try {
    progress.migrated = await runMigration(work, run, release, registered);
    progress.services = serviceMoves(world, registered);
    progress.schedules = scheduleMoves(world, registered);
    const { services, schedules } = progress;
    await rollOut(work, { ...run, release, services, schedules });
  } catch (error) {
    // what was interrupted has not failed: the same command again goes on with these revisions
    if (!(error instanceof InterruptedError) && !interrupts.interrupted) await markFailed(work, registered);
    throw error;
  }
  try {
    await report.step("mark it as proven", () => prove(work, registered, progress.services));
  } catch (error) {
    if (isExpired(error) || error instanceof CommandError) throw error;
    throw new CommandError(
      `${release} runs, and could not be marked as proven (${troubleText(error)}): run the same command again`,
    );
  }
}

/** @throws CommandError when something has begun since the first look */
async function quietWorld(work: ReleaseWork, { environment, prepared }: ReleaseRun): Promise<World> {
  const world = await readWorld(
    work,
    prepared.map(({ subject }) => subject),
  );
  const findings = new Findings();
  checkQuiet(environment, world, findings);
  if (findings.problems.length > 0) throw refusal(findings.problems);
  return world;
}

/** The checks before a release have found something. */
export function refusal(problems: readonly string[]): CommandError {
  const list = problems.map((problem) => `  - ${problem}`).join("\n");
  return new CommandError(`nothing was released:\n${list}`, exitCodes.refused, { problems });
}

async function runMigration(
  work: ReleaseWork,
  { environment, prepared }: ReleaseRun,
  release: string,
  registered: readonly Registered[],
): Promise<Migrated | undefined> {
  for (const { subject, arn } of registered) {
    if (subject.kind !== "migration") continue;
    const template = prepared.find((candidate) => candidate.subject === subject)?.template;
    const containers = template?.definition.containerDefinitions?.flatMap(({ name }) => name ?? []) ?? [];
    return migrate(work, { environment, subject, revision: arn, release, containers });
  }
  return undefined;
}

function serviceMoves({ services }: World, registered: readonly Registered[]): ServiceMove[] {
  return services.flatMap((running) => {
    const to = registered.find(({ subject }) => subject === running.subject)?.arn;
    return to === undefined ? [] : [{ running, to, first: isUnreleased(running) }];
  });
}

function scheduleMoves({ schedules }: World, registered: readonly Registered[]): ScheduleMove[] {
  return schedules.flatMap((running) => {
    const to = registered.find(({ subject }) => subject === running.subject)?.arn;
    return to === undefined ? [] : [{ running, to, first: isUnreleased(running) }];
  });
}

/** It runs, and was seen to: now its revisions are what a rollback may go back to, and silence is alarming. */
async function prove(
  work: ReleaseWork,
  registered: readonly Registered[],
  services: readonly ServiceMove[],
): Promise<void> {
  // the proof comes last: once it is there, the same command again finds nothing to do
  await wakeAlarms(work, services);
  await tagAll(work, registered, "proven");
}

/** Let the alarms tell that ring while too few tasks run, of services that have tasks. */
export async function wakeAlarms({ alarms }: ReleaseWork, services: readonly ServiceMove[]): Promise<void> {
  const names = services.filter(hasTasks).flatMap(({ running }) => running.subject.contract.livenessAlarms);
  if (names.length > 0) await alarms.setActions(names, true);
}

/** What it failed of matters more than that this could not be noted. */
async function markFailed(work: ReleaseWork, registered: readonly Registered[]): Promise<void> {
  try {
    await tagAll(
      work,
      registered.filter(({ proven }) => !proven),
      "failed",
    );
  } catch (error) {
    work.report.warn(`the revisions could not be marked as failed (${troubleText(error)})`);
  }
}
