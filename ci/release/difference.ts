import type { ContainerDefinition, KeyValuePair, Secret } from "@aws-sdk/client-ecs";

/** Characters of a value that are shown at most. */
const longestShown = 200;

/** As much of a revision as is compared. */
export interface Compared {
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly containerDefinitions?: readonly ContainerDefinition[] | undefined;
}

/**
 * What a new revision changes, a line each: size, images, plain variables with their values, and secrets by their names alone.
 *
 * @param before what runs; none before the first release
 */
export function differenceLines(before: Compared | undefined, after: Compared): string[] {
  const lines = [...changed("cpu", before?.cpu, after.cpu), ...changed("memory", before?.memory, after.memory)];
  const containers = after.containerDefinitions ?? [];
  const several = containers.length > 1;
  for (const container of containers) {
    const old = before?.containerDefinitions?.find(({ name }) => name === container.name);
    const prefix = several ? `${container.name ?? ""}: ` : "";
    lines.push(...containerLines(old, container).map((line) => `${prefix}${line}`));
  }
  for (const { name = "" } of before?.containerDefinitions ?? []) {
    if (!containers.some((container) => container.name === name)) lines.push(`- container ${name}`);
  }
  return lines;
}

function containerLines(before: ContainerDefinition | undefined, after: ContainerDefinition): string[] {
  return [
    ...changed("image", before?.image, after.image),
    ...changed("command", wordsOf(before?.command), wordsOf(after.command)),
    ...entryLines("variable", valuesOf(before?.environment), valuesOf(after.environment), shortened),
    // where a secret is read from is an ARN: it says nothing to a person but that it is another one
    ...entryLines("secret", sourcesOf(before?.secrets), sourcesOf(after.secrets), () => undefined),
  ];
}

function changed(what: string, before: string | undefined, after: string | undefined): string[] {
  if (before === after) return [];
  if (before === undefined) return [`+ ${what} ${shortened(after ?? "")}`];
  if (after === undefined) return [`- ${what} ${shortened(before)}`];
  return [`~ ${what} ${shortened(before)} -> ${shortened(after)}`];
}

function entryLines(
  what: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  shown: (value: string) => string | undefined,
): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (old === now) return [];
    if (now === undefined) return [`- ${what} ${name}`];
    const value = shown(now);
    if (old === undefined) return [`+ ${what} ${name}${value === undefined ? "" : `=${value}`}`];
    return [
      `~ ${what} ${name}${value === undefined ? " is read from elsewhere" : `: ${shown(old) ?? ""} -> ${value}`}`,
    ];
  });
}

/** A certificate, or a script, would hide everything else. */
function shortened(value: string): string {
  return value.includes("\n") || value.length > longestShown ? `(${value.length} characters)` : value;
}

function valuesOf(pairs: readonly KeyValuePair[] = []): Map<string, string> {
  return new Map(pairs.map(({ name = "", value = "" }) => [name, value]));
}

function sourcesOf(secrets: readonly Secret[] = []): Map<string, string> {
  return new Map(secrets.map(({ name = "", valueFrom = "" }) => [name, valueFrom]));
}

function wordsOf(command: readonly string[] | undefined): string | undefined {
  return command === undefined || command.length === 0 ? undefined : JSON.stringify(command);
}
