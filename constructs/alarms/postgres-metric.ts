import type { AlarmSpec, MetricSpec } from "../shared/alarm-spec";

export interface PostgresInstanceName {
  /** Start of the alarms' names: `db-1`, or `db-1-reports` for a replica. */
  readonly name: string;
  /** How metrics call the instance. */
  readonly identifier: string;
}

/** A metric of an instance. */
export function rdsMetric(
  { identifier }: PostgresInstanceName,
  name: string,
  statistic: "Average" | "Minimum" | "p90",
  unit: MetricSpec["unit"],
): MetricSpec {
  return { namespace: "AWS/RDS", name, dimensions: { DBInstanceIdentifier: identifier }, statistic, unit };
}

/** Every one of the last `minutes` minutes. */
export function minutes(minutes: number): Pick<AlarmSpec, "periodSec" | "datapoints" | "of"> {
  return { periodSec: 60, datapoints: minutes, of: minutes };
}
