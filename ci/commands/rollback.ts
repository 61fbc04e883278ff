import { CommandError, exitCodes } from "../exit-codes";
import { MissingRepositoryError, repositoryOf } from "../aws/ecr";
import { isDenied, tellable } from "../release/aws-trouble";
import { endInFlight } from "../release/end-in-flight";
import { withReleaseLock } from "../release/lock";
import type { ScheduleMove, ServiceMove } from "../release/moves";
import { missingSecrets, secretUses } from "../release/preflight/secrets";
import { refusal } from "../release/run-release";
import { history, type Revision } from "../release/revisions";
import { planRollback, type RollbackPlan } from "../release/rollback-plan";
import { rollOut } from "../release/roll-out";
import { isUnreleased, readWorld, type RunningSchedule, type RunningService, type World } from "../release/running";
import { isRunning, type RunningSubject, subjectsOf } from "../release/subjects";
import { movedServices, type Summary, tellFailure, tellSummary } from "../release/summary";
import { tagKeys } from "../release/tags";
import { openWork, type ReleaseWork } from "../release/work";
import type { Session } from "../session";

/** How many of a family's newest revisions are looked at: enough for years of releases would take minutes. */
const recentRevisions = 30;

export interface RollbackOptions {
  readonly environment: string;
  /** A release, a digest or a revision. Default: the last proven release before what runs. */
  readonly to: string | undefined;
  /** Minutes that the deployments may take. */
  readonly timeout: number;
  readonly json: boolean;
}

/** `rollback <environment>`: run again what an earlier release has proven. The database stays as it is. */
export async function rollbackCommand(session: Session, options: RollbackOptions): Promise<void> {
  const { environment } = options;
  try {
    const work = await openWork(session, environment);
    await withReleaseLock(work, environment, () => rollback(work, options));
  } catch (error) {
    throw tellable(error, environment);
  }
}

async function rollback(work: ReleaseWork, options: RollbackOptions): Promise<void> {
  const { environment, to, timeout } = options;
  const { report, interrupts, clock } = work;
  const began = clock.now();
  const subjects = subjectsOf(work.contracts).filter(isRunning);
  const read = (): Promise<World> => interrupts.race(readWorld(work, subjects));
  let world = await report.step("read what runs", read);
  if (world.migrations.length > 0) {
    throw refusal([`a migration is running: npm run logs -- ${environment} migration --follow shows its end`]);
  }
  const ended = await endInFlight(work, world.services, timeout * 60_000);
  if (ended.names.length > 0) world = await report.step("read what runs now", read);
  if (ended.names.length > 0 && to === undefined && ended.back && !runsAny(world, ended.releases)) {
    tellEnded(work, options, ended.names, world);
    return;
  }
  const plan = await report.step("look for what has worked", () => planOf(work, subjects, world, options));
  await report.step(`look whether ${plan.release} can still start`, () =>
    refuseGone(work, subjects, plan, environment),
  );
  for (const name of plan.left) report.warn(`${name} has no proven revision of ${plan.release}: it stays as it is`);
  report.line(`back to ${plan.release}: nothing is migrated back, the database stays as it is`);
  const services = serviceMoves(world, plan);
  const schedules = scheduleMoves(world, plan);
  const summary = (status: string): Omit<Summary, "ok"> => ({
    command: "rollback",
    environment,
    release: plan.release,
    images: {},
    services: movedServices(services, schedules, status),
    migration: null,
    seconds: (clock.now() - began) / 1000,
  });
  try {
    await rollOut(work, { environment, release: plan.release, services, schedules, timeoutMs: timeout * 60_000 });
  } catch (error) {
    tellFailure(work, summary("not rolled back"), tellable(error, environment));
    throw error;
  }
  tellSummary(work, { ...summary("rolled back"), ok: true }, options.json);
}

/** Whether something runs one of these releases: what was in flight had come further elsewhere. */
function runsAny({ services, schedules }: World, releases: readonly string[]): boolean {
  return [...services, ...schedules].some(({ revision }) => releases.includes(revision?.tags[tagKeys.release] ?? ""));
}

/** @throws CommandError when there is nothing to go back to */
async function planOf(
  work: ReleaseWork,
  subjects: readonly RunningSubject[],
  { services, schedules }: World,
  { environment, to }: RollbackOptions,
): Promise<RollbackPlan> {
  const candidates = await Promise.all(
    subjects.map(async ({ name, family }) => {
      const running = [...services, ...schedules].find(({ subject }) => subject.name === name)?.revision;
      const revisions: Revision[] = [];
      for await (const revision of history(work, family, recentRevisions)) revisions.push(revision);
      return { name, running, revisions };
    }),
  );
  const plan = planRollback(environment, candidates, to);
  if (typeof plan === "string") throw new CommandError(plan, exitCodes.refused);
  return plan;
}

/**
 * Images expire and secrets are rotated: what has worked once may not start any more, which ECS would find out in minutes.
 *
 * @throws CommandError with everything that is gone
 */
async function refuseGone(
  work: ReleaseWork,
  subjects: readonly RunningSubject[],
  { release, revisions }: RollbackPlan,
  environment: string,
): Promise<void> {
  const gone = await Promise.all(
    subjects.map(async ({ name, contract }) => {
      const arn = revisions.get(name);
      const revision = arn === undefined ? undefined : await work.interrupts.race(work.ecs.taskDefinition(arn));
      if (revision === undefined) return [];
      const secrets = await missingSecrets(work, secretUses(name, revision.definition));
      const image = await missingImage(work, contract.repository, revision.tags[tagKeys.digest]);
      return [...secrets, ...image].map((what) => `${name} of ${release} cannot start: ${what}`);
    }),
  );
  const problems = gone.flat();
  if (problems.length === 0) return;
  const way = `npm run rollback -- ${environment} --to <release> takes another, npm run release -- ${environment} --image <tag> gives an old image the secrets of now`;
  throw refusal([...problems, way]);
}

async function missingImage(
  { ecr, interrupts }: ReleaseWork,
  url: string,
  digest: string | undefined,
): Promise<string[]> {
  if (digest === undefined) return [];
  try {
    const found = await interrupts.race(ecr.image(repositoryOf(url), { digest }));
    return found === undefined ? [`its image ${digest.slice(0, 19)} is not in the registry any more`] : [];
  } catch (error) {
    if (isDenied(error)) return [];
    if (error instanceof MissingRepositoryError) return [error.message];
    throw error;
  }
}

function serviceMoves(world: World, plan: RollbackPlan): ServiceMove[] {
  return movesOf<RunningService>(world.services, plan);
}

function scheduleMoves(world: World, plan: RollbackPlan): ScheduleMove[] {
  return movesOf<RunningSchedule>(world.schedules, plan);
}

/** What was never released has nothing to go back to, and stays. */
function movesOf<T extends RunningService | RunningSchedule>(
  running: readonly T[],
  { revisions }: RollbackPlan,
): { readonly running: T; readonly to: string; readonly first: false }[] {
  return running.flatMap((one) => {
    const to = revisions.get(one.subject.name);
    return to === undefined || isUnreleased(one) ? [] : [{ running: one, to, first: false as const }];
  });
}

/** A deployment that was in progress has gone back: that is the rollback. */
function tellEnded(
  { report }: ReleaseWork,
  { environment, json }: RollbackOptions,
  ended: readonly string[],
  { services }: World,
): void {
  const runs = services
    .filter(({ subject }) => ended.includes(subject.name))
    .map(({ subject, revision }) => ({ name: subject.name, release: revision?.tags[tagKeys.release] ?? null }));
  if (json) report.json({ ok: true, environment, ended: runs });
  else {
    const texts = runs.map(({ name, release }) => `${name} runs ${release ?? "nothing that was released"}`);
    report.result(`the deployments in progress have gone back: ${texts.join(", ")}`);
  }
}
