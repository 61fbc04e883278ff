import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { exitCodes } from "../../ci/exit-codes";
import { durationText, Report } from "../../ci/report";
import { coversS3, emulatorVariables, type Endpoint, endpointOf } from "../../ci/terraform/endpoint";
import { findEngine } from "../../ci/terraform/engine";
import { engineOfLockfile, placeLockfile } from "../../ci/terraform/lockfile";
import { PlanFile } from "../../ci/terraform/plan-file";
import { claimState } from "../../ci/terraform/state-marker";
import { FakeEngine } from "./support/fake-engine";

let folder: string;
let said: string[];
let results: string[];
let report: Report;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "slipway-workspace-"));
  said = [];
  results = [];
  report = Report.to({ stderr: { write: (text) => said.push(text) }, stdout: { write: (text) => results.push(text) } });
});

afterEach(() => {
  jest.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

describe("the endpoint", () => {
  test.each<[string, Record<string, string>, Endpoint["kind"]]>([
    ["nothing set", {}, "aws"],
    ["an empty variable", { AWS_ENDPOINT_URL: "" }, "aws"],
    ["all services elsewhere", { AWS_ENDPOINT_URL: "http://127.0.0.1:5000" }, "emulator"],
    ["one service elsewhere", { AWS_ENDPOINT_URL_RDS: "http://127.0.0.1:5000" }, "emulator"],
    [
      "an endpoint of AWS in a VPC",
      { AWS_ENDPOINT_URL_S3: "https://bucket.vpce-1.s3.us-east-1.vpce.amazonaws.com" },
      "aws",
    ],
    ["a host that only looks like AWS", { AWS_ENDPOINT_URL: "https://amazonaws.com.example.org" }, "emulator"],
    [
      "endpoints that are to be ignored",
      { AWS_ENDPOINT_URL: "http://x", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
      "aws",
    ],
  ])("of %s", (_, env, kind) => {
    expect(endpointOf(env).kind).toBe(kind);
  });

  test("of two emulators have folders of their own", () => {
    const [one, other] = [5000, 5001].map((port) => endpointOf({ AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` }));
    expect(one).not.toEqual(other);
  });

  test("covers the state in S3 only if S3 is sent there too", () => {
    expect(coversS3({ AWS_ENDPOINT_URL_RDS: "http://x" })).toBe(false);
    expect(coversS3({ AWS_ENDPOINT_URL: "http://x" })).toBe(true);
  });

  test("gives S3 Control a name that the emulator is the proxy for, unless one is set", () => {
    expect(emulatorVariables({ AWS_ENDPOINT_URL: "http://127.0.0.1:5000" })).toMatchObject({
      AWS_ENDPOINT_URL_S3_CONTROL: "http://s3control.emulator.invalid",
      HTTP_PROXY: "http://127.0.0.1:5000",
    });
    expect(emulatorVariables({ AWS_ENDPOINT_URL: "http://x", AWS_ENDPOINT_URL_S3_CONTROL: "http://y" })).toEqual({});
    expect(emulatorVariables({})).toEqual({});
  });
});

describe("a state", () => {
  const aws = endpointOf({});
  const emulator = endpointOf({ AWS_ENDPOINT_URL: "http://127.0.0.1:5000" });
  const used = JSON.stringify({ resources: [{}] });

  test.each([
    ["AWS", "an emulator", "unset AWS_ENDPOINT_URL to work on it, or move the file away"],
    ["an emulator", "AWS", "set AWS_ENDPOINT_URL again to work on it, or move the file away"],
  ])("that %s wrote is refused by a run on %s", (wrote, _, wayOut) => {
    const [writer, reader] = wrote === "AWS" ? [aws, emulator] : [emulator, aws];
    const file = path.join(folder, "dev.tfstate");
    claimState(file, writer);
    writeFileSync(file, used);
    expect(() => claimState(file, reader)).toThrow(
      `${file} describes what is at ${writer.text}, and this run talks to ${reader.text}: ${wayOut}`,
    );
    expect(() => claimState(file, writer)).not.toThrow();
  });

  test("that describes nothing can change sides", () => {
    const file = path.join(folder, "dev.tfstate");
    claimState(file, aws);
    writeFileSync(file, JSON.stringify({ resources: [] }));
    expect(() => claimState(file, emulator)).not.toThrow();
  });

  test("of an unknown writer is taken for one of AWS", () => {
    const file = path.join(folder, "dev.tfstate");
    writeFileSync(file, used);
    expect(() => claimState(file, emulator)).toThrow(`${file} does not say which endpoint wrote it`);
    expect(() => claimState(file, aws)).not.toThrow();
  });

  test("lies in a folder that only its owner can read", () => {
    claimState(path.join(folder, ".state", "dev.tfstate"), aws);
    expect(statSync(path.join(folder, ".state")).mode & 0o777).toBe(0o700);
  });
});

describe("a saved plan", () => {
  test("is applied only for the configuration that it was made of, and once", () => {
    const plan = new PlanFile({ base: folder, stack: "dev", hash: "one" });
    writeFileSync(plan.path, "plan");
    plan.remember();
    expect(() => plan.check("npm run plan -- dev")).not.toThrow();

    const later = new PlanFile({ base: folder, stack: "dev", hash: "two" });
    expect(later.exists).toBe(true);
    expect(() => later.check("npm run plan -- dev")).toThrow(
      expect.objectContaining({
        exitCode: exitCodes.stale,
        message: `the saved plan is of another configuration: \`npm run plan -- dev\` makes a new one, or delete ${plan.path}`,
      }),
    );
    later.forget();
    expect(later.exists).toBe(false);
  });

  test("that nobody remembers is stale", () => {
    const plan = new PlanFile({ base: folder, stack: "dev", hash: "one" });
    writeFileSync(plan.path, "plan");
    expect(() => plan.check("npm run plan -- dev")).toThrow("the saved plan is of another configuration");
  });
});

describe("the lock file", () => {
  const engine = { kind: "terraform", path: "terraform", version: "1.11.4" } as const;
  const lock = (writer: string, constraint: string): string =>
    `# This file is maintained automatically by "${writer} init".\nprovider "x" {\n  version     = "6.58.0"\n  constraints = "${constraint}"\n}\n`;
  const place = (constraint = ">= 6.58.0, < 7.0.0"): string =>
    placeLockfile({ root: folder, stack: "dev", directory: folder, engine, constraint, report });
  const working = (): string => path.join(folder, ".terraform.lock.hcl");
  const keep = (text: string): void => {
    mkdirSync(path.join(folder, "stacks", "locks"), { recursive: true });
    writeFileSync(path.join(folder, "stacks", "locks", "dev.lock.hcl"), text);
  };

  test("of the fork is insisted on", () => {
    keep(lock("terraform", ">= 6.58.0, < 7.0.0"));
    expect(place()).toBe("readonly");
    expect(readFileSync(working(), "utf8")).toContain("6.58.0");
    expect(said).toEqual([]);
  });

  test("is asked for with one warning where there is none", () => {
    expect(place()).toBe("write");
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(
      "providers are not locked: `npm run lock` writes stacks/locks/dev.lock.hcl, to be committed",
    );
  });

  test("of the other engine is not used, and the reader is told", () => {
    keep(lock("tofu", ">= 6.58.0, < 7.0.0"));
    expect(place()).toBe("write");
    expect(existsSync(working())).toBe(false);
    expect(said[0]).toContain(
      "stacks/locks/dev.lock.hcl was written by the other engine and is not used: run `npm run lock` with Terraform 1.11.4",
    );
  });

  test.each([
    [">= 6.58.0, < 7.0.0", true],
    ["5.100.0", false],
  ])("that init recorded stays for %s: %s", (constraint, stays) => {
    writeFileSync(working(), lock("terraform", ">= 6.58.0, < 7.0.0"));
    place(constraint);
    expect(existsSync(working())).toBe(stays);
  });

  test("says who wrote it", () => {
    expect([lock("terraform", ""), lock("tofu", ""), "by hand"].map(engineOfLockfile)).toEqual([
      "terraform",
      "opentofu",
      undefined,
    ]);
  });
});

describe("the engine", () => {
  let fake: FakeEngine;
  const env = (variables: Record<string, string> = {}): Record<string, string> => ({
    PATH: `${fake.folder}:/usr/bin:/bin`,
    ...variables,
  });

  beforeEach(() => {
    fake = new FakeEngine();
  });
  afterEach(() => fake.remove());

  test("on PATH is found, and known for what it is", async () => {
    await expect(findEngine({ env: env() })).resolves.toEqual({
      kind: "terraform",
      path: fake.path,
      version: "1.11.4",
    });
    fake.put("version", "OpenTofu v1.12.6\non linux_amd64\n");
    await expect(findEngine({ env: env() })).resolves.toMatchObject({ kind: "opentofu", version: "1.12.6" });
  });

  test.each([
    ["1.11.0", true],
    ["1.12.6", true],
    ["2.0.0", true],
    ["1.10.9", false],
    ["0.99.0", false],
  ])("%s is new enough: %s", async (version, enough) => {
    fake.put("version", `Terraform v${version}\n`);
    const found = findEngine({ env: env() });
    if (enough) await expect(found).resolves.toMatchObject({ version });
    else {
      await expect(found).rejects.toThrow(
        `Terraform ${version} at ${fake.path} is older than 1.11: upgrade it, or set TERRAFORM_BINARY_NAME to a newer one`,
      );
    }
  });

  test("that a variable names is the only one that counts", async () => {
    await expect(findEngine({ env: env({ TERRAFORM_BINARY_NAME: fake.path }) })).resolves.toMatchObject({
      path: fake.path,
    });
    await expect(findEngine({ env: env({ TERRAFORM_BINARY_NAME: "terrafrom" }) })).rejects.toThrow(
      "TERRAFORM_BINARY_NAME names terrafrom, which is not there: correct or unset it",
    );
  });

  test("is asked for where there is none, unless there is something to fall back on", async () => {
    const nowhere = { PATH: folder };
    await expect(findEngine({ env: nowhere })).rejects.toThrow(
      "neither terraform nor tofu is on PATH: install Terraform or OpenTofu 1.11 or later, or set TERRAFORM_BINARY_NAME to its path",
    );
    const fallback = (): Promise<string> => Promise.resolve(fake.path);
    await expect(findEngine({ env: { ...env(), PATH: "/usr/bin:/bin" }, fallback })).resolves.toMatchObject({
      path: fake.path,
    });
  });

  test("that is something else is refused", async () => {
    fake.put("version", "Packer v1.0\n");
    await expect(findEngine({ env: env() })).rejects.toThrow(`${fake.path} is neither Terraform nor OpenTofu`);
  });
});

describe("the report", () => {
  test("leaves stdout to results", async () => {
    await report.step("work", () => Promise.resolve());
    report.line("a line");
    report.json({ ok: true });
    expect(results.join("")).toBe('{\n  "ok": true\n}\n');
    expect(said.join("")).toMatch(/✓.* work .*\(0\.\d s\)/);
  });

  test("gives work that runs side by side its name on every line", async () => {
    await expect(report.named("dev").step("apply", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    report.named("dev").line("one\ntwo");
    expect(said[0]).toMatch(/^dev: .*✗.* apply/);
    expect(said.slice(1)).toEqual(["dev: one\n", "dev: two\n"]);
  });

  test("gives a sign of life every ten seconds, with what it waits for", async () => {
    jest.useFakeTimers();
    let finish = (): void => undefined;
    const work = report.step("apply", () => new Promise<void>((resolve) => (finish = resolve)));
    report.progress("3 of 9 done");
    jest.advanceTimersByTime(21_000);
    finish();
    await work;
    expect(said.filter((line) => line.startsWith("…"))).toEqual([
      "… apply (10 s): 3 of 9 done\n",
      "… apply (20 s): 3 of 9 done\n",
    ]);
  });

  test("draws one moving line on a terminal, and wipes it before it writes", async () => {
    jest.useFakeTimers();
    const screen = Report.to({
      stderr: { write: (text) => said.push(text) },
      stdout: { write: () => true },
      tty: true,
    });
    let finish = (): void => undefined;
    const work = screen.step("apply", () => new Promise<void>((resolve) => (finish = resolve)));
    jest.advanceTimersByTime(300);
    const drawn = said.length;
    finish();
    await work;
    expect(drawn).toBeGreaterThan(0);
    expect(said.slice(0, drawn).every((text) => !text.includes("\n"))).toBe(true);
    expect(said[drawn]).toBe("\r\u001b[2K");
  });

  test.each([
    [400, "0.4 s"],
    [12_300, "12 s"],
    [96_000, "1 min 36 s"],
    [59_600, "1 min 0 s"],
  ])("calls %i ms %s", (ms, expected) => {
    expect(durationText(ms)).toBe(expected);
  });
});
