/** A mistake the reader of the message can mend in their own configuration; holds every problem that was found. */
export class BlueprintError extends Error {
  constructor(
    /** Where the problems are: the name of an environment, or the path of a construct. */
    at: string,
    /** One sentence each: field, rule, value, way out. */
    public readonly problems: readonly string[],
  ) {
    super([`${at}:`, ...problems.map((problem) => `  - ${problem}`)].join("\n"));
    this.name = "BlueprintError";
  }
}
