import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The project's folder. */
export const root = resolve(__dirname, "../..");

/** How a synthesis ended, and where it wrote. */
export interface Synthesis {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly outdir: string;
}

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Synthesise in a process of its own that has no credentials, no home, and nothing but the given variables. */
export function synthesizeBy(entry: string, variables: Readonly<Record<string, string>> = {}): Synthesis {
  const outdir = mkdtempSync(join(tmpdir(), "slipway-synth-"));
  folders.push(outdir);
  const { status, stderr, stdout } = spawnSync(process.execPath, ["ci/synth.cjs", entry], {
    cwd: root,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: outdir, CDKTF_OUTDIR: outdir, ...variables },
  });
  return { status, stderr, stdout, outdir };
}

/** The text of every stack that was written; none, where the synthesis was refused. */
export function filesOf({ status, outdir }: Synthesis): Record<string, string> {
  if (status !== 0) return {};
  const stacks = join(outdir, "stacks");
  return Object.fromEntries(
    readdirSync(stacks)
      .sort()
      .map((name) => [name, readFileSync(join(stacks, name, "cdk.tf.json"), "utf8")]),
  );
}
