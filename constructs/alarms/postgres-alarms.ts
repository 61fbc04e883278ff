import type { PostgresDatabaseSettings } from "../settings/postgres-database";
import type { AlarmSpec } from "../shared/alarm-spec";
import { type DbInstanceClass, dbInstanceClass, maxConnections } from "../shared/db-instance-class";
import { minutes, type PostgresInstanceName, rdsMetric } from "./postgres-metric";
import { postgresStorageAlarms } from "./postgres-storage-alarms";
import type { AlarmSpecs } from "./watch-all";

export interface PostgresAlarmsProps extends PostgresInstanceName {
  readonly settings: PostgresDatabaseSettings;
}

/** Share of memory that AWS wants to be available. */
const MEMORY_SHARE = 0.25;
/** What RDS, the operating system and PostgreSQL's own processes hold of every instance. */
const OVERHEAD_BYTES = 0.6 * 1024 ** 3;
/** Share of memory that PostgreSQL keeps for its cache: RDS's own `shared_buffers`. */
const CACHE_SHARE = 0.25;
/** AWS says 90 to 95 %: the lower end leaves more time. */
const CONNECTIONS_SHARE = 0.9;

/**
 * What makes somebody look at an instance of the database that takes writes, by construct id. Metrics, thresholds, periods and
 * missing data are AWS's recommendations where nothing else is said; disk and storage are in `postgres-storage-alarms.ts`.
 */
export function postgresAlarms(props: PostgresAlarmsProps): AlarmSpecs {
  return { ...instanceAlarms(props), TransactionIds: transactionIdsAlarm(props) };
}

/**
 * The same for a read replica. It has no transactions of its own, and one alarm more.
 */
export function postgresReplicaAlarms(props: PostgresAlarmsProps): AlarmSpecs {
  return { ...instanceAlarms(props), Lag: lagAlarm(props) };
}

function instanceAlarms(props: PostgresAlarmsProps): AlarmSpecs {
  const { instanceClass, performanceInsights } = props.settings;
  const size = dbInstanceClass(instanceClass);
  // the settings insist on it
  if (size === undefined) throw new Error(`${instanceClass} is no class that is known`);
  return {
    Cpu: cpuAlarm(props),
    ...(size.creditsPerHour === undefined ? {} : { Credits: creditsAlarm(props, size.creditsPerHour) }),
    Memory: memoryAlarm(props, size),
    Connections: connectionsAlarm(props, size),
    ...(performanceInsights ? { Load: loadAlarm(props, size) } : {}),
    ...postgresStorageAlarms(props, size),
  };
}

/** CPU above 90 % for five minutes. Silence counts: it is how an instance that is gone looks. */
function cpuAlarm(props: PostgresAlarmsProps): AlarmSpec {
  return {
    name: `${props.name}-cpu`,
    section: "database",
    meaning: `Database ${props.name} has no CPU left, or is not there`,
    runbook: "database-cpu",
    metrics: { used: rdsMetric(props, "CPUUtilization", "Average", "percent") },
    comparison: ">",
    threshold: 90,
    ...minutes(5),
    missing: "breaching",
  };
}

/**
 * CPU credits below what one hour earns, for three hours. AWS recommends nothing here. RDS lets a burstable class go on without
 * credits at full speed, for $0.075 per vCPU and hour (us-east-1, 2026-11): so this is about money, may take its time, and must
 * not mind an instance that is new or was restarted, which begins with none and has earned an hour's worth well within three. Credits
 * are measured every five minutes.
 */
function creditsAlarm(props: PostgresAlarmsProps, creditsPerHour: number): AlarmSpec {
  return {
    name: `${props.name}-credits`,
    section: "database",
    meaning: `Database ${props.name} needs more CPU than its class earns, and soon costs extra`,
    runbook: "database-credits",
    metrics: { credits: rdsMetric(props, "CPUCreditBalance", "Average", "count") },
    comparison: "<",
    threshold: creditsPerHour,
    periodSec: 300,
    datapoints: 36,
    of: 36,
    missing: "missing",
  };
}

/**
 * Less than 25 % of the memory available for a quarter of an hour. The smallest class has less than that when idle: a quarter is
 * PostgreSQL's cache, and about 0.6 GiB belong to RDS and the operating system. There it is half of what an idle instance has.
 */
function memoryAlarm(props: PostgresAlarmsProps, { memoryBytes }: DbInstanceClass): AlarmSpec {
  const idle = memoryBytes * (1 - CACHE_SHARE) - OVERHEAD_BYTES;
  return {
    name: `${props.name}-memory`,
    section: "database",
    meaning: `Database ${props.name} runs out of memory`,
    runbook: "database-memory",
    metrics: { available: rdsMetric(props, "FreeableMemory", "Average", "bytes") },
    comparison: "<",
    threshold: Math.round(Math.min(memoryBytes * MEMORY_SHARE, idle / 2)),
    ...minutes(15),
    missing: "breaching",
  };
}

/** More than 90 % of the connections that PostgreSQL accepts for five minutes: of the parameter `max_connections`, or by memory. */
function connectionsAlarm(props: PostgresAlarmsProps, size: DbInstanceClass): AlarmSpec {
  const most = maxConnections(size, props.settings.parameters["max_connections"]);
  return {
    name: `${props.name}-connections`,
    section: "database",
    meaning: `Database ${props.name} soon refuses connections: it takes about ${most}`,
    runbook: "database-connections",
    metrics: { connections: rdsMetric(props, "DatabaseConnections", "Average", "count") },
    comparison: ">",
    threshold: Math.floor(most * CONNECTIONS_SHARE),
    ...minutes(5),
    missing: "breaching",
  };
}

/** More sessions at work than there are vCPUs, for a quarter of an hour. Performance Insights measures it. */
function loadAlarm(props: PostgresAlarmsProps, { vcpus }: DbInstanceClass): AlarmSpec {
  return {
    name: `${props.name}-load`,
    section: "database",
    meaning: `Queries of database ${props.name} wait for each other, for the disk or for CPU`,
    runbook: "database-load",
    metrics: { sessions: rdsMetric(props, "DBLoad", "Average", "count") },
    comparison: ">",
    threshold: vcpus,
    ...minutes(15),
    missing: "missing",
  };
}

/** Half of the transaction ids are used: vacuum does not keep up, and at two thousand million PostgreSQL takes no more writes. */
function transactionIdsAlarm(props: PostgresAlarmsProps): AlarmSpec {
  return {
    name: `${props.name}-transaction-ids`,
    section: "database",
    meaning: `Vacuum does not keep up on database ${props.name}, which will refuse writes in the end`,
    runbook: "database-transaction-ids",
    metrics: { used: rdsMetric(props, "MaximumUsedTransactionIDs", "Average", "count") },
    comparison: ">",
    threshold: 1_000_000_000,
    ...minutes(1),
    missing: "missing",
  };
}

/**
 * More than 60 seconds behind for ten minutes, as AWS recommends, but by the best moment of each five: a source without writes
 * sends something every five minutes only, and its replica seems to fall behind in between. Below 0 it does not follow at all.
 */
function lagAlarm(props: PostgresAlarmsProps): AlarmSpec {
  return {
    name: `${props.name}-lag`,
    section: "database",
    meaning: `Replica ${props.name} answers with old data, or does not follow its source at all`,
    runbook: "database-replica-lag",
    metrics: { lag: rdsMetric(props, "ReplicaLag", "Minimum", "seconds") },
    expression: "IF(lag < 0, 86400, lag)",
    comparison: ">",
    threshold: 60,
    periodSec: 300,
    datapoints: 2,
    of: 2,
    missing: "breaching",
  };
}
