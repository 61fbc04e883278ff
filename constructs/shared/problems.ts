import { closest, distance } from "fastest-levenshtein";
import type { Construct } from "constructs";
import * as z from "zod";
import { BlueprintError } from "./blueprint-error";
import { declined, shown } from "./fields";

type Issue = z.core.$ZodIssue;

/** A value with the schema's defaults, or why it has none: one sentence each. */
export type Checked<T extends z.ZodType> =
  | { readonly problems: readonly []; readonly settings: z.output<T> }
  | { readonly problems: readonly string[]; readonly settings: undefined };

/** Everything that is wrong with `value` by `schema`, or `value` with defaults. */
export function checked<T extends z.ZodType>(schema: T, value: unknown): Checked<T> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return { problems: [], settings: result.data };
  return { problems: result.error.issues.flatMap((issue) => sentences(issue, schema)), settings: undefined };
}

/** `props` with the schema's defaults filled in, for a construct that is used on its own. */
export function settingsOf<T extends z.ZodType>(at: Construct, schema: T, props: z.input<T>): z.output<T> {
  const { problems, settings } = checked(schema, props);
  if (settings === undefined) throw new BlueprintError(at.node.path, problems);
  return settings;
}

function sentences(issue: Issue, schema: z.ZodType): string[] {
  const field = pathOf(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => `${pathOf([...issue.path, key])} is not a field that exists: ${advice(key, known)}`);
  }
  if (issue.code === "invalid_union") {
    if (issue.input === undefined) return [`${field} is required: ${choiceOf(schemaAt(schema, issue.path))}`];
    const branch = bestBranch(issue.errors);
    if (branch !== undefined) {
      return branch.flatMap((inner) => sentences({ ...inner, path: [...issue.path, ...inner.path] }, schema));
    }
    return [noKnownForm(issue, field, schema)];
  }
  if (issue.code === "invalid_key") {
    return issue.issues.map((inner) => `${pathOf(issue.path.slice(0, -1))} has a name that ${inner.message}`);
  }
  if ((issue.code === "invalid_type" || issue.code === "invalid_value") && issue.input === undefined) {
    return [
      `${field} is required: ${issue.message.replace(/, got nothing/, "").replace(/^Invalid input: expected /, "give a value of type ")}`,
    ];
  }
  return [`${field} ${issue.message}`];
}

/** The way out where a required choice was not made. */
function choiceOf(union: z.ZodType | undefined): string {
  const declines = union instanceof z.ZodUnion && union.options.includes(declined);
  return declines ? 'give its settings, or { none: true, because: "..." }' : "choose one of its forms";
}

/** Of a union's branches, the one that the value was most likely meant to be; none when nothing tells. */
function bestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const scored = branches
    .filter((branch) => branch.length > 0)
    .map((branch) => ({
      branch,
      score: branch.filter((i) => i.code === "unrecognized_keys" || i.input === undefined).length,
    }));
  scored.sort((a, b) => a.score - b.score || a.branch.length - b.branch.length);
  return scored[0]?.branch;
}

function advice(key: string, known: readonly string[]): string {
  if (known.length === 0) return "remove it";
  const nearest = closest(key, known);
  return distance(key, nearest) <= Math.max(2, key.length / 2)
    ? `did you mean ${nearest}?`
    : `use one of ${known.join(", ")}`;
}

function noKnownForm(issue: z.core.$ZodIssueInvalidUnion, field: string, schema: z.ZodType): string {
  const discriminator =
    "discriminator" in issue && typeof issue.discriminator === "string" ? issue.discriminator : undefined;
  const union = discriminatedAt(schema, discriminator === undefined ? issue.path : issue.path.slice(0, -1));
  if (discriminator === undefined || union === undefined) {
    return `${field} has no known form, got ${shown(issue.input)}`;
  }
  const values = (union.options as readonly z.ZodObject[]).flatMap((option) => {
    const literal: unknown = option.shape[discriminator];
    return literal instanceof z.ZodLiteral ? [...literal.values].map(shown) : [];
  });
  const given = (issue.input as Readonly<Record<string, unknown>> | undefined)?.[discriminator];
  return `${field} must be one of ${values.join(", ")}, got ${shown(given)}`;
}

/** The discriminated union at `path`, which may be one form of a choice. */
function discriminatedAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodDiscriminatedUnion | undefined {
  const at = schemaAt(schema, path);
  const forms = at instanceof z.ZodUnion && !(at instanceof z.ZodDiscriminatedUnion) ? at.options : [at];
  return forms.find((form): form is z.ZodDiscriminatedUnion => form instanceof z.ZodDiscriminatedUnion);
}

/** `services.api.route[0].path`, as one would type it in the environment's file. */
function pathOf(path: readonly PropertyKey[]): string {
  const typed = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return typed.replace(/^\./, "");
}

function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const at = schemaAt(schema, path);
  if (at instanceof z.ZodObject) return Object.keys(at.shape);
  if (at instanceof z.ZodUnion || at instanceof z.ZodDiscriminatedUnion) {
    return [...new Set((at.options as readonly z.ZodType[]).flatMap((option) => keysAt(option, [])))];
  }
  return [];
}

/** The schema of the value at `path`, seen through defaults, optionals and refinements. */
function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  const bare = unwrapped(schema);
  const [head, ...rest] = path;
  if (head === undefined) return bare;
  if (bare instanceof z.ZodObject) {
    const next = (bare.shape as Record<PropertyKey, z.ZodType | undefined>)[head];
    return next === undefined ? undefined : schemaAt(next, rest);
  }
  if (bare instanceof z.ZodRecord) return schemaAt(bare.valueType as z.ZodType, rest);
  if (bare instanceof z.ZodArray) return schemaAt(bare.element as z.ZodType, rest);
  if (bare instanceof z.ZodUnion || bare instanceof z.ZodDiscriminatedUnion) {
    const found = (bare.options as readonly z.ZodType[]).map((o) => schemaAt(o, path)).find((o) => o !== undefined);
    return found;
  }
  return undefined;
}

function unwrapped(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault) {
    return unwrapped(schema.unwrap() as z.ZodType);
  }
  return schema;
}
