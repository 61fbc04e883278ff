import { Alarms } from "../aws/alarms";
import { Ecr } from "../aws/ecr";
import { Ecs } from "../aws/ecs";
import { Marks } from "../aws/parameters";
import { Scaling } from "../aws/scaling";
import { Schedules } from "../aws/schedules";
import { TaskLogs } from "../aws/task-logs";
import type { Clock } from "../clock";
import type { Target } from "../configuration";
import type { Fetch } from "../fetch";
import type { Report } from "../report";
import type { Session } from "../session";
import type { Interrupts } from "../terraform/interrupts";
import { openRelease, type ReleaseContracts } from "./contract";

/** What everything works with that looks at what runs, or changes it. */
export interface ReleaseWork {
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly contracts: ReleaseContracts;
  readonly ecr: Ecr;
  readonly ecs: Ecs;
  readonly env: Readonly<Record<string, string>>;
  readonly fetch: Fetch;
  readonly interrupts: Interrupts;
  readonly logs: TaskLogs;
  readonly parameters: Marks;
  readonly report: Report;
  readonly scaling: Scaling;
  readonly schedules: Schedules;
  readonly target: Target;
}

/** The work on the environment that a person named. */
export async function openWork(session: Session, environment: string): Promise<ReleaseWork> {
  const { surroundings, report, interrupts, clock, fetch = globalThis.fetch } = session;
  const { env } = surroundings;
  const { target, contracts } = await openRelease(session, environment);
  const { region } = target;
  return {
    alarms: new Alarms(env, region),
    clock,
    contracts,
    ecr: new Ecr(env),
    ecs: new Ecs(env, region, contracts.environment.cluster),
    env,
    fetch,
    interrupts,
    logs: new TaskLogs(env, region),
    parameters: new Marks(env, region),
    report,
    scaling: new Scaling(env, region),
    schedules: new Schedules(env, region),
    target,
  };
}
