import Table from "cli-table3";
import pc from "picocolors";
import type { Change, PlanJson, ResourceChange } from "./json";

/** What a plan does to one resource. */
export interface PlannedChange {
  readonly address: string;
  readonly type: string;
  readonly action: "create" | "update" | "replace" | "delete" | "forget";
  /** For an update the attributes that change, for a replacement those that force it. Names only: values may be secret. */
  readonly attributes: readonly string[];
  /** Why, when it is not the configuration: `tainted` for one that was left half made. */
  readonly reason?: string;
}

export interface PlanCounts {
  readonly create: number;
  readonly update: number;
  readonly replace: number;
  readonly delete: number;
}

/** What a person has to know of a plan. */
export interface PlanSummary {
  readonly counts: PlanCounts;
  readonly changes: readonly PlannedChange[];
  /** Of `changes`, those that end the life of something that holds data. */
  readonly losses: readonly PlannedChange[];
  /** Outputs that change. */
  readonly outputs: readonly string[];
}

/** Types that hold data, or a name that others have: what is in them is gone when they are deleted or replaced. */
const dataTypes: Readonly<Record<string, string>> = {
  aws_cloudfront_distribution: "every address under its own name is dead",
  aws_cloudwatch_log_group: "its log events are lost",
  aws_db_instance: "its data is lost, but for snapshots and backups that stay",
  aws_ecr_repository: "its images are lost",
  aws_kms_key: "what it encrypted can no longer be read",
  aws_mq_broker: "its queued messages are lost",
  aws_s3_bucket: "its objects are lost",
  aws_secretsmanager_secret: "its value is lost",
  aws_vpc: "everything in it is rebuilt",
};

/** Whether deleting it loses something that Terraform cannot make again. */
export function holdsData(type: string): boolean {
  return dataTypes[type] !== undefined;
}

export function summarize(plan: PlanJson): PlanSummary {
  const changes = (plan.resource_changes ?? []).flatMap(plannedChange);
  const count = (action: PlannedChange["action"]): number =>
    changes.filter((change) => change.action === action).length;
  return {
    counts: { create: count("create"), update: count("update"), replace: count("replace"), delete: count("delete") },
    changes,
    losses: changes.filter(({ type, action }) => (action === "replace" || action === "delete") && holdsData(type)),
    outputs: Object.entries(plan.output_changes ?? {})
      .filter(([, { actions }]) => actions.some((action) => action !== "no-op"))
      .map(([name]) => name),
  };
}

/** `3 to create, 1 to change, 0 to replace, 0 to delete`. */
export function countsText({ create, update, replace, delete: deleted }: PlanCounts): string {
  return `${create} to create, ${update} to change, ${replace} to replace, ${deleted} to delete`;
}

/** The summary as a person reads it: what is lost in words, then everything in a table, then the counts. */
export function summaryText({ counts, changes, losses, outputs }: PlanSummary): string {
  if (changes.length === 0) {
    return outputs.length === 0 ? "nothing to change" : `no resource changes; outputs that do: ${outputs.join(", ")}`;
  }
  const table = new Table({
    style: { head: [], border: [], compact: true },
    chars: plainLines,
  });
  for (const change of [...changes].sort(byWeight)) {
    table.push([paint(change.action), change.address, because(change)]);
  }
  return [table.toString(), "", ...losses.map(lossText), countsText(counts)].join("\n");
}

/** A sentence that nobody reads over: what is destroyed, what goes with it, and what forces it. */
export function lossText({ action, address, type, attributes, reason }: PlannedChange): string {
  const forced = action === "replace" && attributes.length > 0 ? `, forced by ${attributes.join(", ")}` : "";
  const why = reason === undefined ? "" : `, because it is ${reason}`;
  return pc.red(
    `${action === "replace" ? "REPLACES" : "DELETES"} ${address}: ${dataTypes[type] ?? "it is lost"}${forced}${why}`,
  );
}

function plannedChange({ address, type, mode, change, action_reason: actionReason }: ResourceChange): PlannedChange[] {
  const action = actionOf(change);
  if (mode !== "managed" || action === undefined) return [];
  const attributes =
    action === "update"
      ? changedAttributes(change)
      : action === "replace"
        ? [...new Set((change.replace_paths ?? []).map(([first]) => String(first)))]
        : [];
  const reason = actionReason === "replace_because_tainted" ? "tainted" : undefined;
  return [{ address, type, action, attributes, ...(reason === undefined ? {} : { reason }) }];
}

function actionOf({ actions }: Change): PlannedChange["action"] | undefined {
  if (actions.includes("create") && actions.includes("delete")) return "replace";
  const [action] = actions;
  return action === undefined || action === "no-op" || action === "read" ? undefined : action;
}

function changedAttributes({ before, after, after_unknown: unknown }: Change): string[] {
  const [was, will, open] = [fieldsIn(before), fieldsIn(after), fieldsIn(unknown)];
  const names = new Set([...Object.keys(was), ...Object.keys(will), ...Object.keys(open)]);
  return [...names]
    .filter((name) => isUnknown(open[name]) || JSON.stringify(was[name] ?? null) !== JSON.stringify(will[name] ?? null))
    .sort();
}

/** `after_unknown` repeats the shape of known values with `false` and empty collections. */
function isUnknown(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value === true;
  return Object.values(value).some(isUnknown);
}

function because({ attributes, action, reason }: PlannedChange): string {
  if (reason !== undefined) return reason;
  if (attributes.length === 0) return "";
  return action === "replace" ? `forced by ${attributes.join(", ")}` : attributes.join(", ");
}

const weight: Readonly<Record<PlannedChange["action"], number>> = {
  delete: 0,
  replace: 1,
  forget: 2,
  update: 3,
  create: 4,
};

function byWeight(a: PlannedChange, b: PlannedChange): number {
  return weight[a.action] - weight[b.action] || (a.address < b.address ? -1 : 1);
}

function paint(action: PlannedChange["action"]): string {
  if (action === "create") return pc.green(action);
  return action === "update" ? pc.yellow(action) : pc.red(action);
}

function fieldsIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

const plainLines = Object.fromEntries(
  [
    "top",
    "top-mid",
    "top-left",
    "top-right",
    "bottom",
    "bottom-mid",
    "bottom-left",
    "bottom-right",
    "left",
    "left-mid",
    "mid",
    "mid-mid",
    "right",
    "right-mid",
    "middle",
  ].map((name) => [name, ""]),
);
