import { UNRELEASED } from "../../constructs/shared/release-contract-v1";
import { deploymentsBefore, type FollowedService } from "./follow-service";
import { isSettled, type RunningSchedule, type RunningService } from "./running";
import type { ServiceSubject } from "./subjects";
import type { ReleaseWork } from "./work";

/** A service that is to run another revision. */
export interface ServiceMove {
  readonly running: RunningService;
  /** ARN of the revision. */
  readonly to: string;
  /** It was never released: it gets its tasks as well, and there is nothing to go back to. */
  readonly first: boolean;
}

/** A schedule that is to start another revision. */
export interface ScheduleMove {
  readonly running: RunningSchedule;
  readonly to: string;
  readonly first: boolean;
}

/** A move that was begun, or at least tried: whether AWS took it is looked up when it has to be undone. */
export interface BegunMove extends ServiceMove {
  readonly followed: FollowedService;
  /** AWS has taken it. */
  taken: boolean;
  /** The service's parameter names this release, or may do so. */
  marked: boolean;
}

/** Whether a service runs the revision already, all of it: what is left of a release that was finished but for its proof. */
export function isThere({ running, to, first }: ServiceMove): boolean {
  const { service, subject } = running;
  if (service?.taskDefinition !== to || !isSettled(running)) return false;
  return !first || (service.desiredCount ?? 0) >= subject.contract.minTasks;
}

/** Tell ECS what a service is to run. `begun` gets the move before AWS hears of it. */
export async function beginMove(
  work: ReleaseWork,
  move: ServiceMove,
  release: string,
  begun: BegunMove[],
): Promise<void> {
  const { ecs, clock, parameters, scaling } = work;
  const { running, to, first } = move;
  const { name, contract } = running.subject;
  const { serviceArn: arn, minTasks, maxTasks, scalableTarget, releasedParameter } = contract;
  const since = new Date(clock.now());
  const before = await deploymentsBefore(work, arn, since);
  const followed = { name, arn, taskDefinition: to, since, before, first };
  const entry: BegunMove = { ...move, followed, taken: false, marked: false };
  begun.push(entry);
  if (!isThere(move)) {
    await ecs.updateService(arn, {
      taskDefinition: to,
      // ECS deploys nothing for a revision that the service names already, whatever runs
      ...(running.service?.taskDefinition === to ? { forceNewDeployment: true } : {}),
      ...(first ? { desiredCount: minTasks } : {}),
    });
    entry.taken = true;
  }
  // until now Terraform has kept it from scaling; before the mark, which says that nothing of a first release is missing
  if (first && scalableTarget !== null) await scaling.setRange(scalableTarget, minTasks, maxTasks, true);
  if (running.mark !== release) {
    // before the answer, which may be lost on its way
    entry.marked = true;
    await parameters.write(releasedParameter, release);
  }
}

/** Point a schedule at a revision; the first release switches it on. `begun` gets the move before AWS hears of it. */
export async function moveSchedule(
  { schedules, parameters }: ReleaseWork,
  move: ScheduleMove,
  release: string,
  begun: ScheduleMove[],
): Promise<void> {
  const { running, to, first } = move;
  const { scheduleGroup, scheduleName, releasedParameter } = running.subject.contract;
  const enabled = first || running.state?.enabled === true;
  begun.push(move);
  if (running.state?.taskDefinitionArn !== to || running.state.enabled !== enabled) {
    await schedules.change(scheduleGroup, scheduleName, { taskDefinitionArn: to, enabled });
  }
  if (running.mark !== release) await parameters.write(releasedParameter, release);
}

/** Point a schedule at what it started before. */
export async function undoSchedule({ schedules, parameters }: ReleaseWork, { running }: ScheduleMove): Promise<void> {
  const { scheduleGroup, scheduleName, releasedParameter } = running.subject.contract;
  if (running.state !== undefined) await schedules.change(scheduleGroup, scheduleName, running.state);
  await parameters.write(releasedParameter, running.mark);
}

/** Take a first release back: no task, as Terraform has it before one. `before` is a revision that was never meant to run. */
export async function undoFirst(
  { ecs, parameters, scaling }: ReleaseWork,
  { contract }: ServiceSubject,
  before: string,
): Promise<void> {
  const { serviceArn, scalableTarget, releasedParameter, maxTasks } = contract;
  // before the tasks go: autoscaling would start them again
  if (scalableTarget !== null) await scaling.setRange(scalableTarget, 0, maxTasks, false);
  await ecs.updateService(serviceArn, { taskDefinition: before, desiredCount: 0 });
  await parameters.write(releasedParameter, UNRELEASED);
}
