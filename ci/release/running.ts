import { UNRELEASED } from "../../constructs/shared/release-contract-v1";
import type { DeploymentBrief, Service } from "../aws/ecs";
import type { ScheduleState } from "../aws/schedules";
import type { Revision } from "./revisions";
import { isSchedule, isService, type ScheduleSubject, type ServiceSubject, type Subject } from "./subjects";
import type { ReleaseWork } from "./work";

interface Released {
  /** The revision that it runs. */
  readonly revision: Revision | undefined;
  /** Name of the release that it had last, or "no". */
  readonly mark: string;
}

export interface RunningService extends Released {
  readonly subject: ServiceSubject;
  /** None when AWS does not know it. */
  readonly service: Service | undefined;
  /** Its deployments that have not ended. */
  readonly inProgress: readonly DeploymentBrief[];
}

export interface RunningSchedule extends Released {
  readonly subject: ScheduleSubject;
  /** None when AWS does not know it. */
  readonly state: ScheduleState | undefined;
}

/** What runs in an environment. */
export interface World {
  readonly services: readonly RunningService[];
  readonly schedules: readonly RunningSchedule[];
  /** Tasks of the migration that have not stopped. */
  readonly migrations: readonly string[];
}

/** Look at all of it. */
export async function readWorld(work: ReleaseWork, subjects: readonly Subject[]): Promise<World> {
  const { ecs, contracts } = work;
  const services = subjects.filter(isService);
  const described = await ecs.services(services.map(({ contract }) => contract.serviceArn));
  const { migration } = contracts.environment;
  const [running, schedules, migrations] = await Promise.all([
    Promise.all(services.map((subject) => runningService(work, subject, described))),
    Promise.all(subjects.filter(isSchedule).map((subject) => runningSchedule(work, subject))),
    migration === null ? [] : ecs.livingTasks(migration.family),
  ]);
  return {
    services: running,
    schedules,
    // a one-off command runs with the migration's revision, and is none
    migrations: migrations.flatMap(({ taskArn: arn, startedBy = "" }) =>
      startedBy.startsWith("run/") ? [] : (arn ?? []),
    ),
  };
}

/** Whether something was never released. */
export function isUnreleased({ mark }: Released): boolean {
  return mark === UNRELEASED;
}

/** Whether a service runs its revision and nothing else. */
export function isSettled({ service, inProgress }: Pick<RunningService, "service" | "inProgress">): boolean {
  const [primary, ...others] = service?.deployments ?? [];
  if (inProgress.length > 0 || others.length > 0) return false;
  return primary?.rolloutState === undefined || primary.rolloutState === "COMPLETED";
}

async function runningService(
  work: ReleaseWork,
  subject: ServiceSubject,
  described: readonly Service[],
): Promise<RunningService> {
  const { serviceArn, releasedParameter } = subject.contract;
  const service = described.find((candidate) => candidate.serviceArn === serviceArn);
  const [revision, mark, inProgress] = await Promise.all([
    revisionOf(work, service?.taskDefinition),
    markOf(work, releasedParameter),
    service?.status === "ACTIVE" ? work.ecs.deploymentsInProgress(serviceArn) : [],
  ]);
  return { subject, service, revision, mark, inProgress };
}

async function runningSchedule(work: ReleaseWork, subject: ScheduleSubject): Promise<RunningSchedule> {
  const { scheduleGroup, scheduleName, releasedParameter } = subject.contract;
  const state = await work.schedules.state(scheduleGroup, scheduleName);
  const [revision, mark] = await Promise.all([
    revisionOf(work, state?.taskDefinitionArn),
    markOf(work, releasedParameter),
  ]);
  return { subject, state, revision, mark };
}

async function revisionOf({ ecs }: ReleaseWork, arn: string | undefined): Promise<Revision | undefined> {
  const described = arn === undefined || arn === "" ? undefined : await ecs.taskDefinition(arn);
  return arn === undefined || described === undefined ? undefined : { arn, ...described };
}

async function markOf({ parameters }: ReleaseWork, name: string): Promise<string> {
  return (await parameters.read(name)) ?? UNRELEASED;
}
