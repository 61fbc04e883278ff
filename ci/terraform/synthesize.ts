import { mkdirSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { CommandError, exitCodes } from "../exit-codes";
import type { Interrupts } from "./interrupts";

export interface SynthesizeOptions {
  /** The project's folder. */
  readonly root: string;
  /** The one that is needed; others may be written too. */
  readonly stack: string;
  readonly outdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly interrupts: Interrupts;
}

/** Writes `<outdir>/stacks/<stack>/cdk.tf.json`. */
export type Synthesize = (options: SynthesizeOptions) => Promise<void>;

/** As cdktf.json does it, in a process of its own: `entry` is stacks/app.ts if none is named. */
export const synthesizeInChild: Synthesize = (options) => synthesizeEntry(options);

export async function synthesizeEntry(
  { root, outdir, env, interrupts }: SynthesizeOptions,
  entry?: string,
): Promise<void> {
  mkdirSync(outdir, { recursive: true });
  const child = interrupts.spawn(
    process.execPath,
    [path.join(root, "ci", "synth.cjs"), ...(entry === undefined ? [] : [entry])],
    { cwd: root, env: { ...env, CDKTF_OUTDIR: outdir } },
  );
  const exit = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
  if (child.stdout === null || child.stderr === null) throw new Error("the output of the synthesis is not piped");
  const [code, , problems] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  interrupts.check();
  if (code !== 0)
    throw new CommandError(problems.trim() === "" ? "the synthesis failed" : problems.trim(), exitCodes.usage);
}
