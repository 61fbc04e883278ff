import type { Json } from "./synth";

/**
 * Whether EventBridge gives an event to a rule: the part of its pattern language that the rules of this project use, after
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html. What it does not know it refuses.
 */
export function matches(pattern: Json, event: Json): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    if (field === "$or") return (wanted as Json[]).some((one) => matches(one, event));
    const value: unknown = event[field];
    if (Array.isArray(wanted)) return valuesOf(value).some((one) => wanted.some((matcher) => accepts(matcher, one)));
    // of a list of objects one has to match with all its fields
    return valuesOf(value).some((one) => typeof one === "object" && one !== null && matches(wanted as Json, one));
  });
}

function valuesOf(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

function accepts(matcher: unknown, value: unknown): boolean {
  if (typeof matcher !== "object" || matcher === null) return matcher === value;
  const [[operator, operand] = [], ...others] = Object.entries(matcher) as [string, unknown][];
  if (others.length > 0) throw new Error(`one operator at a time, got ${JSON.stringify(matcher)}`);
  switch (operator) {
    case "prefix":
      return typeof value === "string" && value.startsWith(operand as string);
    case "anything-but":
      return !valuesOf(operand).includes(value);
    default:
      throw new Error(`the tests do not know the operator ${String(operator)}`);
  }
}

/**
 * What a target of a rule is sent: values of the event in the places of a template. A value that stands alone is put in as JSON,
 * one within a text as it is.
 */
export function transformed(
  { input_paths, input_template }: { readonly input_paths: Json; readonly input_template: string },
  event: Json,
): string {
  let inText = false;
  return input_template.replace(/\\.|"|<([a-z]+)>/g, (found, name: string | undefined) => {
    if (found === '"') inText = !inText;
    if (name === undefined) return found;
    const value = at(event, input_paths[name] as string);
    return inText && typeof value === "string" ? value : JSON.stringify(value);
  });
}

function at(event: Json, path: string): unknown {
  const steps = path.replace(/^\$\.?/, "").split(/\.|\[(\d+)\]/);
  return steps
    .filter((step) => step !== undefined && step !== "")
    .reduce<unknown>((value, step) => (value as Json)[step], event);
}
