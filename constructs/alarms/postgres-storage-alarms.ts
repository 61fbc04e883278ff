import type { PostgresDatabaseSettings } from "../settings/postgres-database";
import type { AlarmSpec } from "../shared/alarm-spec";
import type { DbInstanceClass } from "../shared/db-instance-class";
import { minutes, type PostgresInstanceName, rdsMetric } from "./postgres-metric";
import type { AlarmSpecs } from "./watch-all";

export interface PostgresStorageAlarmsProps extends PostgresInstanceName {
  readonly settings: PostgresDatabaseSettings;
}

const GIB = 1024 ** 3;
/** Hours that a fill has to go on before it is believed. */
const FILLING_HOURS = 6;
/** More than any disk takes to fill that has to be told of. */
const NEVER_HOURS = 8760;

/** What makes somebody look at the disk of an instance, by construct id; metrics and thresholds are AWS's where nothing else is said. */
export function postgresStorageAlarms(
  props: PostgresStorageAlarmsProps,
  { burstsToDisk, hasLocalDisk }: DbInstanceClass,
): AlarmSpecs {
  return {
    Storage: storageAlarm(props),
    TimeToFull: timeToFullAlarm(props),
    ReadLatency: latencyAlarm(props, "read", "ReadLatency"),
    WriteLatency: latencyAlarm(props, "write", "WriteLatency"),
    ...(burstsToDisk
      ? {
          DiskThroughput: balanceAlarm(props, "throughput", "EBSByteBalance%"),
          DiskOperations: balanceAlarm(props, "operations", "EBSIOBalance%"),
        }
      : {}),
    ...(hasLocalDisk ? { LocalDisk: localDiskAlarm(props) } : {}),
  };
}

function grows({ storageGiB, maxStorageGiB }: PostgresDatabaseSettings): boolean {
  return maxStorageGiB > storageGiB;
}

/**
 * Less than 10 % of the disk is free for five minutes. AWS advises against it for a disk that grows by itself, which begins at
 * those 10 %: there it is 5 % of the size at the start, which says that growth came too late, or ended at `maxStorageGiB`. RDS events
 * tell the same in more detail.
 */
function storageAlarm(props: PostgresStorageAlarmsProps): AlarmSpec {
  const { storageGiB } = props.settings;
  return {
    name: `${props.name}-storage`,
    section: "database",
    meaning: `The disk of database ${props.name} is full soon; then it stops`,
    runbook: "database-storage",
    metrics: { free: rdsMetric(props, "FreeStorageSpace", "Minimum", "bytes") },
    comparison: "<",
    threshold: Math.round(storageGiB * GIB * (grows(props.settings) ? 0.05 : 0.1)),
    ...minutes(5),
    missing: "breaching",
  };
}

/**
 * At the pace of each of the last six hours the disk is full within three days, so that a disk that fills on a Friday evening is
 * looked at before the weekend. A disk that grows by itself does so at most every six hours: there it is twelve hours, which
 * leaves one growth when the alarm comes. An idle disk does not fill, and one night's import is over before six hours are.
 */
function timeToFullAlarm(props: PostgresStorageAlarmsProps): AlarmSpec {
  return {
    name: `${props.name}-time-to-full`,
    section: "database",
    meaning: `The disk of database ${props.name} fills so fast that it is full within ${grows(props.settings) ? "hours" : "days"}`,
    runbook: "database-storage",
    metrics: { free: rdsMetric(props, "FreeStorageSpace", "Average", "bytes") },
    expression: `IF(RATE(free) < 0, free / ABS(RATE(free)) / 3600, ${NEVER_HOURS})`,
    comparison: "<",
    threshold: grows(props.settings) ? 12 : 72,
    periodSec: 3600,
    datapoints: FILLING_HOURS,
    of: FILLING_HOURS,
    missing: "missing",
  };
}

/** More than 20 ms a disk operation for five minutes, from where AWS thinks it worth a look; gp3 takes one to two. */
function latencyAlarm(props: PostgresStorageAlarmsProps, what: string, metricName: string): AlarmSpec {
  return {
    name: `${props.name}-${what}-latency`,
    section: "database",
    meaning: `The disk of database ${props.name} takes long to ${what}`,
    runbook: "database-disk",
    metrics: { latency: rdsMetric(props, metricName, "p90", "seconds") },
    comparison: ">",
    threshold: 0.02,
    ...minutes(5),
    missing: "missing",
  };
}

/** Less than 10 % of the credits that a small class's way to the disk runs on, for three minutes; without them it is several times slower. */
function balanceAlarm(props: PostgresStorageAlarmsProps, what: string, metricName: string): AlarmSpec {
  return {
    name: `${props.name}-disk-${what}`,
    section: "database",
    meaning: `Database ${props.name} uses the disk more than its class can all day, and slows down`,
    runbook: "database-disk",
    metrics: { balance: rdsMetric(props, metricName, "Average", "percent") },
    comparison: "<",
    threshold: 10,
    ...minutes(3),
    missing: "missing",
  };
}

/** Less than 10 % of the class's own disk is free for five minutes; AWS says 10 to 20. Queries that need more of it fail. */
function localDiskAlarm(props: PostgresStorageAlarmsProps): AlarmSpec {
  return {
    name: `${props.name}-local-disk`,
    section: "database",
    meaning: `Large queries on database ${props.name} fail: the disk for temporary tables is full`,
    runbook: "database-disk",
    metrics: { free: rdsMetric(props, "FreeLocalStoragePercent", "Average", "percent") },
    comparison: "<",
    threshold: 10,
    ...minutes(5),
    missing: "missing",
  };
}
