import { TerraformResource, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Monitoring } from "../monitoring";
import type { AlarmSpec } from "../shared/alarm-spec";

/** Alarms of a construct, by the id that each has in it. */
export type AlarmSpecs = Readonly<Record<string, AlarmSpec>>;

/** Alarms that were made. */
export interface MadeAlarms {
  /** The alarms themselves: who names one must wait for it. */
  readonly after: readonly ITerraformDependable[];
  /** Full names of those with a role. */
  readonly namesOf: (role: NonNullable<AlarmSpec["role"]>) => readonly string[];
}

/** Make the alarms of `owner` in its part `Alarms`; none without monitoring. */
export function watchAll(owner: Construct, monitoring: Monitoring | undefined, specs: AlarmSpecs): MadeAlarms {
  if (monitoring === undefined) return { after: [], namesOf: () => [] };
  const scope = new Construct(owner, "Alarms");
  const watched = Object.entries(specs).map(([id, spec]) => monitoring.watch(scope, id, spec));
  return {
    after: scope.node.children.filter((child) => TerraformResource.isTerraformResource(child)),
    namesOf: (role) => watched.filter((alarm) => alarm.role === role).map(({ alarmName }) => alarmName),
  };
}
