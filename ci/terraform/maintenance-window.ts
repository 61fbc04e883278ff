import { isDeepStrictEqual } from "node:util";
import type { PlanJson } from "./json";

/** A change of a database or broker that AWS makes in the weekly window, not now. */
export interface WaitingChange {
  readonly address: string;
  readonly attribute: string;
  readonly from: string;
  readonly to: string;
  /** `sun:04:00-sun:05:00`, UTC; empty when AWS chooses it. */
  readonly window: string;
}

interface Waiting {
  readonly attributes: readonly string[];
  /** Whether it waits although its name is among the attributes. Default: it does. */
  readonly applies?: (attribute: string, before: unknown, after: unknown) => boolean;
  readonly window: (after: Readonly<Record<string, unknown>>) => string;
}

/** What takes settings over in its maintenance window unless `apply_immediately` is true; all others at once. */
const waitingByType: Readonly<Record<string, Waiting>> = {
  // ModifyDBInstance, "Available settings"
  aws_db_instance: {
    attributes: [
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
    ],
    applies: (attribute, before, after) => attribute !== "backup_retention_period" || before === 0 || after === 0,
    window: (after) => textOr(after["maintenance_window"], ""),
  },
  // https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/amazon-mq-editing-broker-preferences.html
  aws_mq_broker: {
    attributes: ["configuration", "engine_version", "host_instance_type", "security_groups"],
    window: ({ maintenance_window_start_time: start }) => {
      const { day_of_week: day, time_of_day: time } = attributesIn(Array.isArray(start) ? start[0] : undefined);
      return [textOr(day, "").toLowerCase(), textOr(time, "")].join(" ").trim();
    },
  },
};

/** What of a plan waits for the maintenance window, in the order of the plan. */
export function waitingChanges({ resource_changes: changes = [] }: PlanJson): WaitingChange[] {
  return changes.flatMap(({ address, type, change }) => {
    const waiting = waitingByType[type];
    if (waiting === undefined || change.actions.length !== 1 || change.actions[0] !== "update") return [];
    const before = attributesIn(change.before);
    const after = attributesIn(change.after);
    if (after["apply_immediately"] === true) return [];
    return waiting.attributes
      .filter((name) => after[name] !== undefined && !isDeepStrictEqual(before[name], after[name]))
      .filter((name) => waiting.applies?.(name, before[name], after[name]) ?? true)
      .map((name) => ({
        address,
        attribute: name,
        from: valueText(before[name]),
        to: valueText(after[name]),
        window: waiting.window(after),
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
    `until then every plan shows it again; \`${command} --apply-now\` makes it at once, with a restart`,
  ];
}

function attributesIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOr(value: unknown, other: string): string {
  return typeof value === "string" ? value : other;
}

/** `db.t4g.small`; `revision 3` of a configuration, or `its next revision` while that is not known yet. */
function valueText(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  const values: readonly unknown[] = value;
  const [first] = values;
  if (typeof first !== "object") return values.join(", ");
  const { revision } = attributesIn(first);
  return typeof revision === "number" ? `revision ${revision}` : "its next revision";
}
