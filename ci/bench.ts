import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import Table from "cli-table3";
import { buildSync } from "esbuild";
import { measureRelease, overheadTable } from "./bench-release";
import { bundleOf } from "./bundle.cjs";

/**
 * How long synthesis takes and what memory it needs, as a ratio to node with nothing but cdktf loaded, measured in the same run;
 * and what a release takes beside waiting for AWS. Machines are noisy: the least of several runs counts.
 */

const root = resolve(__dirname, "..");
const runs = 7;
const work = mkdtempSync(join(tmpdir(), "slipway-bench-"));

interface Measure {
  readonly seconds: number;
  readonly mebibytes: number;
}

interface Subject {
  readonly name: string;
  readonly script: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/** Prints, at exit, what the process took; loaded before the script that is measured. */
const probe = join(work, "probe.cjs");
writeFileSync(probe, `process.on("exit",()=>require("fs").writeSync(2,"\\n@"+process.resourceUsage().maxRSS));`);

/** One run; what came out least over all runs counts. */
function measure({ name, script, variables }: Subject): Measure {
  const started = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, ["--require", probe, script], {
    cwd: root,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], CDKTF_OUTDIR: join(work, "out"), ...variables },
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (status !== 0) throw new Error(`${name} failed:\n${stderr}`);
  return { seconds, mebibytes: Number(stderr.slice(stderr.lastIndexOf("@") + 1)) / 1024 };
}

/** A script that runs the bundle of an entry as ci/synth.cjs does, without making it first. */
function bundled(entry: string): string {
  const outfile = join(root, "node_modules", ".cache", "slipway-bench", `${entry.replaceAll("/", "-")}.cjs`);
  buildSync({ ...bundleOf(entry), outfile });
  const script = outfile.replace(/\.cjs$/, "-run.cjs");
  const [bundle, text, own] = [join(root, "ci/bundle.cjs"), outfile, `bench-${entry}`].map((one) =>
    JSON.stringify(one),
  );
  writeFileSync(script, `require(${bundle}).runBundle(${own},require("fs").readFileSync(${text},"utf8"));`);
  return script;
}

const empty = join(root, "node_modules", ".cache", "slipway-bench", "empty.cjs");

function main(): void {
  const app = bundled("stacks/app.ts");
  const many = bundled("test/support/many-services-app.ts");
  writeFileSync(empty, `require("cdktf");`);

  const subjects: readonly Subject[] = [
    { name: "node + cdktf alone", script: empty },
    ...["dev", "stage", "prod"].map((name) => ({
      name: `${name}, bundle`,
      script: app,
      variables: { SLIPWAY_ENVIRONMENTS: name },
    })),
    { name: "dev, stage, prod, bundle", script: app },
    { name: "dev, stage, prod, cdktf.json's app", script: join(root, "ci/synth.cjs") },
    ...["1", "10", "50"].map((count) => ({
      name: `dev with ${count} service${count === "1" ? "" : "s"}, bundle`,
      script: many,
      variables: { SLIPWAY_BENCH_SERVICES: count },
    })),
  ];

  // in turns, so that a noisy minute falls on all of them
  const least = new Map<Subject, Measure>();
  for (let run = 1; run <= runs; run += 1) {
    process.stderr.write(`run ${run} of ${runs}\n`);
    for (const subject of subjects) {
      const { seconds, mebibytes } = measure(subject);
      const before = least.get(subject) ?? { seconds: Infinity, mebibytes: Infinity };
      least.set(subject, {
        seconds: Math.min(before.seconds, seconds),
        mebibytes: Math.min(before.mebibytes, mebibytes),
      });
    }
  }

  const table = new Table({ head: ["synthesis", "s", "x", "MiB", "x"], style: { head: [], border: [] } });
  const [base] = least.values();
  if (base === undefined) throw new Error("nothing was measured");
  for (const [{ name }, { seconds, mebibytes }] of least) {
    table.push([
      name,
      seconds.toFixed(2),
      (seconds / base.seconds).toFixed(1),
      mebibytes.toFixed(0),
      (mebibytes / base.mebibytes).toFixed(1),
    ]);
  }
  process.stdout.write(`${table.toString()}\n`);
  process.stderr.write("releases on an account that is played\n");
  process.stdout.write(`${overheadTable(measureRelease(root))}\n`);
}

try {
  main();
} finally {
  rmSync(work, { recursive: true, force: true });
}
