import type * as z from "zod";
import type { PipelineHost } from "../pipelines/hosts";
import type { ProgramResult } from "../tools/program";
import { advice, type Finding } from "./finding";

/** Asks the API of a host through its program. */
export type AskHost = <T>(args: readonly string[], read: (stdout: string) => T) => Promise<T>;

/** The host did not say. The message is what its program said instead. */
export class HostRefusal extends Error {}

export function askHost({ program }: PipelineHost, run: (args: readonly string[]) => Promise<ProgramResult>): AskHost {
  return async (args, read) => {
    const { code, stdout, stderr } = await run(args);
    if (code !== 0) throw new HostRefusal(stderr.trim().split("\n").at(-1) ?? "");
    try {
      return read(stdout);
    } catch {
      throw new HostRefusal(`something else than ${program} ${args.join(" ")} should say`);
    }
  };
}

/** Reads JSON of a known shape. */
export function json<T>(schema: z.ZodType<T>): (stdout: string) => T {
  return (stdout) => schema.parse(JSON.parse(stdout));
}

/** The findings of `look`; that the host would not say is a finding too. */
export async function protectionsLookedAt(
  { topic, place, program }: PipelineHost,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof HostRefusal)) throw error;
    return [
      advice(
        topic,
        `what protects ${place} could not be looked at: ${program} says "${error.message}"`,
        "log in as somebody who may see its settings, or look yourself: docs/pipelines.md, Set up",
      ),
    ];
  }
}
