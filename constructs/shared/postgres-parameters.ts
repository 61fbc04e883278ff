import { terraformLiteral } from "./terraform-literal";

/** One entry of a parameter group. */
export interface PostgresParameter {
  readonly name: string;
  readonly value: string;
  /** `immediate` reaches the running server; `pending-reboot` waits for its next start. */
  readonly applyMethod: "immediate" | "pending-reboot";
}

/**
 * Parameters that PostgreSQL reads when it starts: AWS refuses to apply them at once. All of 13 to 18 that RDS lets one set.
 * https://www.postgresql.org/docs/current/view-pg-settings.html (context postmaster), and those of RDS and its extensions.
 */
const STATIC: ReadonlySet<string> = new Set([
  "autovacuum_freeze_max_age",
  "autovacuum_max_workers",
  "autovacuum_multixact_freeze_max_age",
  "autovacuum_worker_slots",
  "cron.database_name",
  "cron.log_run",
  "cron.log_statement",
  "cron.max_running_jobs",
  "cron.use_background_workers",
  "huge_pages",
  "io_max_concurrency",
  "io_method",
  "jit_provider",
  "max_active_replication_origins",
  "max_connections",
  "max_files_per_process",
  "max_locks_per_transaction",
  "max_logical_replication_workers",
  "max_notify_queue_pages",
  "max_pred_locks_per_transaction",
  "max_prepared_transactions",
  "max_replication_slots",
  "max_wal_senders",
  "max_worker_processes",
  "min_dynamic_shared_memory",
  "multixact_member_buffers",
  "multixact_offset_buffers",
  "notify_buffers",
  "old_snapshot_threshold",
  "pg_stat_statements.max",
  "rds.logical_replication",
  "rds.restrict_password_commands",
  "reserved_connections",
  "serializable_buffers",
  "shared_buffers",
  "shared_preload_libraries",
  "subtransaction_buffers",
  "superuser_reserved_connections",
  "track_activity_query_size",
  "track_commit_timestamp",
  "transaction_buffers",
  "wal_buffers",
  "wal_decode_buffer_size",
]);

/**
 * The parameters of an instance: forced TLS, a log of slow statements and of waits for locks, and the caller's own, which may
 * replace the latter. Statements are not logged as such: `CREATE ROLE ... PASSWORD` would put passwords into the log.
 */
export function postgresParameters(
  slowStatementMs: number,
  own: Readonly<Record<string, string>>,
): PostgresParameter[] {
  const values = {
    "rds.force_ssl": "1",
    log_min_duration_statement: String(slowStatementMs),
    log_lock_waits: "1",
    ...own,
  };
  return Object.entries(values)
    .map(([name, value]) => ({ name, value: terraformLiteral(value), applyMethod: applyMethodOf(name) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function applyMethodOf(name: string): PostgresParameter["applyMethod"] {
  // already 1 in new groups from PostgreSQL 15 on, as "pending-reboot": AWS ignores another method for an unchanged value, and
  // every plan would show it. It is in the group before the instance starts, so nothing waits.
  return name === "rds.force_ssl" || STATIC.has(name) ? "pending-reboot" : "immediate";
}
