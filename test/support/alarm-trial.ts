import { type AlarmState, type CloudwatchAlarm, evaluationRange } from "./cloudwatch-alarm";
import { type Curve, type Scenario, scenarioOf, type Scene } from "./metric-scenarios";
import type { Point, Reading } from "./metric-math";

/** What an alarm is tried against. */
export const situations = ["idle", "busy", "unreleased", "dead", "failing", "overloaded"] as const;
export type Situation = (typeof situations)[number];

/** Those that are so from the first minute; the others come over what is idle. */
const fromTheFirst: readonly Situation[] = ["idle", "busy", "unreleased"];

/** What became of an alarm in a situation that lasts. */
export interface Outcome {
  readonly state: AlarmState;
  /** Whether it was raised at any time. */
  readonly raised: boolean;
  /** Minutes from the beginning of the situation to the alarm. */
  readonly afterMinutes: number | undefined;
}

/** What an alarm does in all situations. */
export interface Trial {
  readonly outcomes: Readonly<Record<Situation, Outcome>>;
  /** One bad minute, of whatever kind, raised it. */
  readonly raisedByOneMinute: boolean;
  /** It is over once all is well again. */
  readonly ends: boolean;
}

/** Try an alarm against everything that may happen. */
export function tryAlarm(alarm: CloudwatchAlarm, scene: Scene, reading: Reading = {}): Trial {
  return {
    outcomes: Object.fromEntries(
      situations.map((situation) => [situation, outcomeOf(alarm, scene, situation, reading)]),
    ) as Trial["outcomes"],
    raisedByOneMinute: raisedByOneMinute(alarm, scene, reading),
    ends: ends(alarm, scene, reading),
  };
}

/** How long CloudWatch looks back, in minutes. */
function rangeMinutes({ rule, periodSec }: CloudwatchAlarm): number {
  return (evaluationRange(rule) * periodSec) / 60;
}

function outcomeOf(alarm: CloudwatchAlarm, scene: Scene, situation: Situation, reading: Reading): Outcome {
  const calm = rangeMinutes(alarm);
  const begins = fromTheFirst.includes(situation) ? 0 : calm;
  const states = alarm.states((series) => {
    const scenario = scenarioOf(series);
    return [...drawn(scenario.idle, scene, begins), ...drawn(curveOf(scenario, situation), scene, 2 * calm)];
  }, reading);
  const periodMinutes = alarm.periodSec / 60;
  const since = states.slice(begins / periodMinutes);
  const first = since.indexOf("ALARM");
  return {
    state: states.at(-1) ?? "INSUFFICIENT_DATA",
    // silence before the first minute is no silence of what is watched
    raised: since.slice(begins === 0 && alarm.rule.missing === "breaching" ? alarm.rule.of : 0).includes("ALARM"),
    afterMinutes: first < 0 ? undefined : (first + 1) * periodMinutes,
  };
}

/** One minute of each kind of harm, in the middle of nothing and in the middle of a good day. */
function raisedByOneMinute(alarm: CloudwatchAlarm, scene: Scene, reading: Reading): boolean {
  const calm = rangeMinutes(alarm);
  return (["idle", "busy"] as const).some((usual) =>
    (["dead", "failing", "overloaded"] as const).some((harm) =>
      alarm
        .states((series) => {
          const scenario = scenarioOf(series);
          const minutes = [...drawn(curveOf(scenario, usual), scene, 3 * calm)];
          minutes[calm] = valueOf(curveOf(scenario, harm), scene, 1);
          return minutes;
        }, reading)
        .slice(evaluationRange(alarm.rule) - 1)
        .includes("ALARM"),
    ),
  );
}

/** From every kind of harm, back to nobody using it. */
function ends(alarm: CloudwatchAlarm, scene: Scene, reading: Reading): boolean {
  const calm = rangeMinutes(alarm);
  return (["dead", "failing", "overloaded"] as const).every(
    (harm) =>
      alarm
        .states((series) => {
          const scenario = scenarioOf(series);
          return [...drawn(curveOf(scenario, harm), scene, calm), ...drawn(scenario.idle, scene, 2 * calm)];
        }, reading)
        .at(-1) !== "ALARM",
  );
}

function curveOf(scenario: Scenario, situation: Situation): Curve {
  if (situation === "unreleased") return "unreleased" in scenario ? scenario.unreleased : scenario.idle;
  if (situation === "failing") return "failing" in scenario ? scenario.failing : scenario.dead;
  return scenario[situation];
}

function drawn(curve: Curve, scene: Scene, minutes: number): Point[] {
  return Array.from({ length: minutes }, (_, minute) => valueOf(curve, scene, minute));
}

function valueOf(curve: Curve, scene: Scene, minute: number): Point {
  return typeof curve === "function" ? curve(scene, minute) : curve;
}
