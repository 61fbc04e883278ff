import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { setImmediate as othersTurn } from "node:timers/promises";
import { unzip } from "./zip";

/** Shorter values, such as a port or a user's name, stand in many places for other reasons. */
const shortest = 8;

/** Spellings that are looked for in a file before others have their turn. */
const atOnce = 16;

/** A piece of text in which no secret may stand. */
export interface Haystack {
  readonly name: string;
  readonly content: Buffer;
}

/** A file as it is and, if it is a saved plan, every file inside it; nothing when it is not there. */
export function haystacksOf(file: string): Haystack[] {
  if (!existsSync(file)) return [];
  const name = path.basename(file);
  const content = readFileSync(file);
  const isZip = content.length > 4 && content.readUInt32BE(0) === 0x504b0304;
  const inside = isZip
    ? unzip(content).map((entry) => ({ name: `${name}!${entry.name}`, content: entry.content }))
    : [];
  return [{ name, content }, ...inside];
}

/** Fields of a secret in JSON that are secret themselves; the rest, such as the host, may stand anywhere. */
const secretField = /password|passphrase|secret|token|key|url/i;

/**
 * Texts that must not be found: the values as they are and, for those that are JSON, each secret field of it. Short ones are left
 * out.
 */
export function secretTexts(values: readonly string[]): string[] {
  return [...new Set(values.flatMap((value) => [value, ...secretFieldsOf(value)]))].filter(
    (value) => value.length >= shortest,
  );
}

function secretFieldsOf(value: string): string[] {
  if (!value.startsWith("{")) return [];
  try {
    const fields = Object.entries(JSON.parse(value) as Readonly<Record<string, unknown>>);
    return fields.flatMap(([name, field]) => (typeof field === "string" && secretField.test(name) ? [field] : []));
  } catch {
    return [];
  }
}

/** Where a secret stands, in any of the ways it can be written; the value itself is never told. */
export async function leaksIn(haystacks: readonly Haystack[], values: readonly string[]): Promise<string[]> {
  const needles = values.flatMap((value) => spellings(value).map((text) => Buffer.from(text, "utf8")));
  const found: string[] = [];
  for (const { name, content } of haystacks) {
    for (const [i, needle] of needles.entries()) {
      // this takes a while, and rehearsals beside this one wait for answers in the same process
      if (i % atOnce === 0) await othersTurn();
      if (!content.includes(needle)) continue;
      found.push(name);
      break;
    }
  }
  return found;
}

/** A value as it is, within JSON, within JSON within JSON, as Go writes JSON, within a URL, and in base64. */
function spellings(value: string): string[] {
  const json = inner(value);
  const go = json.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
  return [
    ...new Set([
      value,
      json,
      go,
      inner(json),
      inner(go),
      encodeURIComponent(value),
      Buffer.from(value, "utf8").toString("base64"),
    ]),
  ];
}

function inner(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}
