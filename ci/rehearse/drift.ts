import type { Change, PlanJson, ResourceChange } from "../terraform/json";
import { fits } from "./address-pattern";
import type { Drift } from "./result";

/** A field that the emulator does not give back as it was set, so that a second plan differs although AWS would not. */
export interface EmulatorGap {
  /** Address, in which `*` stands for anything: `aws_launch_template.*`. */
  readonly resource: string;
  /** Field with everything below it: `tag_specifications`. */
  readonly field: string;
  /** Why it cannot be mended in the overlay. */
  readonly reason: string;
}

/** Everything that a plan of the applied configuration wants to change; nothing, if apply and plan agree. */
export function driftIn(plan: PlanJson): Drift[] {
  const resources = (plan.resource_changes ?? []).flatMap((change) => fieldsOf(change));
  const outputs = Object.entries(plan.output_changes ?? {})
    .filter(([, { actions }]) => !isNothing(actions))
    .map(([name]) => ({ resource: `output.${name}`, field: "value" }));
  return [...resources, ...outputs];
}

/** What is left of `drift` without the listed gaps. */
export function unlisted(drift: readonly Drift[], gaps: readonly EmulatorGap[]): Drift[] {
  return drift.filter((one) => !gaps.some((gap) => covers(gap, one)));
}

export interface Seen {
  readonly addresses: readonly string[];
  readonly drift: readonly Drift[];
}

/** Gaps whose resource is in one of the environments, and that none of them shows any more: the list must not outlive them. */
export function unusedGaps(gaps: readonly EmulatorGap[], environments: readonly Seen[]): EmulatorGap[] {
  return gaps.filter((gap) => {
    const where = environments.filter(({ addresses }) => addresses.some((address) => fits(address, gap.resource)));
    return where.length > 0 && !where.some(({ drift }) => drift.some((one) => covers(gap, one)));
  });
}

function covers({ resource, field }: EmulatorGap, drift: Drift): boolean {
  if (!fits(drift.resource, resource)) return false;
  return drift.field === field || drift.field.startsWith(`${field}.`) || drift.field.startsWith(`${field}[`);
}

function fieldsOf({ address, mode, change }: ResourceChange): Drift[] {
  if (mode === "data" || isNothing(change.actions)) return [];
  // a resource that is to be created, deleted or replaced differs as a whole
  if (change.actions.length !== 1 || change.actions[0] !== "update") {
    return [{ resource: address, field: change.actions.join("/") }];
  }
  const fields = changedFields(change);
  return (fields.length > 0 ? fields : ["update"]).map((field) => ({ resource: address, field }));
}

function isNothing(actions: Change["actions"]): boolean {
  return actions.every((action) => action === "no-op" || action === "read");
}

function changedFields({ before, after, after_unknown: unknown }: Change): string[] {
  return [...differences(before, after, "", unknown), ...unknownIn(unknown, "")].filter(
    (field, i, all) => all.indexOf(field) === i,
  );
}

/** Paths such as `default_action[0].type`, at which two values differ. */
function differences(one: unknown, other: unknown, at: string, unknown: unknown): string[] {
  if (unknown === true || Object.is(one, other)) return [];
  if (isObject(one) && isObject(other)) {
    const isList = Array.isArray(one);
    if (isList !== Array.isArray(other)) return [at];
    const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return keys.flatMap((key) =>
      differences(one[key], other[key], join(at, key, isList), isObject(unknown) ? unknown[key] : undefined),
    );
  }
  // Terraform tells nothing from an absent key only in JSON
  return (one ?? null) === (other ?? null) ? [] : [at];
}

function unknownIn(unknown: unknown, at: string): string[] {
  if (unknown === true) return [at];
  if (!isObject(unknown)) return [];
  return Object.entries(unknown).flatMap(([key, value]) => unknownIn(value, join(at, key, Array.isArray(unknown))));
}

function join(at: string, key: string, inList: boolean): string {
  if (inList) return `${at}[${key}]`;
  return at === "" ? key : `${at}.${key}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
