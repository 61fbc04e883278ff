import type { DeploymentBrief, Service } from "../aws/ecs";
import { InterruptedError } from "../exit-codes";
import { isDenied, isExpired, troubleText } from "./aws-trouble";
import { lastPart } from "./arn";
import type { FollowOutcome } from "./follow-service";
import { type BegunMove, type ScheduleMove, undoFirst, undoSchedule } from "./moves";
import { Patience } from "./patience";
import { isSettled } from "./running";
import type { ReleaseWork } from "./work";

const pollMs = 4_000;

/** What was begun, and how it stands as far as that is known. */
export interface Begun {
  readonly services: readonly BegunMove[];
  readonly schedules: readonly ScheduleMove[];
  readonly outcomes: readonly FollowOutcome[];
}

/** Whether a service has come back to what ran before. */
export type Return = "back" | "moving" | "elsewhere" | "failed";

/** How a service stands that is to run `before` again. */
export function judgeReturn(
  before: string | undefined,
  service: Pick<Service, "taskDefinition" | "deployments"> | undefined,
  inProgress: readonly DeploymentBrief[],
): Return {
  const primary = service?.deployments?.find(({ status }) => status === "PRIMARY");
  if (inProgress.length === 0 && primary?.rolloutState === "FAILED") return "failed";
  if (!isSettled({ service, inProgress })) return "moving";
  return service?.taskDefinition === before ? "back" : "elsewhere";
}

/**
 * Ask AWS to let run again what ran before. Gives what cannot be undone, as sentences.
 * A move that AWS refuses to undo does not keep the others from being undone.
 */
export async function askBack(work: ReleaseWork, begun: Begun): Promise<string[]> {
  const problems: string[] = [];
  const attempt = async (name: string, undo: () => Promise<string | void>): Promise<void> => {
    try {
      const problem = await undo();
      if (typeof problem === "string") problems.push(problem);
    } catch (error) {
      if (isExpired(error)) throw error;
      problems.push(`${name}: ${troubleText(error)}`);
    }
  };
  for (const move of begun.schedules) await attempt(move.running.subject.name, () => undoSchedule(work, move));
  for (const move of begun.services) {
    await attempt(move.followed.name, () => (move.first ? askNothing(work, move) : askServiceBack(work, move, begun)));
  }
  return problems;
}

/** Wait until everything that was asked back has come back. Gives what has not, as sentences. */
export async function waitBack(work: ReleaseWork, begun: Begun, timeoutMs: number): Promise<string[]> {
  const { clock, interrupts, report } = work;
  const deadline = clock.now() + timeoutMs;
  const problems: string[] = [];
  const patience = new Patience(work);
  let open = begun.services.filter((move) => lost(begun, move) === undefined);
  const asked = new Set<string>();
  for (;;) {
    const next: BegunMove[] = [];
    for (const move of open) {
      const { name, arn } = move.followed;
      const stand = await patience.ask(() => standOf(work, move));
      if (stand === "failed") problems.push(`${name}: going back has failed as well`);
      else if (stand === "elsewhere" && asked.has(name)) problems.push(`${name}: it does not run what ran before`);
      else if (stand !== "back") next.push(move);
      if (stand !== "elsewhere" || asked.has(name)) continue;
      // the deployment ended well before it could be stopped
      asked.add(name);
      await work.ecs.updateService(arn, backTo(move));
    }
    open = next;
    if (open.length === 0) return problems;
    if (clock.now() >= deadline) {
      return [...problems, ...open.map(({ followed: { name } }) => `${name}: going back takes too long`)];
    }
    report.progress(`${open.map(({ followed: { name } }) => name).join(", ")}: going back`);
    await interrupts.race(clock.sleep(pollMs));
  }
}

/** Ask everything back and wait for it; a signal ends the waiting. */
export async function undoAll(work: ReleaseWork, begun: Begun, timeoutMs: number): Promise<string[]> {
  const { report, target } = work;
  return report.step(
    "go back to what ran before",
    async () => {
      const problems = await askBack(work, begun);
      try {
        return [...problems, ...(await waitBack(work, begun, timeoutMs))];
      } catch (error) {
        if (isExpired(error)) throw error;
        // why it had to go back matters more than that nobody sees it arrive
        if (!(error instanceof InterruptedError)) {
          return [...problems, `going back is not watched any more (${troubleText(error)})`];
        }
        throw new InterruptedError(
          `interrupted: ECS goes back to what ran before, and is not watched any more: npm run status -- ${target.stack} shows it`,
        );
      }
    },
    (problems) => problems.length > 0,
  );
}

async function askServiceBack(work: ReleaseWork, move: BegunMove, begun: Begun): Promise<string | undefined> {
  const { ecs } = work;
  const { running, followed } = move;
  const gone = lost(begun, move);
  if (gone !== undefined) return gone;
  const { service, inProgress } = await lookAt(work, followed.arn);
  if (inProgress.length > 0) {
    for (const { arn, status } of inProgress) {
      if (status !== "PENDING" && status !== "IN_PROGRESS") continue;
      if (!(await stopInFlight(work, arn)) && !(await goesBack(work, move, arn))) {
        // one that cannot be stopped is replaced
        await ecs.updateService(followed.arn, backTo(move));
      }
    }
  } else if (service?.taskDefinition !== running.service?.taskDefinition) {
    await ecs.updateService(followed.arn, backTo(move));
  }
  if (move.marked) await restoreMark(work, move);
  return undefined;
}

/** A name that is one too new does no harm: what counts is that the service was released at all. */
async function restoreMark({ parameters, report }: ReleaseWork, { running, followed }: BegunMove): Promise<void> {
  try {
    await parameters.write(running.subject.contract.releasedParameter, running.mark);
  } catch (error) {
    if (isExpired(error)) throw error;
    report.warn(`${followed.name}: its parameter still names this release (${troubleText(error)})`);
  }
}

async function askNothing(work: ReleaseWork, { running }: BegunMove): Promise<void> {
  const { subject, service } = running;
  await undoFirst(work, subject, service?.taskDefinition ?? subject.contract.templateTaskDefinitionArn);
}

/** Whether a deployment goes back although AWS has not taken the request to stop it: an answer that was lost is asked for again. */
async function goesBack(work: ReleaseWork, { followed, running }: BegunMove, deployment: string): Promise<boolean> {
  const { service, inProgress } = await lookAt(work, followed.arn);
  const brief = inProgress.find(({ arn }) => arn === deployment);
  if (brief !== undefined) return brief.status !== "PENDING" && brief.status !== "IN_PROGRESS";
  return service?.taskDefinition === running.service?.taskDefinition;
}

/** Let ECS end a deployment and go back. False when it cannot be stopped, any more or at this moment. */
export async function stopInFlight({ ecs }: ReleaseWork, deployment: string): Promise<boolean> {
  try {
    await ecs.stopDeployment(deployment, "ROLLBACK");
    return true;
  } catch (error) {
    if (isExpired(error) || isDenied(error)) throw error;
    return false;
  }
}

/** Why a service is left alone; none when it is not. */
function lost({ outcomes }: Begun, { followed, running }: BegunMove): string | undefined {
  const outcome = outcomes.find(({ name }) => name === followed.name);
  const because = typeof outcome?.reason !== "string" ? "" : ` (${outcome.reason})`;
  if (outcome?.status === "replaced") {
    return `${followed.name}: somebody else has begun another deployment, which is left as it is${because}`;
  }
  if (outcome?.status !== "rollback failed") return undefined;
  const before = lastPart(running.service?.taskDefinition ?? "");
  return `${followed.name}: ECS has failed to go back to ${before}${because}`;
}

async function standOf(work: ReleaseWork, move: BegunMove): Promise<Return> {
  const { service, inProgress } = await lookAt(work, move.followed.arn);
  if (!move.first) return judgeReturn(move.running.service?.taskDefinition, service, inProgress);
  return (service?.runningCount ?? 0) + (service?.pendingCount ?? 0) === 0 ? "back" : "moving";
}

/** A service, and its deployments that have not ended. */
export async function lookAt(
  { ecs }: ReleaseWork,
  arn: string,
): Promise<{ readonly service: Service | undefined; readonly inProgress: readonly DeploymentBrief[] }> {
  const [services, inProgress] = await Promise.all([ecs.services([arn]), ecs.deploymentsInProgress(arn)]);
  return { service: services[0], inProgress };
}

function backTo({ running }: BegunMove): { taskDefinition?: string } {
  const before = running.service?.taskDefinition;
  return before === undefined ? {} : { taskDefinition: before };
}
