import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { Construct } from "constructs";
import { Monitoring } from "../../constructs/monitoring";
import type { AlarmSpec } from "../../constructs/shared/alarm-spec";
import type { Context } from "../../constructs/shared/context";
import { type AlarmState, CloudwatchAlarm } from "./cloudwatch-alarm";
import type { Point } from "./metric-math";
import { synth } from "./synth";

/** Somebody who learns of alarms. */
export function monitoringIn(scope: Construct, context: Context): Monitoring {
  return new Monitoring(scope, "Monitoring", {
    context,
    alerts: { emails: ["alerts@example.com"], https: [] },
    budget: { monthlyUsd: 100, wholeAccount: false },
  });
}

/** The state in the end, of an alarm whose metrics have these values minute by minute, by the metric's name. */
export function lastState(spec: AlarmSpec, minutesByName: Readonly<Record<string, readonly Point[]>>): AlarmState {
  const stack = synth((scope, context) => {
    monitoringIn(scope, context).watch(new Construct(scope, "Watched"), "Alarm", spec);
  });
  const alarm = new CloudwatchAlarm(stack.named(CloudwatchMetricAlarm, "Watched_Alarm"));
  const states = alarm.states(({ name }) => {
    const minutes = minutesByName[name];
    if (minutes === undefined) throw new Error(`the test says nothing of ${name}`);
    return minutes;
  });
  const last = states.at(-1);
  if (last === undefined) throw new Error("the test has fewer minutes than a period");
  return last;
}

/** A value for some minutes; undefined for silence. */
export function during(minutes: number, value: Point): Point[] {
  return Array.from({ length: minutes }, () => value);
}
