import { lowestTasks } from "../../constructs/alarms/lowest-tasks";
import { dbInstanceClass } from "../../constructs/shared/db-instance-class";
import { environments } from "./shipped";
import { type Environment, environmentSchema } from "../../environments/environment";
import { type Trial, tryAlarm } from "./alarm-trial";
import { CloudwatchAlarm } from "./cloudwatch-alarm";
import { scenarioKey, type Scene } from "./metric-scenarios";
import type { Stacks } from "./stacks";
import type { Json } from "./synthesized";
import { variants } from "./variants";

const GiB = 1024 ** 3;

/** An alarm of a stack, tried. */
export interface TriedAlarm extends Trial {
  readonly stack: string;
  /** Its name without that of the environment. */
  readonly name: string;
  /** Entry of the runbook that its description names. */
  readonly runbook: string;
  readonly alarm: CloudwatchAlarm;
  /** A release turns its actions on. */
  readonly liveness: boolean;
  readonly body: Json;
  /** The same, should `FILL` leave a series alone that has no point at all. */
  readonly unfilled: Trial;
}

/** Every alarm of every stack, against everything that may happen. */
export function triedAlarms(stacks: Stacks): TriedAlarm[] {
  return Object.entries(stacks).flatMap(([stack, { json }]) =>
    Object.values((json["resource"]?.["aws_cloudwatch_metric_alarm"] ?? {}) as Json).map((body: Json) =>
      tried(stack, body),
    ),
  );
}

/** Keys of `scenarios` that an alarm reads. */
export function scenarioKeys({ alarm }: TriedAlarm): string[] {
  return Object.values(alarm.seriesById).map(scenarioKey);
}

function tried(stack: string, body: Json): TriedAlarm {
  const alarm = new CloudwatchAlarm(body);
  const name = alarm.name.replace(new RegExp(`^[a-z0-9-]+?-${stack}-`), "");
  const scene = sceneOf(stack, name);
  return {
    ...tryAlarm(alarm, scene),
    unfilled: tryAlarm(alarm, scene, { fillsEmpty: false }),
    stack,
    name,
    runbook: /docs\/alarms\.md#([a-z0-9-]+)/.exec(String(body["alarm_description"]))?.[1] ?? "none",
    alarm,
    liveness: body["actions_enabled"] === false,
    body,
  };
}

/** PostgreSQL keeps a quarter for its cache; RDS and the operating system keep about 0.6 GiB whatever the class. */
function freeMemoryBytes(instanceClass: string): number {
  const size = dbInstanceClass(instanceClass);
  if (size === undefined) throw new Error(`${instanceClass} is no class that is known`);
  return size.memoryBytes * 0.75 - 0.6 * GiB;
}

function sceneOf(stack: string, alarmName: string): Scene {
  const environment: Environment = environmentSchema.parse(
    stack === "variants" ? variants : environments[stack as keyof typeof environments],
  );
  const service = Object.entries(environment.services)
    .filter(([name]) => alarmName.startsWith(`${name}-`))
    .sort(([one], [other]) => other.length - one.length)[0]?.[1];
  return {
    tasks: service === undefined || service.kind === "schedule" ? 0 : lowestTasks(service),
    freeMemoryBytes: freeMemoryBytes(environment.database.instanceClass),
    diskBytes: environment.database.storageGiB * GiB,
  };
}
