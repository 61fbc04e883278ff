/** What is wrong with the outputs of a stack: those that it promises and that say nothing. */
export function outputProblems(promised: readonly string[], outputs: Readonly<Record<string, unknown>>): string[] {
  return promised
    .filter((name) => isEmpty(outputs[name]))
    .map((name) => `output ${name} is ${name in outputs ? `empty: ${JSON.stringify(outputs[name])}` : "missing"}`);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (typeof value !== "object") return false;
  const parts = Object.values(value);
  return parts.length === 0 || parts.some(isEmpty);
}
