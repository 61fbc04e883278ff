import { isFamilyOf } from "../aws/task-definitions";
import { holderText, lockName } from "./lock";
import { type ServiceStatus, statusOfSchedule, statusOfService } from "./status";
import type { ReleaseWork } from "./work";

/** What runs in an environment. */
export interface EnvironmentStatus {
  readonly services: readonly ServiceStatus[];
  /** Who releases at the moment, and since when; null when nobody does. */
  readonly lock: string | null;
  /** Names of the alarms that ring. */
  readonly alarms: readonly string[];
}

/** Look at everything at once. `environments` are all of the project: names of one may start like those of another. */
export async function readStatus(work: ReleaseWork, environments: readonly string[]): Promise<EnvironmentStatus> {
  const { alarms, parameters, target } = work;
  const [services, lock, ringing] = await Promise.all([
    readServices(work),
    parameters.read(lockName(target)),
    alarms.ringing(`${target.project}-${target.stack}-`),
  ]);
  const scope = { project: target.project, environment: target.stack, environments };
  return {
    services,
    lock: lock === undefined ? null : holderText(lock),
    alarms: ringing.filter((name) => isFamilyOf(name, scope)),
  };
}

async function readServices({ contracts, ecs, schedules }: ReleaseWork): Promise<ServiceStatus[]> {
  const all = Object.entries(contracts.services);
  const described = await ecs.services(
    all.flatMap(([, contract]) => (contract.kind === "schedule" ? [] : [contract.serviceArn])),
  );
  return Promise.all(
    all.map(async ([name, contract]) => {
      if (contract.kind === "schedule") {
        const state = await schedules.state(contract.scheduleGroup, contract.scheduleName);
        const revision = state === undefined ? undefined : await ecs.taskDefinition(state.taskDefinitionArn);
        return statusOfSchedule(name, state, revision);
      }
      const service = described.find(({ serviceArn }) => serviceArn === contract.serviceArn);
      const running = service?.taskDefinition;
      const revision = running === undefined ? undefined : await ecs.taskDefinition(running);
      return statusOfService({ name, kind: contract.kind }, service, revision);
    }),
  );
}
