import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { exitCodes } from "../../ci/exit-codes";
import { lineDifference } from "../../ci/init/line-difference";
import { ProjectFile } from "../../ci/init/project-file";
import { changesFor } from "../../ci/init/wishes";
import { runCli } from "../../ci/main";
import { parseConfiguration } from "../../environments/checks";

const shipped = readFileSync(path.join(__dirname, "..", "support", "shipped", "project.ts"), "utf8");

/** A project with comments wherever one can stand. */
const commented = `import type { ProjectInput } from "./project-schema";

/** Edit this first. */
export const project = {
  name: "slipway", // never changed again
  region: "us-east-1",
  // twelve equal digits are a placeholder
  accounts: { dev: "111111111111", prod: "333333333333" },
  registry: {
    // with production
    account: "333333333333",
    region: "us-east-1",
  },
  publicZone: { none: true },
  repositories: ["app"], // one per image
  alerts: { emails: ["alerts@example.com"] },
  pipelines: { gitlab: { project: "example/example" } },
  stateBucket: { none: true }, // the last one
} as const satisfies ProjectInput;
`;

describe("the project's file", () => {
  test("reads what the shipped one says", async () => {
    const { value } = await ProjectFile.read(shipped);
    expect(value).toMatchObject({ name: "slipway", accounts: { dev: "111111111111" }, publicZone: { none: true } });
  });

  test("changes the values that differ, and keeps every comment and every other line", async () => {
    const before = await ProjectFile.read(commented);
    const after = before.with({
      name: "shop",
      region: "us-east-1",
      accounts: { dev: "123456789012", prod: "333333333333" },
      registry: { account: "123456789012", region: "eu-west-1" },
      alerts: { emails: ["ops@example.org", "cto@example.org"] },
      publicZone: { id: "Z0123456789ABCDEFGHIJ", name: "example.org" },
    });
    expect(lineDifference(before.text, after.text)).toEqual([
      '-   name: "slipway", // never changed again',
      '+   name: "shop", // never changed again',
      '-   accounts: { dev: "111111111111", prod: "333333333333" },',
      '+   accounts: { dev: "123456789012", prod: "333333333333" },',
      '-     account: "333333333333",',
      '-     region: "us-east-1",',
      '+     account: "123456789012",',
      '+     region: "eu-west-1",',
      "-   publicZone: { none: true },",
      '+   publicZone: { id: "Z0123456789ABCDEFGHIJ", name: "example.org" },',
      '-   alerts: { emails: ["alerts@example.com"] },',
      '+   alerts: { emails: ["ops@example.org", "cto@example.org"] },',
    ]);
    expect(after.value).toMatchObject({ name: "shop", registry: { account: "123456789012", region: "eu-west-1" } });
  });

  test("takes new fields behind the last one and its comment, in the project's own format", async () => {
    const before = await ProjectFile.read(commented);
    const github = { owner: "acme", ownerId: "1234", repository: "shop", repositoryId: "5678", environments: false };
    const after = before.with({
      pipelines: { github, gitlab: { host: "gitlab.example.org", project: "acme/shop" } },
      permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/boundary",
      accounts: { dev: "111111111111", prod: "333333333333", live: "444444444444" },
    });
    expect(after.text).toContain(`  pipelines: {
    github: { owner: "acme", ownerId: "1234", repository: "shop", repositoryId: "5678", environments: false },
    gitlab: { host: "gitlab.example.org", project: "acme/shop" },
  },
  stateBucket: { none: true }, // the last one
  permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/boundary",
} as const`);
    expect(after.text).toContain('  accounts: { dev: "111111111111", prod: "333333333333", live: "444444444444" },\n');
    expect(after.value).toMatchObject({ pipelines: { github } });
  });

  test("gives what is too long for a line a line for each part", async () => {
    const emails = ["ops", "cto", "everybody", "nobody"].map((name) => `${name}@a-long-domain.example.org`);
    const { text } = (await ProjectFile.read(commented)).with({ alerts: { emails } });
    expect(text).toContain(`  alerts: {
    emails: [
      "ops@a-long-domain.example.org",
      "cto@a-long-domain.example.org",
      "everybody@a-long-domain.example.org",
      "nobody@a-long-domain.example.org",
    ],
  },
`);
  });

  test("is the same text when nothing differs", async () => {
    const before = await ProjectFile.read(commented);
    expect(before.with(before.value).text).toBe(commented);
  });

  test.each(["export const project = { name: env };", "export const other = {};", "export const project = [1];", ""])(
    "that is no plain data is left to its owner: %j",
    async (text) => {
      await expect(ProjectFile.read(text)).rejects.toThrow(
        "environments/project.ts must hold `export const project = { ... }` in plain values",
      );
    },
  );
});

describe("wishes", () => {
  const project = {
    region: "us-east-1",
    accounts: { dev: "1", prod: "3" },
    registry: { account: "3", region: "us-east-1" },
    alerts: { emails: ["a@example.com"], https: ["https://example.com"] },
    pipelines: { github: { owner: "a", legacySubject: true }, gitlab: { host: "gitlab.com", project: "a/b" } },
  };
  const github = { owner: "acme", ownerId: "1", repository: "shop", repositoryId: "2", environments: true };

  test.each([
    ["nothing", { accounts: {} }, {}],
    ["an account, beside the others", { accounts: { dev: "9" } }, { accounts: { dev: "9", prod: "3" } }],
    [
      "the images' account, in their region",
      { accounts: { registry: "9" } },
      { registry: { account: "9", region: "us-east-1" } },
    ],
    [
      "a region, which images follow that were in the one before",
      { accounts: {}, region: "eu-west-1" },
      { region: "eu-west-1", registry: { account: "3", region: "eu-west-1" } },
    ],
    ["no zone", { accounts: {}, zone: "none" as const }, { publicZone: { none: true } }],
    [
      "addresses, beside where else alerts go",
      { accounts: {}, emails: ["b@example.com"] },
      { alerts: { emails: ["b@example.com"], https: ["https://example.com"] } },
    ],
    [
      "another repository, beside the other host and what else is said of it",
      { accounts: {}, github },
      { pipelines: { github: { ...github, legacySubject: true }, gitlab: project.pipelines.gitlab } },
    ],
    ["the state in a bucket", { accounts: {}, state: "bootstrap" as const }, { stateBucket: { bootstrap: true } }],
    ["the state in a file", { accounts: {}, state: "file" as const }, { stateBucket: { none: true } }],
    ["one host less", { accounts: {}, gitlab: "none" as const }, { pipelines: { github: project.pipelines.github } }],
    [
      "no host at all, with the reason",
      { accounts: {}, github: "none" as const, gitlab: "none" as const },
      { pipelines: { none: true, because: "this project is deployed by hand, from a terminal" } },
    ],
  ])("for %s", (_, wishes, changes) => {
    expect(changesFor(project, wishes)).toEqual(changes);
  });

  test("for images elsewhere: they stay there when the environments move", () => {
    const apart = { ...project, registry: { account: "3", region: "eu-central-1" } };
    expect(changesFor(apart, { accounts: {}, region: "eu-west-1" })).toEqual({ region: "eu-west-1" });
  });
});

test("the difference is what goes and what comes", () => {
  expect(lineDifference("a\nb\nc", "a\nx\nc\nd")).toEqual(["- b", "+ x", "+ d"]);
  expect(lineDifference("a\nb", "b")).toEqual(["- a"]);
  expect(lineDifference("a", "a")).toEqual([]);
});

describe("npm run init", () => {
  let root: string;
  const file = (): string => path.join(root, "environments", "project.ts");
  const environment = (name: string, cidr: string): object => ({
    name,
    lifetime: "permanent",
    production: false,
    domain: { none: true, because: "this is a test" },
    network: { cidr, nat: { kind: "single" } },
    images: { none: true, because: "this is a test" },
    mqtt: { none: true, because: "this is a test" },
    monthlyBudgetUsd: 50,
    services: {},
    migrations: { none: true, because: "this is a test" },
  });
  const configuration = parseConfiguration(
    {
      name: "shop",
      region: "us-east-1",
      accounts: { dev: "111111111111", prod: "333333333333" },
      registry: { account: "333333333333", region: "us-east-1" },
      publicZone: { none: true },
      pipelines: { none: true, because: "this is a test" },
      repositories: ["app"],
      alerts: { emails: ["alerts@example.com"] },
      stateBucket: { none: true },
    },
    { dev: environment("dev", "10.1.0.0/16"), prod: environment("prod", "10.2.0.0/16") },
  );

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "slipway-init-"));
    mkdirSync(path.join(root, "environments"));
    writeFileSync(file(), commented);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** Runs it; on a terminal each question gets the next answer, typed once it is asked. */
  async function init(
    flags: readonly string[],
    answers?: readonly string[],
  ): Promise<{ code: number; out: string; err: string; questions: string[] }> {
    const written = { out: "", err: "" };
    const stdin = new PassThrough();
    const waiting = [...(answers ?? [])];
    const questions: string[] = [];
    const code = await runCli(
      ["init", ...flags],
      {
        env: {},
        root,
        stdin,
        stdout: { write: (text: string) => (written.out += text) },
        stderr: {
          write: (text: string) => {
            written.err += text;
            const question = text.replaceAll(/\u001b\[[0-9;]*[A-Za-z]/g, "").trim();
            if (answers !== undefined && /\]:?$/.test(question)) {
              questions.push(question);
              const next = waiting.shift();
              if (next === undefined) stdin.end();
              else setImmediate(() => stdin.write(`${next}\n`));
            }
          },
        },
        isTTY: answers !== undefined,
      },
      { configuration },
    );
    return { code, out: written.out, err: written.err.replaceAll(/\u001b\[\d+m/g, ""), questions };
  }

  test("takes flags, shows the difference, and writes it", async () => {
    const { code, out, err } = await init([
      ...["--name", "shop", "--region", "eu-west-1", "--account", "dev=123456789012", "--account", "prod=210987654321"],
      ...["--account", "registry=210987654321", "--zone", "Z0123456789ABCDEFGHIJ:example.org"],
      ...["--github", "acme/shop:11/22", "--github-environments", "--gitlab", "none"],
      ...["--alerts", "ops@example.org,cto@example.org", "--state", "bootstrap", "--yes"],
    ]);
    expect({ code, err }).toMatchObject({ code: exitCodes.ok });
    const text = readFileSync(file(), "utf8");
    const { value } = await ProjectFile.read(text);
    expect(value).toEqual({
      name: "shop",
      region: "eu-west-1",
      accounts: { dev: "123456789012", prod: "210987654321" },
      registry: { account: "210987654321", region: "eu-west-1" },
      publicZone: { id: "Z0123456789ABCDEFGHIJ", name: "example.org" },
      repositories: ["app"],
      alerts: { emails: ["ops@example.org", "cto@example.org"] },
      pipelines: {
        github: { owner: "acme", ownerId: "11", repository: "shop", repositoryId: "22", environments: true },
      },
      stateBucket: { bootstrap: true },
    });
    expect(out.trim().split("\n")).toEqual(lineDifference(commented, text));
    expect(text).toContain("// with production");
    expect(err).toContain("environments/project.ts is written; next: npm run doctor -- dev");
    expect(readdirSync(path.dirname(file()))).toEqual(["project.ts"]);
  });

  test("writes nothing while anything is wrong, and says all of it", async () => {
    const { code, err } = await init(["--name", "AWS shop", "--account", "dev=1234", "--alerts", "nobody", "--yes"]);
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain("project: name must");
    expect(err).toContain("project: accounts.dev must be an AWS account id of 12 digits in quotes");
    expect(err).toContain("project: alerts.emails[0] must be an e-mail address");
    expect(readFileSync(file(), "utf8")).toBe(commented);
  });

  test.each([
    [["--account", "dve=123456789012"], "dve is not an environment: did you mean dev?"],
    [["--account", "123456789012"], "It must be <environment>=<id>, such as dev=123456789012."],
    [["--zone", "example.org"], "It must be <id>:<domain>"],
    [["--github", "acme/shop"], "It must be <owner>/<repository>:<owner id>/<repository id>, or none"],
    [["--github", "acme/shop:1/2"], "--github needs --github-environments or --no-github-environments"],
  ])("refuses %j", async (flags, sentence) => {
    const { code, err } = await init([...flags, "--yes"]);
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain(sentence);
    expect(readFileSync(file(), "utf8")).toBe(commented);
  });

  test("without a terminal and without a flag says what to pass", async () => {
    const { code, err } = await init([]);
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain("nobody is there to confirm: pass what is to change");
  });

  test("without a terminal writes nothing that nobody has agreed to", async () => {
    const { code, out, err } = await init(["--name", "shop"]);
    expect(code).toBe(exitCodes.usage);
    expect(out).toContain('+   name: "shop"');
    expect(err).toContain("pass --yes to write it");
    expect(readFileSync(file(), "utf8")).toBe(commented);
  });

  test("says so when there is nothing to change, and leaves the file alone", async () => {
    const { code, out, err } = await init(["--name", "slipway"]);
    expect(code).toBe(exitCodes.ok);
    expect(out).toBe("");
    expect(err).toContain("environments/project.ts says all that already: nothing was written");
  });

  test("--json says the same to a script", async () => {
    const { code, out } = await init(["--name", "shop", "--yes", "--json"]);
    expect(code).toBe(exitCodes.ok);
    expect(JSON.parse(out)).toEqual({
      ok: true,
      changed: true,
      difference: ['-   name: "slipway", // never changed again', '+   name: "shop", // never changed again'],
    });
  });

  describe("on a terminal", () => {
    test("asks, keeps what Enter keeps, asks again where an answer is wrong, and writes what is agreed to", async () => {
      const answers = [
        ...["shop", "", "1234", "123456789012", "", "", "none"],
        ...["acme/shop", "11", "22", "no", "none", "ops@example.org", "", "yes"],
      ];
      const { code, err, questions } = await init([], answers);
      expect({ code, err }).toMatchObject({ code: exitCodes.ok });
      expect(questions).toEqual([
        "name of the project [slipway]:",
        "region [us-east-1]:",
        "account of dev [111111111111]:",
        "account of dev [111111111111]:",
        "account of prod [333333333333]:",
        "account of the images [333333333333]:",
        "id of the public hosted zone in Route 53, or none [none]:",
        "repository on GitHub as <owner>/<repository>, or none [none]:",
        "id of acme [1]:",
        "id of shop [1]:",
        "has its plan environments? Free private repositories have none (yes or no) [no]:",
        "project on GitLab as <group>/<path>, or none [example/example]:",
        "e-mail addresses that alerts go to [alerts@example.com]:",
        "keep the state in the bucket that `npm run bootstrap` makes? Pipelines need it (yes or no) [yes]:",
        "write this to environments/project.ts? [y/N]",
      ]);
      expect(err).toContain("project: accounts.dev must be an AWS account id of 12 digits in quotes");
      expect((await ProjectFile.read(readFileSync(file(), "utf8"))).value).toMatchObject({
        name: "shop",
        region: "us-east-1",
        accounts: { dev: "123456789012", prod: "333333333333" },
        alerts: { emails: ["ops@example.org"] },
        pipelines: {
          github: { owner: "acme", ownerId: "11", repository: "shop", repositoryId: "22", environments: false },
        },
        stateBucket: { bootstrap: true },
      });
    });

    test("offers for the images the account of the environment that had theirs", async () => {
      const { questions } = await init([], ["", "", "", "210987654321", "", "", "", "", "", "", "no"]);
      expect(questions).toContain("account of the images [210987654321]:");
    });

    test("writes nothing without a yes", async () => {
      const { code, err } = await init(["--name", "shop"], ["n"]);
      expect(code).toBe(exitCodes.failed);
      expect(err).toContain("not confirmed: nothing was written");
      expect(readFileSync(file(), "utf8")).toBe(commented);
    });

    test("writes nothing when it is broken off", async () => {
      const { code } = await init([], ["shop"]);
      expect(code).toBe(exitCodes.interrupted);
      expect(readFileSync(file(), "utf8")).toBe(commented);
    });
  });
});
