import fc from "fast-check";

const levels = fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/);

/** Topics without wildcards. */
export const topics = fc.array(levels, { minLength: 1, maxLength: 6 }).map((all) => all.join("/"));

/** Topics that may hold wildcards, as a grant or a subscription does. */
export const topicFilters = fc
  .tuple(fc.array(fc.oneof(levels, fc.constant("+")), { maxLength: 5 }), fc.boolean())
  .filter(([all, rest]) => all.length > 0 || rest)
  .map(([all, rest]) => [...all, ...(rest ? ["#"] : [])].join("/"));

/** Whether MQTT delivers `topic` to a subscription to `filter`: by the words of the standard, level by level. */
export function delivers(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const given = topic.split("/");
  for (const [i, level] of wanted.entries()) {
    // the parent of # is part of what it stands for
    if (level === "#") return true;
    if (given[i] === undefined || (level !== "+" && level !== given[i])) return false;
  }
  return wanted.length === given.length;
}
