import type { PlanJson } from "./json";

/** A change of a database that AWS makes in the weekly window, not now. */
export interface WaitingChange {
  readonly address: string;
  readonly attribute: string;
  readonly from: string;
  readonly to: string;
  /** `sun:04:00-sun:05:00`, UTC; empty when AWS chooses it. */
  readonly window: string;
}

/**
 * Settings that RDS takes over in the maintenance window unless it is told otherwise (ModifyDBInstance, "Available settings"). All
 * others it takes over at once.
 */
const waitingAttributes: readonly string[] = [
  "allocated_storage",
  "backup_retention_period",
  "ca_cert_identifier",
  "db_subnet_group_name",
  "dedicated_log_volume",
  "engine_version",
  "iam_database_authentication_enabled",
  "identifier",
  "instance_class",
  "iops",
  "license_model",
  "multi_az",
  "network_type",
  "parameter_group_name",
  "port",
  "storage_throughput",
  "storage_type",
];

/** What of a plan waits for the maintenance window, in the order of the plan. */
export function waitingChanges({ resource_changes: changes = [] }: PlanJson): WaitingChange[] {
  return changes
    .filter(
      ({ type, change }) => type === "aws_db_instance" && change.actions.length === 1 && change.actions[0] === "update",
    )
    .flatMap(({ address, change }) => {
      const before = attributesIn(change.before);
      const after = attributesIn(change.after);
      if (after["apply_immediately"] === true) return [];
      return waitingAttributes
        .filter((attribute) => after[attribute] !== undefined && before[attribute] !== after[attribute])
        .filter(
          (attribute) => attribute !== "backup_retention_period" || before[attribute] === 0 || after[attribute] === 0,
        )
        .map((attribute) => ({
          address,
          attribute,
          from: String(before[attribute]),
          to: String(after[attribute]),
          window: typeof after["maintenance_window"] === "string" ? after["maintenance_window"] : "",
        }));
    });
}

/** One sentence per change, and one that says what to do about it; nothing when nothing waits. */
export function waitingText(waiting: readonly WaitingChange[], command: string): string[] {
  if (waiting.length === 0) return [];
  return [
    ...waiting.map(
      ({ address, attribute, from, to, window }) =>
        `${address}: ${attribute} ${from} → ${to} waits for the maintenance window${window === "" ? "" : ` (${window} UTC)`}`,
    ),
    `until then every plan shows it again; \`${command} --apply-now\` makes it at once, with a restart of the database`,
  ];
}

function attributesIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
