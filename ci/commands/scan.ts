import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import Table from "cli-table3";
import { everyStack, registryStack, unknownName } from "../configuration";
import { CommandError, exitCodes, ToldError } from "../exit-codes";
import { sideBySide } from "../rehearse/side-by-side";
import { runCheckov } from "../scan/run-checkov";
import type { ScannedStack } from "../scan/scanned-stack";
import { judge, problemsOf, type StackVerdict } from "../scan/verdict";
import type { Session } from "../session";
import { synthesizeInChild } from "../terraform/synthesize";
import { cacheFolder } from "../tools/cache-folder";
import { findCheckov } from "../tools/checkov";

export interface ScanOptions {
  /** Names of environments and of stacks that exist once; all if none is named. */
  readonly stacks: readonly string[];
  readonly json: boolean;
}

/** `scan [stacks...]`: the rules of checkov over the synthesized stacks. Nothing is asked of AWS. */
export async function scanCommand(session: Session, { stacks, json }: ScanOptions): Promise<void> {
  const { surroundings, report, interrupts } = session;
  const { env, root } = surroundings;
  const directory = mkdtempSync(path.join(os.tmpdir(), "slipway-scan-"));
  try {
    const jsonByStack = await synthesized(session, stacks, directory);
    const cache = cacheFolder(env, os.homedir());
    const checkov = await findCheckov({ env, root, cache, report, signal: interrupts.signal });
    const verdicts = await report.step(`scan ${Object.keys(jsonByStack).join(", ")}`, () =>
      sideBySide(Object.entries(jsonByStack), os.availableParallelism(), async ([stack, json]) =>
        judge(
          stack,
          json,
          await runCheckov({ checkov, root, stack, json, directory: path.join(directory, "scan"), env, interrupts }),
        ),
      ),
    );
    const problems = verdicts.flatMap(problemsOf);
    if (json) report.json({ ok: problems.length === 0, checkov: checkov.version, stacks: verdicts, problems });
    else report.result(`${tableOf(verdicts)}\ncheckov ${checkov.version}`);
    for (const problem of problems) report.error(problem);
    if (problems.length > 0) throw new ToldError();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** `cdk.tf.json` of the named stacks, or of every one that there is. */
async function synthesized(
  { configuration, surroundings, report, interrupts, synthesize = synthesizeInChild }: Session,
  names: readonly string[],
  directory: string,
): Promise<Readonly<Record<string, ScannedStack>>> {
  const known = everyStack(configuration);
  for (const name of names) {
    if (!known.includes(name)) throw new CommandError(unknownName("stack", name, known), exitCodes.usage);
  }
  const outdir = path.join(directory, "cdktf.out");
  const wanted = names.length === 0 ? known : names;
  const env = { ...surroundings.env, SLIPWAY_ENVIRONMENTS: wanted.join(",") };
  await report.step(`synthesize ${names.length === 0 ? "every stack" : names.join(", ")}`, () =>
    synthesize({ root: surroundings.root, stack: wanted[0] ?? registryStack, outdir, env, interrupts }),
  );
  const folder = path.join(outdir, "stacks");
  const written = readdirSync(folder).sort();
  // what a fork adds has no name here, and is scanned as well
  const all = [
    ...known.filter((stack) => written.includes(stack)),
    ...written.filter((stack) => !known.includes(stack)),
  ];
  return Object.fromEntries(
    (names.length === 0 ? all : names).map((stack) => [
      stack,
      JSON.parse(readFileSync(path.join(folder, stack, "cdk.tf.json"), "utf8")) as ScannedStack,
    ]),
  );
}

/** One row for each stack. */
export function tableOf(verdicts: readonly StackVerdict[]): string {
  const table = new Table({
    head: ["stack", "passed", "failed", "exceptions", "of which unused"],
    style: { head: [], border: [] },
  });
  for (const { stack, passed, failed, excepted, unused } of verdicts) {
    table.push([stack, passed, failed.length, excepted.length + unused.length, unused.length]);
  }
  return table.toString();
}
