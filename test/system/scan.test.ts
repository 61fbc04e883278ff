import { readFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { loadConfiguration } from "../../ci/configuration";
import { exitCodes } from "../../ci/exit-codes";
import { type Parts, runCli } from "../../ci/main";
import type { StackVerdict } from "../../ci/scan/verdict";
import { synthesizeEntry } from "../../ci/terraform/synthesize";
import { bootstrapStack } from "../../constructs/shared/pipeline-names";
import { accountsOf } from "../../environments/accounts";
import { parseConfiguration } from "../../environments/checks";
import { project, variants } from "../support/variants";
import { processVariables, root } from "./support/slipway";

interface Scanned {
  readonly code: number;
  readonly said: string;
  readonly json: {
    readonly ok: boolean;
    readonly stacks: readonly StackVerdict[];
    readonly problems: readonly string[];
  };
}

/** The command as a person starts it, with the real scanner. */
async function scan(parts: Parts): Promise<Scanned> {
  const written = { out: "", err: "" };
  const code = await runCli(
    ["scan", "--json"],
    {
      env: processVariables(),
      root,
      stdin: Readable.from([]),
      stdout: { write: (text: string) => (written.out += text) },
      stderr: { write: (text: string) => (written.err += text) },
      isTTY: false,
    },
    parts,
  );
  return { code, said: written.err, json: JSON.parse(written.out) as Scanned["json"] };
}

test("every stack that ships stands before the scanner, each exception with a finding and a reason", async () => {
  const scanned = await scan({});
  expect(scanned.json.problems).toEqual([]);
  expect(scanned.code).toBe(exitCodes.ok);
  const { project: shipped, environments } = loadConfiguration();
  expect(scanned.json.stacks.map(({ stack }) => stack)).toEqual([
    ...Object.keys(environments),
    "registry",
    ...accountsOf(shipped).map(bootstrapStack),
  ]);
  // what the documentation says is what was counted
  const documented = readFileSync(path.join(root, "docs", "scan.md"), "utf8").replaceAll(/ +/g, " ");
  for (const { stack, passed, failed, excepted } of scanned.json.stacks) {
    expect(documented).toContain(`| ${stack} | ${passed} | ${failed.length} | ${excepted.length} |`);
  }
  for (const { passed, excepted } of scanned.json.stacks) {
    expect(passed).toBeGreaterThan(0);
    for (const { at, because } of excepted) expect(`${at}: ${because}`).toMatch(/: .{10,}$/);
  }
});

test("so does the environment that chooses everything else: no setting needs an exception that is not there", async () => {
  const scanned = await scan({
    configuration: parseConfiguration(project, { variants }),
    synthesize: (options) => synthesizeEntry(options, path.join(root, "test", "support", "variants-app.ts")),
  });
  expect(scanned.json.problems).toEqual([]);
  expect(scanned.json.stacks.map(({ stack }) => stack)).toEqual(
    expect.arrayContaining(["variants", "registry", "bootstrap-444444444444"]),
  );
});

test("what is insecure is found, by the path of its construct", async () => {
  const scanned = await scan({
    configuration: parseConfiguration(project, {}),
    synthesize: (options) => synthesizeEntry(options, path.join(root, "test", "support", "insecure-app.ts")),
  });
  expect(scanned.code).toBe(exitCodes.failed);
  expect(scanned.json.stacks.flatMap(({ failed }) => failed.map(({ at, check }) => `${at} ${check}`))).toEqual(
    expect.arrayContaining([
      // one that looks at a resource alone, one that looks at what hangs together
      "insecure/Database CKV_AWS_17",
      "insecure/Bucket CKV2_AWS_6",
      // those that have to see into JSON
      "insecure/Key CKV_AWS_33",
      "insecure/Policy CKV_AWS_286",
      "insecure/Policy CKV_AWS_355",
      "insecure/Task CKV_AWS_336",
      "insecure/TopicPolicy CKV_AWS_169",
    ]),
  );
  expect(scanned.json.stacks.flatMap(({ unused }) => unused.map(({ at, check }) => `${at} ${check}`))).toEqual([
    "insecure/Bucket CKV_AWS_20",
  ]);
});
