import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { unknownName } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import type { Session } from "../session";
import { synthesizeInChild } from "./synthesize";

/** `cdk.tf.json` of environments, by name: for what can be told without AWS and without Terraform. */
export async function synthesizedStacks(
  { configuration, report, surroundings, interrupts, synthesize = synthesizeInChild }: Session,
  names: readonly string[],
): Promise<Readonly<Record<string, object>>> {
  const known = Object.keys(configuration.environments);
  for (const name of names) {
    if (!known.includes(name)) throw new CommandError(unknownName("environment", name, known), exitCodes.usage);
  }
  const outdir = mkdtempSync(path.join(tmpdir(), "slipway-synthesized-"));
  try {
    const stack = names.join(",");
    const env = { ...surroundings.env, SLIPWAY_ENVIRONMENTS: stack };
    await report.step(`synthesize ${names.join(", ")}`, () =>
      synthesize({ root: surroundings.root, stack, outdir, env, interrupts }),
    );
    return Object.fromEntries(
      names.map((name) => [
        name,
        JSON.parse(readFileSync(path.join(outdir, "stacks", name, "cdk.tf.json"), "utf8")) as object,
      ]),
    );
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
