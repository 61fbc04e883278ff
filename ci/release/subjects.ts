import type { MigrationContract, ScheduleContract, ServiceContract } from "../../constructs/shared/release-contract-v1";
import { familyOf } from "./arn";
import type { ReleaseContracts } from "./contract";

interface Named {
  readonly name: string;
  /** Family of its revisions. */
  readonly family: string;
  /** Containers that get the image. */
  readonly containers: readonly string[];
}

export interface ServiceSubject extends Named {
  readonly kind: "web" | "worker";
  readonly contract: ServiceContract;
}

export interface ScheduleSubject extends Named {
  readonly kind: "schedule";
  readonly contract: ScheduleContract;
}

export interface MigrationSubject extends Named {
  readonly kind: "migration";
  readonly contract: MigrationContract;
}

/** What a release makes a revision of. */
export type Subject = ServiceSubject | ScheduleSubject | MigrationSubject;

/** What of it goes on running afterwards. */
export type RunningSubject = ServiceSubject | ScheduleSubject;

/** Everything that a release makes a revision of: the migration first, then services and schedules by their names. */
export function subjectsOf({ environment, services }: ReleaseContracts): Subject[] {
  const { migration } = environment;
  const running = Object.entries(services).map(([name, contract]): RunningSubject => {
    const named = { name, family: familyOf(contract.templateTaskDefinitionArn), containers: [contract.container] };
    return contract.kind === "schedule"
      ? { ...named, kind: "schedule", contract }
      : { ...named, kind: contract.kind, contract };
  });
  const first: MigrationSubject[] =
    migration === null
      ? []
      : [
          {
            name: "migration",
            kind: "migration",
            family: migration.family,
            containers: migration.containers,
            contract: migration,
          },
        ];
  return [
    ...first,
    ...running.filter(({ kind }) => kind !== "schedule"),
    ...running.filter(({ kind }) => kind === "schedule"),
  ];
}

export function isService(subject: Subject): subject is ServiceSubject {
  return subject.kind === "web" || subject.kind === "worker";
}

export function isSchedule(subject: Subject): subject is ScheduleSubject {
  return subject.kind === "schedule";
}

export function isRunning(subject: Subject): subject is RunningSubject {
  return subject.kind !== "migration";
}
