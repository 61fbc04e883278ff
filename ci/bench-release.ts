import { spawnSync } from "node:child_process";
import { join } from "node:path";
import Table from "cli-table3";
import * as z from "zod";

/** What a release costs beside the waiting for AWS. */
export interface ReleaseOverhead {
  /** Of the whole process: from its start to its end, on a clock that never waits. */
  readonly seconds: number;
  /** Calls of AWS. */
  readonly calls: number;
  /** The longest time in which AWS was not looked at, on that clock. */
  readonly longestGapSec: number;
}

const runs = 3;
const said = z.object({ calls: z.number(), longestGapSec: z.number() });

/** The least of several runs: machines are noisy. */
export function measureRelease(root: string): ReleaseOverhead {
  let least: ReleaseOverhead | undefined;
  for (let run = 1; run <= runs; run += 1) {
    const started = process.hrtime.bigint();
    const script = join(root, "test/release/fake/measured-release.ts");
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--require", "tsx/cjs", script], {
      cwd: root,
      encoding: "utf8",
    });
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    if (status !== 0) throw new Error(`the release that is measured failed:\n${stderr}`);
    if (least === undefined || seconds < least.seconds) least = { seconds, ...said.parse(JSON.parse(stdout)) };
  }
  if (least === undefined) throw new Error("nothing was measured");
  return least;
}

/** As a table, with what is aimed at. */
export function overheadTable({ seconds, calls, longestGapSec }: ReleaseOverhead): string {
  const table = new Table({ head: ["a release, beside waiting", "", "at most"], style: { head: [], border: [] } });
  table.push(
    ["the whole process, s", seconds.toFixed(2), "5"],
    ["calls of AWS", String(calls), ""],
    ["longest time without a look at AWS, s", longestGapSec.toFixed(1), "5"],
  );
  return table.toString();
}
