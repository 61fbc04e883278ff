import type { Statement } from "./place";

/**
 * Whether a boundary leaves something of a permission: each of its actions on each of its resources is in a statement that allows,
 * and in none that refuses without a condition. Conditions of what allows are not asked: what they hold is known at the call alone.
 */
export function letsThrough(boundary: readonly Statement[], action: string, resource: string | undefined): boolean {
  const covers = ({ Action = [], Resource = [] }: Statement): boolean =>
    Action.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
    (resource === undefined || Resource.some((pattern) => matches(pattern, resource)));
  const allowed = boundary.some((statement) => statement.Effect === "Allow" && covers(statement));
  const refused =
    resource !== undefined &&
    boundary.some((statement) => statement.Effect === "Deny" && statement.Condition === undefined && covers(statement));
  return allowed && !refused;
}

/** `*` is any text and `?` one character; in the text they are themselves. */
function matches(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", "[\\s\\S]*").replaceAll("?", "[\\s\\S]")}$`).test(text);
}
