import { CommandError, exitCodes } from "../exit-codes";
import { undoFirst } from "./moves";
import { Patience } from "./patience";
import { history, isProven } from "./revisions";
import type { RunningService } from "./running";
import { tagKeys } from "./tags";
import { judgeReturn, lookAt, type Return, stopInFlight } from "./undo";
import type { ReleaseWork } from "./work";

const pollMs = 4_000;
/** How far back a revision is looked for that has worked. */
const deep = 30;

/** Deployments that nobody followed, and that have ended. */
export interface EndedInFlight {
  /** Names of their services. */
  readonly names: readonly string[];
  /** All of them run again what ran before: none was faster than the request to go back. */
  readonly back: boolean;
  /** The releases that they were bringing, which other services may run already. */
  readonly releases: readonly string[];
}

/** A service whose deployment is ended. */
interface Ending {
  readonly running: RunningService;
  /** Revision that ECS goes back to, as far as it says so. */
  readonly before: string | undefined;
  /** There is nothing to go back to: it gets no tasks. */
  readonly first: boolean;
}

/**
 * Let deployments that nobody follows go back to what ran before, and wait until they have.
 *
 * @throws CommandError when that fails, or takes too long
 */
export async function endInFlight(
  work: ReleaseWork,
  services: readonly RunningService[],
  timeoutMs: number,
): Promise<EndedInFlight> {
  const { clock, interrupts, report, target } = work;
  const going = services.filter(({ inProgress }) => inProgress.length > 0);
  const names = going.map(({ subject }) => subject.name);
  if (going.length === 0) return { names, back: true, releases: [] };
  const failure = (what: string): CommandError =>
    new CommandError(
      `the deployments of ${names.join(", ")} ${what}: look now; npm run status -- ${target.stack} shows them`,
      exitCodes.rollbackFailed,
    );
  return report.step(`end the deployments of ${names.join(", ")}`, async () => {
    const endings: Ending[] = [];
    for (const running of going) endings.push(await endOne(work, running));
    const releases = endings.flatMap(({ running: { revision }, before }) =>
      // a restart brings nothing new
      revision === undefined || revision.arn === before ? [] : (revision.tags[tagKeys.release] ?? []),
    );
    const patience = new Patience(work);
    const deadline = clock.now() + timeoutMs;
    for (;;) {
      const stands = await patience.ask(() => Promise.all(endings.map((ending) => standOf(work, ending))));
      if (stands?.includes("failed") === true) throw failure("have not gone back");
      if (stands?.includes("moving") === false) {
        return { names, back: stands.every((stand) => stand === "back"), releases };
      }
      if (clock.now() >= deadline) throw failure("do not end");
      await interrupts.race(clock.sleep(pollMs));
    }
  });
}

async function endOne(work: ReleaseWork, running: RunningService): Promise<Ending> {
  const { subject, service, inProgress } = running;
  const { templateTaskDefinitionArn: template } = subject.contract;
  const before = service?.deployments?.find(({ status }) => status === "ACTIVE");
  const worked = before !== undefined && before.taskDefinition !== template && (before.runningCount ?? 0) > 0;
  if (!worked && !(await hasWorked(work, running))) {
    // going back would start the template, whose image does not exist, for ever
    await undoFirst(work, subject, template);
    return { running, before: template, first: true };
  }
  for (const { arn, status } of inProgress) {
    if (status === "PENDING" || status === "IN_PROGRESS") await stopInFlight(work, arn);
  }
  return { running, before: before?.taskDefinition, first: false };
}

async function hasWorked(work: ReleaseWork, { subject, revision }: RunningService): Promise<boolean> {
  for await (const one of history(work, subject.family, deep)) {
    if (isProven(one) && one.arn !== revision?.arn) return true;
  }
  return false;
}

async function standOf(work: ReleaseWork, { running, before, first }: Ending): Promise<Return> {
  const { service, inProgress } = await lookAt(work, running.subject.contract.serviceArn);
  if (first) {
    const tasks = (service?.runningCount ?? 0) + (service?.pendingCount ?? 0);
    return tasks === 0 && inProgress.length === 0 ? "back" : "moving";
  }
  const stand = judgeReturn(before ?? service?.taskDefinition, service, inProgress);
  // where ECS has not said what ran before, anything but what was in flight is that
  return before === undefined && stand === "back" && service?.taskDefinition === running.revision?.arn
    ? "elsewhere"
    : stand;
}
