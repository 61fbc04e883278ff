import type { PlanJson, StateResource } from "./json";

/** Something that AWS or the provider refuses to delete, or keeps a copy of. */
export interface Guard {
  readonly address: string;
  /** The attribute that guards it, with its value: `deletion_protection = true`. */
  readonly by: string;
}

type Values = Readonly<Record<string, unknown>>;

/** Per type, the attribute that a permanent lifetime sets, and when it guards; what was imported has no word of it yet, and is guarded. */
const guardsByType: Readonly<
  Record<string, readonly { readonly attribute: string; readonly up: (values: Values) => boolean }[]>
> = {
  aws_db_instance: [
    { attribute: "deletion_protection", up: (values) => values["deletion_protection"] === true },
    {
      // a replica never leaves a snapshot
      attribute: "skip_final_snapshot",
      up: (values) => values["skip_final_snapshot"] === false && !isText(values["replicate_source_db"]),
    },
  ],
  aws_ecr_repository: [{ attribute: "force_delete", up: (values) => values["force_delete"] !== true }],
  // keys that were issued to it do not go by themselves
  aws_iam_user: [{ attribute: "force_destroy", up: (values) => values["force_destroy"] !== true }],
  aws_lb: [{ attribute: "enable_deletion_protection", up: (values) => values["enable_deletion_protection"] === true }],
  aws_s3_bucket: [{ attribute: "force_destroy", up: (values) => values["force_destroy"] !== true }],
  aws_secretsmanager_secret: [
    { attribute: "recovery_window_in_days", up: (values) => Number(values["recovery_window_in_days"] ?? 0) > 0 },
  ],
};

/** The guards that are up, by what is written in a state. */
export function guardsIn(resources: readonly Pick<StateResource, "address" | "type" | "values">[]): Guard[] {
  return resources.flatMap(({ address, type, values }) =>
    (guardsByType[type] ?? [])
      .filter(({ up }) => up(values))
      .map(({ attribute }) => ({ address, by: `${attribute} = ${String(values[attribute])}` })),
  );
}

/** The guards that are up on what a plan deletes, by what the plan has just read from AWS. */
export function guardsOnDeleted({ resource_changes: changes = [] }: PlanJson): Guard[] {
  return guardsIn(
    changes
      .filter(({ mode, change }) => mode === "managed" && change.actions.includes("delete"))
      .map(({ address, type, change }) => ({ address, type, values: (change.before ?? {}) as Values })),
  );
}

/**
 * What a plan deletes or replaces although AWS will refuse it. `prevent_destroy` goes with a resource that is taken out of the
 * configuration, so Terraform plans it, deletes what is not guarded first, and then fails half-way.
 */
export function refusedByAws(plan: PlanJson): Guard[] {
  return guardsOnDeleted(plan).filter(({ by }) => by.includes("deletion_protection"));
}

/** One line each. */
export function guardsText(guards: readonly Guard[]): string {
  return guards.map(({ address, by }) => `  - ${address} (${by})`).join("\n");
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
