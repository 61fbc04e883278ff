import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { exitCodes } from "../../ci/exit-codes";
import { type Parts, runCli } from "../../ci/main";
import { readReport } from "../../ci/scan/run-checkov";
import { forScanner, type ScannedStack } from "../../ci/scan/scanned-stack";
import { judge, problemsOf } from "../../ci/scan/verdict";

/** One failed check in checkov's words; of what it also says nothing is read. */
const failed = (check: string, resource: string, name = "Ensure it is good"): object => ({
  check_id: check,
  check_name: name,
  resource,
  file_path: "/cdk.tf.json",
  guideline: null,
});
const canned = (passed: number, ...checks: object[]): string =>
  JSON.stringify({
    check_type: "terraform_json",
    results: { failed_checks: checks },
    summary: { passed, failed: checks.length, skipped: 0, parsing_errors: 0, resource_count: 0 },
  });

const block = (at: string, scanExceptions?: Record<string, string>): object => ({
  "//": { metadata: { path: at, uniqueId: "ignored" }, ...(scanExceptions === undefined ? {} : { scanExceptions }) },
});
const stackOf = (scanExceptions?: Record<string, string>): ScannedStack => ({
  "//": { metadata: {} },
  terraform: { required_version: ">= 1.11.0" },
  ephemeral: { aws_secretsmanager_random_password: { Secret_1: { password_length: 32 } } },
  provider: { aws: [{ region: "eu-west-1" }] },
  data: { aws_ami: { Image_3: block("dev/Nat/Image") } },
  resource: {
    aws_s3_bucket: { Storage_1: block("dev/Images/Storage", scanExceptions) },
    aws_lb: { Balancer_2: block("dev/LoadBalancer") },
  },
  output: { url: { value: "x" } },
});

describe("the verdict", () => {
  const found = { check: "CKV_AWS_18", wants: "Ensure it logs", resource: "resource.Storage_1" };

  test("calls a finding by the path of its construct, whichever way the scanner calls the resource", () => {
    const report = {
      passed: 4,
      failed: [
        { ...found, check: "CKV2_AWS_62", resource: "aws_s3_bucket.Storage_1" },
        found,
        { ...found, resource: "data.aws_ami.Image_3" },
        { ...found, resource: "module.unheard_of" },
      ],
    };
    const verdict = judge("dev", stackOf(), report);
    expect(verdict.failed.map(({ check, at }) => `${at} ${check}`)).toEqual([
      "dev/Images/Storage CKV_AWS_18",
      "dev/Images/Storage CKV2_AWS_62",
      "dev/Nat/Image CKV_AWS_18",
      "module.unheard_of CKV_AWS_18",
    ]);
    expect(verdict).toMatchObject({ passed: 4, excepted: [], unused: [] });
  });

  test("lets a finding stand whose exception is written at the same resource, with its reason", () => {
    const verdict = judge("dev", stackOf({ CKV_AWS_18: "holds logs itself" }), { passed: 0, failed: [found] });
    expect(verdict).toEqual({
      stack: "dev",
      passed: 0,
      failed: [],
      excepted: [
        { check: "CKV_AWS_18", wants: "Ensure it logs", at: "dev/Images/Storage", because: "holds logs itself" },
      ],
      unused: [],
    });
    expect(problemsOf(verdict)).toEqual([]);
  });

  test("an exception covers neither another check nor another resource, and is then unused", () => {
    const elsewhere = [
      { ...found, check: "CKV_AWS_19" },
      { ...found, resource: "resource.Balancer_2" },
    ];
    const verdict = judge("dev", stackOf({ CKV_AWS_18: "holds logs itself" }), { passed: 0, failed: elsewhere });
    expect(problemsOf(verdict)).toEqual([
      'dev/Images/Storage fails CKV_AWS_19 (Ensure it logs): mend it, or write exceptFromScan(resource, "CKV_AWS_19", "<why it may stand>") next to it',
      'dev/LoadBalancer fails CKV_AWS_18 (Ensure it logs): mend it, or write exceptFromScan(resource, "CKV_AWS_18", "<why it may stand>") next to it',
      "dev/Images/Storage is excepted from CKV_AWS_18 (holds logs itself), which finds nothing there: take the exception away, or write it under the setting that needs it",
    ]);
  });
});

describe("what the scanner", () => {
  test("is given are the blocks that it can read", () => {
    expect(Object.keys(forScanner(stackOf())).sort()).toEqual(["data", "output", "provider", "resource"]);
  });

  test("says is read as one object or as a list of one", () => {
    const one = canned(3, failed("CKV_AWS_18", "resource.Storage_1", "Ensure it logs"));
    const report = {
      passed: 3,
      failed: [{ check: "CKV_AWS_18", wants: "Ensure it logs", resource: "resource.Storage_1" }],
    };
    expect(readReport("dev", one, "")).toEqual(report);
    expect(readReport("dev", `[${one}]`, "")).toEqual(report);
  });

  test.each([
    ["", "Traceback\nValueError: no\n", "checkov could not read dev: ValueError: no"],
    ["", "", "checkov could not read dev: it said nothing"],
    ["usage: checkov", "", "checkov could not read dev: usage: checkov"],
    // what it says where it has looked at nothing
    ['{"passed":0,"failed":0,"skipped":0,"parsing_errors":0}', "", "checkov could not read dev: {"],
    [
      '{"results":{"failed_checks":[]},"summary":{"passed":9,"failed":0,"parsing_errors":1}}',
      "only dicts",
      "checkov could not read dev: only dicts",
    ],
    [
      '{"results":{"failed_checks":[]},"summary":{"passed":0,"failed":0,"parsing_errors":0}}',
      "",
      "checkov could not read dev: it has checked nothing",
    ],
    [
      '{"results":{"failed_checks":[]},"summary":{"passed":9,"failed":2,"parsing_errors":0}}',
      "",
      "checkov counts 2 findings in dev and lists 0: its output is not as this version's, see ci/data/checkov-requirements.txt",
    ],
  ])("says is no pass when it is %j", (said, errors, sentence) => {
    expect(() => readReport("dev", said, errors)).toThrow(sentence);
  });
});

describe("npm run scan", () => {
  let folder: string;
  let answers: Record<string, string>;
  let stacks: Record<string, ScannedStack>;
  let asked: string[];

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "slipway-scan-test-"));
    file("ci/data/checkov-requirements.txt", "checkov==3.3.30\n");
    answers = {
      ...{ dev: canned(7), prod: canned(8), registry: canned(2) },
      ...{ "bootstrap-111111111111": canned(3), "bootstrap-333333333333": canned(4) },
    };
    stacks = Object.fromEntries(Object.keys(answers).map((stack) => [stack, stackOf()]));
    asked = [];
    python("3.12.1");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function file(name: string, content: string): string {
    const full = path.join(folder, name);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, content);
    return full;
  }

  /** A python3 that makes copies of itself as virtual environments, and as checkov says what is in `answers`. */
  function python(version: string): void {
    const program = file(
      "bin/python3",
      `#!/bin/sh
stack=$(basename "$PWD")
case "$1 $2" in
  "-c "*checkov.version*) echo 3.3.30 ;;
  "-c "*) echo '{"path": "${folder}/bin/python3", "version": "${version}", "good": ${version.startsWith("3.12")}}' ;;
  "-m venv") mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
  "-m pip") echo "$@" >> ${folder}/installed ;;
  *checkov_with_json.py*)
    env > ${folder}/env-$stack; echo "$@" > ${folder}/asked-$stack; cp cdk.tf.json ${folder}/scanned-$stack
    cat ${folder}/answer-$stack; exit "$(cat ${folder}/code-$stack)" ;;
esac
`,
    );
    chmodSync(program, 0o755);
  }

  const environment = {
    lifetime: "permanent",
    production: false,
    domain: { none: true, because: "this is a test" },
    images: { none: true, because: "this is a test" },
    mqtt: { none: true, because: "this is a test" },
    services: {},
    migrations: { none: true, because: "this is a test" },
  };
  // names are all that the command reads of it
  const configuration = {
    project: { accounts: { dev: "111111111111", prod: "333333333333" }, registry: { account: "333333333333" } },
    environments: { dev: environment, prod: environment },
  } as unknown as NonNullable<Parts["configuration"]>;

  async function scan(line: string): Promise<{ code: number; out: string; err: string }> {
    for (const [stack, answer] of Object.entries(answers)) {
      file(`answer-${stack}`, answer);
      file(`code-${stack}`, answer.includes('"failed":0') ? "0" : "1");
    }
    const written = { out: "", err: "" };
    const code = await runCli(
      ["scan", ...line.split(" ").filter(Boolean)],
      {
        env: {
          PATH: `${path.join(folder, "bin")}:/bin:/usr/bin`,
          XDG_CACHE_HOME: path.join(folder, "cache"),
          AWS_SECRET_ACCESS_KEY: "secret",
          BC_API_KEY: "secret",
        },
        root: folder,
        stdin: Readable.from([]),
        stdout: { write: (text: string) => (written.out += text) },
        stderr: { write: (text: string) => (written.err += text) },
        isTTY: false,
      },
      {
        configuration,
        synthesize: ({ outdir, env }) => {
          asked.push(env["SLIPWAY_ENVIRONMENTS"] ?? "");
          for (const [stack, json] of Object.entries(stacks)) {
            mkdirSync(path.join(outdir, "stacks", stack), { recursive: true });
            writeFileSync(path.join(outdir, "stacks", stack, "cdk.tf.json"), JSON.stringify(json));
          }
          return Promise.resolve();
        },
      },
    );
    return { code, out: written.out, err: written.err.replaceAll(/\u001b\[\d+m/g, "") };
  }

  const rows = (out: string): string[] =>
    out
      .split("\n")
      .filter((line) => line.startsWith("│"))
      .map((line) => line.replaceAll(/[│\s]+/g, " ").trim());

  test("counts every stack that there is, and is content when nothing is found", async () => {
    const { code, out } = await scan("");
    expect(code).toBe(exitCodes.ok);
    expect(rows(out)).toEqual([
      "stack passed failed exceptions of which unused",
      "dev 7 0 0 0",
      "prod 8 0 0 0",
      "registry 2 0 0 0",
      "bootstrap-111111111111 3 0 0 0",
      "bootstrap-333333333333 4 0 0 0",
    ]);
    expect(out).toContain("checkov 3.3.30");
    expect(asked).toEqual(["dev,prod,registry,bootstrap-111111111111,bootstrap-333333333333"]);
  });

  test("what a fork adds is scanned as well, though nothing else knows of it", async () => {
    stacks["archive"] = stackOf();
    answers["archive"] = canned(9, failed("CKV_AWS_18", "resource.Storage_1", "Ensure it logs"));
    const { code, out } = await scan("");
    expect(code).toBe(exitCodes.failed);
    expect(rows(out).at(-1)).toBe("archive 9 1 0 0");
  });

  test("fails with a sentence for each finding and each exception that nothing needs", async () => {
    answers["dev"] = canned(7, failed("CKV_AWS_18", "resource.Storage_1", "Ensure it logs"));
    answers["prod"] = canned(8, failed("CKV_AWS_18", "resource.Storage_1", "Ensure it logs"));
    stacks["prod"] = stackOf({ CKV_AWS_18: "holds logs itself", CKV_AWS_21: "written once" });
    const { code, out, err } = await scan("");
    expect(code).toBe(exitCodes.failed);
    expect(rows(out).slice(1, 4)).toEqual(["dev 7 1 0 0", "prod 8 0 2 1", "registry 2 0 0 0"]);
    expect(err).toContain("error: dev/Images/Storage fails CKV_AWS_18 (Ensure it logs): mend it, or write exceptFrom");
    expect(err).toContain("error: dev/Images/Storage is excepted from CKV_AWS_21 (written once), which finds nothing");
    expect(err.match(/error: /g)).toHaveLength(2);
  });

  test("--json says the same to a script, and nothing else on stdout", async () => {
    answers["registry"] = canned(2, failed("CKV_AWS_136", "aws_lb.Balancer_2", "Ensure KMS"));
    const { code, out } = await scan("registry --json");
    expect(code).toBe(exitCodes.failed);
    expect(JSON.parse(out)).toEqual({
      ok: false,
      checkov: "3.3.30",
      stacks: [
        {
          stack: "registry",
          passed: 2,
          failed: [{ check: "CKV_AWS_136", wants: "Ensure KMS", at: "dev/LoadBalancer" }],
          excepted: [],
          unused: [],
        },
      ],
      problems: [expect.stringMatching(/^dev\/LoadBalancer fails CKV_AWS_136/)],
    });
  });

  test("looks at the named stacks alone, and builds no environment that it does not look at", async () => {
    const { code, out } = await scan("prod");
    expect(code).toBe(exitCodes.ok);
    expect(rows(out).slice(1)).toEqual(["prod 8 0 0 0"]);
    expect(asked).toEqual(["prod"]);
    expect(existsSync(path.join(folder, "env-dev"))).toBe(false);
  });

  test("the bootstrap of an account has its name", async () => {
    const { code, out } = await scan("bootstrap-333333333333");
    expect(code).toBe(exitCodes.ok);
    expect(rows(out).slice(1)).toEqual(["bootstrap-333333333333 4 0 0 0"]);
    expect(asked).toEqual(["bootstrap-333333333333"]);
  });

  test("a name that is no stack is refused", async () => {
    const { code, err } = await scan("pord");
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain("pord is not a stack: did you mean prod?");
    expect(asked).toEqual([]);
  });

  test("the scanner gets no credentials, no network and nobody's settings", async () => {
    await scan("dev");
    const env = readFileSync(path.join(folder, "env-dev"), "utf8");
    expect(env).not.toMatch(/AWS_|BC_API_KEY|secret/);
    expect(env).toMatch(/^HTTPS_PROXY=http:\/\/127\.0\.0\.1:9$/m);
    expect(env).toMatch(/^HOME=.*slipway-scan-.*\/dev$/m);
    const line = readFileSync(path.join(folder, "asked-dev"), "utf8");
    expect(line).toContain("--framework terraform_json");
    expect(line).toContain("--skip-download");
    expect(Object.keys(JSON.parse(readFileSync(path.join(folder, "scanned-dev"), "utf8")) as object)).not.toContain(
      "terraform",
    );
  });

  test("the scanner is installed once, as pinned", async () => {
    await scan("dev");
    await scan("dev");
    const installs = readFileSync(path.join(folder, "installed"), "utf8").trim().split("\n");
    expect(installs).toHaveLength(1);
    expect(installs[0]).toContain(`-r ${path.join(folder, "ci/data/checkov-requirements.txt")}`);
  });

  test("a scanner that breaks off has found nothing out", async () => {
    answers["dev"] = "";
    const { code, err } = await scan("dev");
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain("error: checkov could not read dev: it said nothing");
  });

  test("a Python that is too old is told", async () => {
    python("3.10.2");
    // nothing else that is called like a Python
    for (const name of ["basename", "cat", "cp", "env", "mkdir", "sh"]) {
      writeFileSync(path.join(folder, "bin", name), `#!/bin/sh\nexec /usr/bin/${name} "$@"\n`, { mode: 0o755 });
    }
    const before = path.join(folder, "bin");
    const written = { err: "" };
    const code = await runCli(
      ["scan", "dev"],
      {
        env: { PATH: before, XDG_CACHE_HOME: path.join(folder, "cache") },
        root: folder,
        stdin: Readable.from([]),
        stdout: { write: () => true },
        stderr: { write: (text: string) => (written.err += text) },
        isTTY: false,
      },
      {
        configuration,
        synthesize: ({ outdir }) => {
          mkdirSync(path.join(outdir, "stacks", "dev"), { recursive: true });
          writeFileSync(path.join(outdir, "stacks", "dev", "cdk.tf.json"), JSON.stringify(stackOf()));
          return Promise.resolve();
        },
      },
    );
    expect(code).toBe(exitCodes.failed);
    expect(written.err).toContain(
      "the scan needs Python 3.11 or newer, and there is no such python3 on PATH: install it",
    );
  });
});
