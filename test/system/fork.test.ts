import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { Fork } from "./support/dry-run/repository";
import { root } from "./support/slipway";

/** What `npm run init` is told by whoever follows docs/production.md. */
const wishes = [
  ...["--name", "shop", "--region", "eu-west-1"],
  ...["--account", "dev=123456789012", "--account", "stage=123456789013", "--account", "prod=210987654321"],
  ...["--account", "registry=210987654321", "--zone", "none"],
  ...["--github", "acme/shop:11/22", "--no-github-environments", "--gitlab", "acme/shop"],
  ...["--alerts", "ops@example.org", "--state", "bootstrap", "--yes"],
];

const absolutes = "test/pipelines/absolutes.test.ts";

let directory: string;
let fork: Fork;

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "slipway-fork-"));
  fork = new Fork(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A line of docs/production.md, or of the job `check`, in the fork. */
function npm(...args: readonly string[]): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", ...args], {
    cwd: fork.folder,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: { PATH: process.env["PATH"], HOME: directory, CI: "true" },
  });
  return { status, said: status === 0 ? "" : stripVTControlCharacters(`${stdout}\n${stderr}`) };
}

/** One environment more, as the README and docs/pipelines.md say. */
function addQa(): void {
  const dev = readFileSync(path.join(fork.folder, "environments", "dev.ts"), "utf8");
  fork.write("environments/qa.ts", dev.replaceAll("dev", "qa").replace("10.10.0.0/16", "10.40.0.0/16"));
  fork.edit("environments/index.ts", "import { stage }", 'import { qa } from "./qa";\nimport { stage }');
  fork.edit("environments/index.ts", "{ dev, stage", "{ dev, qa, stage");
  fork.edit("environments/project.ts", 'dev: "123456789012",', 'dev: "123456789012", qa: "123456789014",');
  const planned = "          - stack: dev\n            role: SLIPWAY_ROLE_DEV_PLAN\n";
  for (const name of ["change", "nightly"]) {
    fork.edit(`.github/workflows/${name}.yml`, planned, planned + planned.replace("dev", "qa").replace("DEV", "QA"));
  }
  fork.edit(absolutes, /( *)"dev SLIPWAY_ROLE_DEV_PLAN",\n/g, '$&$1"qa SLIPWAY_ROLE_QA_PLAN",\n');
}

/** The same on GitLab. */
function addQaOnGitLab(): void {
  const jobs = [
    [".gitlab-ci.yml", /^(?:drift-)?plan:dev:\n(?: {2}.*\n)+\n/gm],
    [absolutes, /^ {2}"(?:drift-)?plan:dev": \{\n(?: {4}.*\n)+ {2}\},\n/gm],
  ] as const;
  for (const [file, ofDev] of jobs) {
    fork.edit(file, /"plan:dev", /g, '$&"plan:qa", ');
    const text = readFileSync(path.join(fork.folder, file), "utf8");
    expect(text.match(ofDev)).toHaveLength(2);
    fork.write(
      file,
      text.replaceAll(ofDev, (job) => job + job.replaceAll("dev", "qa").replaceAll("DEV", "QA")),
    );
  }
}

test("a fork that is named, for both hosts, passes types and the tests of its environments", () => {
  expect(npm("init", "--", ...wishes)).toEqual({ status: 0, said: "" });
  expect(npm("types")).toEqual({ status: 0, said: "" });
  expect(npm("test", "--", "test/own-environments.test.ts", "test/ci/rehearse-drills.test.ts")).toEqual({
    status: 0,
    said: "",
  });
});

test("it passes all tests after its first changes, on one host", () => {
  fork.edit("environments/dev.ts", "    api: {", "    web: {");
  fork.edit("environments/dev.ts", "monthlyBudgetUsd: 60", "monthlyBudgetUsd: 75");
  fork.edit(
    "environments/dev.ts",
    'images: { access: "public" }',
    'images: { none: true, because: "no pictures here" }',
  );
  fork.edit("environments/dev.ts", '      uses: ["images", "mqtt"],', '      port: 3000,\n      uses: ["mqtt"],');
  fork.edit("environments/prod.ts", "backupRetentionDays: 14", "backupRetentionDays: 30, multiAz: true");
  fork.edit("environments/prod.ts", "    api: {", '    worker: { kind: "worker", minTasks: 2 },\n    api: {');
  fork.edit("environments/project.ts", /\n    gitlab: .*/, "");
  addQa();
  rmSync(path.join(fork.folder, ".gitlab-ci.yml"));
  expect(npm("types")).toEqual({ status: 0, said: "" });
  expect(npm("format")).toEqual({ status: 0, said: "" });
  expect(npm("test")).toEqual({ status: 0, said: "" });
  expect(npm("test:release", "--", "test/release/started-by-npm.test.ts")).toEqual({ status: 0, said: "" });
});

test("on the other host it passes the tests of pipelines as well", () => {
  copyFileSync(path.join(root, ".gitlab-ci.yml"), path.join(fork.folder, ".gitlab-ci.yml"));
  rmSync(path.join(fork.folder, ".github"), { recursive: true });
  addQaOnGitLab();
  expect(npm("test", "--", "test/pipelines")).toEqual({ status: 0, said: "" });
});
