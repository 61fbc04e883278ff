import { CommandError, exitCodes, InterruptedError } from "../exit-codes";
import { lastPart } from "./arn";
import { listed } from "./listed";
import { isExpired, tellable, troubleText } from "./aws-trouble";
import { type FollowOutcome, followServices } from "./follow-service";
import { type BegunMove, beginMove, isThere, moveSchedule, type ScheduleMove, type ServiceMove } from "./moves";
import type { RollbackWish } from "./rollback-wish";
import { smokeProblem } from "./smoke";
import { isSettled } from "./running";
import { askBack, undoAll } from "./undo";
import type { ReleaseWork } from "./work";

export interface RollOut {
  readonly environment: string;
  /** Name of the release, which services get as their mark. */
  readonly release: string;
  readonly services: readonly ServiceMove[];
  readonly schedules: readonly ScheduleMove[];
  /** How long deployments may take; going back may take as long again. */
  readonly timeoutMs: number;
  readonly wish?: RollbackWish;
}

/** Why what was rolled out does not stay. */
class Refused extends Error {
  constructor(
    readonly reasons: readonly string[],
    readonly timedOut: boolean,
  ) {
    super(reasons.join("; "));
  }
}

/**
 * Let services run their new revisions, see that they do, and point the schedules at theirs; all of it, or what ran before runs
 * again.
 *
 * @throws CommandError when it was undone, or could not be
 */
export async function rollOut(work: ReleaseWork, plan: RollOut): Promise<void> {
  const begun = { services: [] as BegunMove[], schedules: [] as ScheduleMove[], outcomes: [] as FollowOutcome[] };
  try {
    await runAll(work, plan, begun);
  } catch (error) {
    if (error instanceof InterruptedError) throw await interruptedError(work, plan, begun);
    // without credentials nothing can be undone either
    if (isExpired(error)) throw tellable(error, plan.environment);
    const problems = await undoAll(work, begun, plan.timeoutMs);
    const taken = begun.services.some((move) => move.taken) || begun.schedules.length > 0;
    if (!taken && problems.length === 0) throw tellable(error, plan.environment);
    throw undoneError(plan, error, problems);
  } finally {
    plan.wish?.close();
  }
}

async function runAll(
  work: ReleaseWork,
  plan: RollOut,
  begun: { services: BegunMove[]; schedules: ScheduleMove[]; outcomes: FollowOutcome[] },
): Promise<void> {
  const { interrupts, report } = work;
  const { environment, services, schedules, release, timeoutMs, wish } = plan;
  if (services.length > 0) {
    await report.step(`update ${services.map(({ running }) => running.subject.name).join(", ")}`, async () => {
      for (const move of services) {
        // not given up at a signal: what ECS has taken is known, and undone
        interrupts.check();
        await beginMove(work, move, release, begun.services);
      }
    });
  }
  for (const { running } of services.filter(isThere)) report.line(`${running.subject.name} runs it already`);
  const followed = begun.services.filter(({ taken }) => taken).map((move) => move.followed);
  if (followed.length > 0) {
    begun.outcomes = await report.step(
      "follow the deployments",
      () => followServices(work, followed, { timeoutMs, together: true, ...(wish === undefined ? {} : { wish }) }),
      (outcomes) => failuresIn(outcomes).length > 0,
    );
    refuseFailures(begun.outcomes, timeoutMs);
  }
  await smoke(work, plan);
  if (services.length > 0) await insistThatAllRun(work, services);
  for (const move of schedules) {
    interrupts.check();
    await report.step(`point schedule ${move.running.subject.name} of ${environment} at it`, () =>
      moveSchedule(work, move, release, begun.schedules),
    );
  }
  interrupts.check();
}

function failuresIn(outcomes: readonly FollowOutcome[]): FollowOutcome[] {
  return outcomes.filter(({ status }) => status !== "succeeded" && status !== "in flight");
}

/** @throws Refused unless all have succeeded */
function refuseFailures(outcomes: readonly FollowOutcome[], timeoutMs: number): void {
  const failed = failuresIn(outcomes);
  if (failed.length === 0) return;
  const texts = {
    "given up": "its tasks kept dying",
    "timed out": `not done after ${timeoutMs / 60_000} min`,
  } as const;
  const reasons = failed.map(({ name, status, reason }) => {
    const what = status === "given up" || status === "timed out" ? texts[status] : status;
    return `${name}: ${what}${reason === null ? "" : ` (${reason})`}`;
  });
  throw new Refused(
    reasons,
    failed.every(({ status }) => status === "timed out"),
  );
}

/**
 * A last look at all of them: one was followed to its end while others took longer, another ran it already when the release began.
 *
 * @throws Refused unless every service runs its revision and nothing else
 */
async function insistThatAllRun({ ecs, interrupts }: ReleaseWork, services: readonly ServiceMove[]): Promise<void> {
  const arns = services.map(({ running }) => running.subject.contract.serviceArn);
  const now = await interrupts.race(ecs.services(arns));
  const wrong = services.flatMap(({ running: { subject }, to }) => {
    const service = now.find(({ serviceArn }) => serviceArn === subject.contract.serviceArn);
    if (service?.taskDefinition === to && isSettled({ service, inProgress: [] })) return [];
    return [`${subject.name}: it does not run ${lastPart(to)} any more`];
  });
  if (wrong.length > 0) throw new Refused(wrong, false);
}

async function smoke(work: ReleaseWork, { services }: RollOut): Promise<void> {
  const { contracts, report } = work;
  const { smokeUrl } = contracts.environment;
  if (smokeUrl === null) return;
  const web = services.filter(({ running }) => running.subject.kind === "web");
  if (!web.some(hasTasks)) {
    report.warn(`${smokeUrl} was not asked: no task of a web service is wanted`);
    return;
  }
  const problem = await report.step(
    `ask ${smokeUrl}`,
    () => smokeProblem(work, smokeUrl),
    (found) => found !== undefined,
  );
  if (problem !== undefined) throw new Refused([problem], false);
}

/** Whether a service has tasks once it has moved. */
export function hasTasks({ running, first }: ServiceMove): boolean {
  const wanted = first ? running.subject.contract.minTasks : (running.service?.desiredCount ?? 0);
  return wanted > 0;
}

/** What is in flight is asked back, and nobody waits: a machine that interrupts is about to kill. */
async function interruptedError(
  work: ReleaseWork,
  { environment }: RollOut,
  begun: Parameters<typeof askBack>[1],
): Promise<InterruptedError> {
  if (begun.services.length === 0 && begun.schedules.length === 0) return new InterruptedError();
  const problems = await askBack(work, begun);
  const status = `npm run status -- ${environment} shows it`;
  return new InterruptedError(
    problems.length === 0
      ? `interrupted: ECS was asked to run again what ran before, which is not waited for: ${status}`
      : `interrupted, and not everything goes back to what ran before: ${status}\n${listed(problems)}`,
  );
}

function undoneError({ environment }: RollOut, error: unknown, problems: readonly string[]): CommandError {
  const reasons = error instanceof Refused ? error.reasons : [troubleText(error)];
  const look = `npm run status -- ${environment} and npm run logs -- ${environment} say more`;
  if (problems.length > 0) {
    return new CommandError(
      `failed, and not everything runs again what ran before: look now; ${look}\n${listed([...reasons, ...problems])}`,
      exitCodes.rollbackFailed,
      { reasons, problems },
    );
  }
  const timedOut = error instanceof Refused && error.timedOut;
  return new CommandError(
    `${timedOut ? "took too long, and was rolled back" : "rolled back"}: what ran before runs again; ${look}\n${listed(reasons)}`,
    timedOut ? exitCodes.releaseTimedOut : exitCodes.rolledBack,
    { reasons },
  );
}
