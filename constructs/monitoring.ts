import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { Construct } from "constructs";
import type { AlarmSpec } from "./shared/alarm-spec";
import type { Context } from "./shared/context";

export interface MonitoringProps {
  readonly context: Context;
}

/** An alarm that was made, for the dashboard. */
export interface Watched extends AlarmSpec {
  readonly alarmName: string;
  readonly alarmArn: string;
}

/** Alarms of an environment, and who learns of them. */
export class Monitoring extends Construct {
  private readonly context: Context;
  private readonly all: Watched[] = [];

  constructor(scope: Construct, id: string, { context }: MonitoringProps) {
    super(scope, id);
    this.context = context;
  }

  /** Every alarm so far. */
  public get watched(): readonly Watched[] {
    return this.all;
  }

  /** Make an alarm in `scope`, the construct that owns the metric. */
  public watch(scope: Construct, id: string, spec: AlarmSpec): Watched {
    const alarm = new CloudwatchMetricAlarm(scope, id, {
      alarmName: `${this.context.name}-${spec.name}`,
      comparisonOperator: "GreaterThanThreshold",
      evaluationPeriods: spec.of,
    });
    const watched = { ...spec, alarmName: alarm.alarmName, alarmArn: alarm.arn };
    this.all.push(watched);
    return watched;
  }
}
