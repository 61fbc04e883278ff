import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { everyStack } from "../../ci/configuration";
import { exitCodes } from "../../ci/exit-codes";
import { type Parts, runCli } from "../../ci/main";
import { endpointOf } from "../../ci/terraform/endpoint";
import { baseFolder } from "../../ci/terraform/workspace";
import type { Action } from "../../ci/terraform/json";
import { parseConfiguration } from "../../environments/checks";
import { FakeAws } from "./support/fake-aws";
import { FakeEngine } from "./support/fake-engine";

// the SDK's word on the version of Node, on stderr, is not what is tested
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

const account = "123456789012";
const service = { kind: "worker", secrets: ["STRIPE_KEY", "SENTRY_DSN"] } as const;
const environment = {
  lifetime: "temporary",
  production: false,
  domain: { none: true, because: "this is a test" },
  services: { jobs: service, mail: { ...service, secrets: ["STRIPE_KEY"] } },
  images: { none: true, because: "this is a test" },
  mqtt: { none: true, because: "this is a test" },
  monthlyBudgetUsd: 50,
  migrations: { none: true, because: "this is a test" },
} as const;
const configuration = parseConfiguration(
  {
    name: "shop",
    region: "eu-west-1",
    accounts: { dev: account, live: account, empty: "111111111111" },
    registry: { account, region: "eu-west-1" },
    publicZone: { none: true },
    repositories: ["app"],
    alerts: { emails: ["a@example.com"] },
    stateBucket: { none: true },
    pipelines: { none: true, because: "pipelines are tested elsewhere" },
  },
  {
    dev: { ...environment, name: "dev", network: { cidr: "10.1.0.0/16", nat: { kind: "single" } } },
    live: {
      ...environment,
      name: "live",
      lifetime: "permanent",
      network: { cidr: "10.2.0.0/16", nat: { kind: "single" } },
    },
    empty: { ...environment, name: "empty", network: { cidr: "10.3.0.0/16", nat: { kind: "single" } } },
  },
);

let root: string;
let engine: FakeEngine;
let aws: FakeAws;
let json: Record<string, unknown>;
let synthesized: Record<string, string>[];

beforeAll(async () => {
  aws = await FakeAws.start();
});
afterAll(() => aws.stop());

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "slipway-cli-"));
  engine = new FakeEngine();
  aws.reset();
  aws.accountIs(account);
  json = { terraform: { backend: { local: { path: "../../../.state/dev.tfstate" } } } };
  synthesized = [];
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  engine.remove();
});

const parts: Parts = {
  configuration,
  synthesize: ({ outdir, stack, env }) => {
    synthesized.push({ ...env });
    mkdirSync(path.join(outdir, "stacks", stack), { recursive: true });
    writeFileSync(path.join(outdir, "stacks", stack, "cdk.tf.json"), JSON.stringify(json));
    return Promise.resolve();
  },
};

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Circumstances {
  readonly env?: Record<string, string>;
  readonly stdin?: string;
  readonly isTTY?: boolean;
}

async function slipway(
  line: string,
  { env = {}, stdin = "", isTTY = false }: Circumstances = {},
  used: Parts = parts,
): Promise<Ran> {
  const written = { out: "", err: "" };
  const code = await runCli(
    line.split(" ").filter(Boolean),
    {
      env: {
        PATH: "/usr/bin:/bin",
        TERRAFORM_BINARY_NAME: engine.path,
        ...endpoints,
        AWS_ACCESS_KEY_ID: "key",
        AWS_SECRET_ACCESS_KEY: "secret",
        ...env,
      },
      root,
      stdin: Readable.from(stdin === "" ? [] : [Buffer.from(stdin)]),
      stdout: { write: (text: string) => (written.out += text) },
      stderr: { write: (text: string) => (written.err += text) },
      isTTY,
    },
    used,
  );
  // colours would hide what the text says
  return { code, out: written.out, err: written.err.replaceAll(/\u001b\[\d+m/g, "") };
}

let endpoints: Record<string, string>;
beforeEach(() => {
  endpoints = { AWS_ENDPOINT_URL: aws.url };
});

const change = (address: string, actions: Action[], values: object = {}): object => {
  const [type, name] = address.split(".");
  return { address, type, name, mode: "managed", change: { actions, before: values, after: values } };
};
const stateOf = (...resources: object[]): object => ({ values: { root_module: { resources } } });
const resource = (address: string, values: object = {}, rest: object = {}): object => {
  const [type, name] = address.split(".");
  return { address, type, name, mode: "managed", values, ...rest };
};

describe("the command line", () => {
  test("every command's --help succeeds, and shows how it is called and what its exit codes mean", async () => {
    const commandsIn = (help: string): string[] => {
      const [, list = ""] = /\nCommands:\n([\s\S]*?)(\n\n|$)/.exec(help) ?? [];
      return [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name = ""]) => name).filter((name) => name !== "help");
    };
    const seen: string[] = [];
    const look = async (command: string): Promise<void> => {
      const { code, out } = await slipway(`${command}--help`);
      expect({ command, code }).toEqual({ command, code: exitCodes.ok });
      expect(out).toContain("Usage: slipway");
      if (command !== "") expect(out).toMatch(/Example:\n {2}\S.*\n\nExit codes:\n {2}0 {4}done\n/);
      for (const name of commandsIn(out)) await look(`${command}${name} `);
      seen.push(command.trim());
    };
    await look("");
    const some = ["", "plan", "secrets set", "images key", "mqtt device add", "mqtt rotate", "dashboard", "rehearse"];
    expect(seen).toEqual(expect.arrayContaining(some));
  });

  test.each([
    ["plan", "missing required argument 'environment'"],
    ["plna dev", "unknown command 'plna'"],
    ["deploy dev --jsno", "unknown option '--jsno'"],
    ["deploy dve", "dve is not an environment: did you mean dev?"],
    ["plan production", "production is not an environment: use one of dev, live, empty, registry"],
    ["lock nowhere", "nowhere is not an environment: use one of dev, live, empty, registry"],
    ["lock --platform linux/amd64", "--platform must be such as linux_amd64, got linux/amd64"],
    ["secrets set dev STRIPE_KYE", "STRIPE_KYE is not a secret of dev: did you mean STRIPE_KEY?"],
    ["secrets list registry", "registry has no services"],
  ])("%s is refused: %s", async (line, sentence) => {
    const { code, err } = await slipway(line);
    expect(err).toContain(sentence);
    expect(code).toBe(exitCodes.usage);
  });
});

describe("before Terraform starts", () => {
  test("a placeholder account is refused on AWS, and taken on an emulator", async () => {
    endpoints = {};
    const refused = await slipway("plan empty");
    expect(refused.err).toContain(
      'project: accounts.empty is a placeholder, got "111111111111": put your account id into environments/project.ts',
    );
    expect(refused.code).toBe(exitCodes.usage);

    endpoints = { AWS_ENDPOINT_URL: aws.url };
    aws.accountIs("111111111111");
    json = { terraform: { backend: { local: { path: "../../../.state/empty.tfstate" } } } };
    expect((await slipway("plan empty")).code).toBe(exitCodes.ok);
  });

  test.each(["plan dev", "deploy dev --yes", "destroy dev --yes", "outputs dev", "secrets list dev"])(
    "%s refuses credentials of another account",
    async (line) => {
      aws.accountIs("999999999999");
      const { code, err } = await slipway(line);
      expect(err).toContain(
        `these credentials are of account 999999999999, and dev belongs to ${account}: switch to that account (AWS_PROFILE), or correct environments/project.ts`,
      );
      expect(code).toBe(exitCodes.account);
      expect(engine.allCalls).toEqual([]);
    },
  );

  test("credentials that AWS does not accept are told from a network that is not there", async () => {
    aws.answer("GetCallerIdentity", () => "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>");
    const expired = await slipway("plan dev");
    expect(expired.err).toContain(
      `AWS does not accept these credentials (ExpiredToken): log in to account ${account} of dev`,
    );
    expect(expired.code).toBe(exitCodes.account);
  });

  test("a state that another endpoint wrote is refused", async () => {
    const state = path.join(baseFolder(root, endpointOf(endpoints)), ".state", "dev.tfstate");
    mkdirSync(path.dirname(state), { recursive: true });
    writeFileSync(state, JSON.stringify({ resources: [{}] }));
    writeFileSync(`${state}.endpoint`, "AWS\n");
    const { code, err } = await slipway("deploy dev --yes");
    expect(err).toContain(`${state} describes what is at AWS, and this run talks to ${aws.url}`);
    expect(code).toBe(exitCodes.usage);
    expect(engine.calls).toEqual([]);
  });

  test("a state that is to move to S3 is not left behind", async () => {
    json = { terraform: { backend: { s3: { bucket: "states", key: "dev.tfstate" } } } };
    const state = path.join(baseFolder(root, endpointOf(endpoints)), ".state", "dev.tfstate");
    mkdirSync(path.dirname(state), { recursive: true });
    writeFileSync(state, JSON.stringify({ resources: [{}] }));
    const { code, err } = await slipway("plan dev");
    expect(err).toMatch(
      /the state is to be in bucket states, and \S+dev\.tfstate still describes dev: .*terraform state push/,
    );
    expect(code).toBe(exitCodes.usage);
  });

  test("a state in S3 of AWS is refused to a run that sends only some services elsewhere", async () => {
    json = { terraform: { backend: { s3: { bucket: "states", key: "dev.tfstate" } } } };
    endpoints = { AWS_ENDPOINT_URL_STS: aws.url };
    const { code, err } = await slipway("plan dev");
    expect(err).toContain(
      `the state is in bucket states of AWS, and this run talks to ${aws.url}: set AWS_ENDPOINT_URL`,
    );
    expect(code).toBe(exitCodes.usage);
  });

  test("a lifetime that is none is refused", async () => {
    const { code, err } = await slipway("plan dev", { env: { SLIPWAY_LIFETIME: "forever" } });
    expect(err).toContain('SLIPWAY_LIFETIME must be "permanent" or "temporary", got "forever"');
    expect(code).toBe(exitCodes.usage);
  });

  test("Terraform is told to ask nothing, and to work for an emulator", async () => {
    await slipway("plan dev", { env: { TF_WORKSPACE: "other", TF_DATA_DIR: "/elsewhere" } });
    expect(engine.variables).toMatchObject({
      TF_IN_AUTOMATION: "1",
      TF_INPUT: "0",
      CHECKPOINT_DISABLE: "1",
      HTTP_PROXY: aws.url,
    });
    expect(engine.variables).not.toHaveProperty("TF_WORKSPACE");
    expect(engine.variables).not.toHaveProperty("TF_DATA_DIR");
  });
});

describe("plan and deploy", () => {
  beforeEach(() => {
    engine.put("plan.json", { resource_changes: [change("aws_vpc.V", ["create"])] });
    engine.put("outputs.json", { url: { value: "http://a" }, secret: { value: "hunter2", sensitive: true } });
  });

  test("the saved plan, and no other, is applied without a question, once", async () => {
    const planned = await slipway("plan dev");
    expect(planned).toMatchObject({ code: exitCodes.ok });
    expect(planned.out).toContain("1 to create, 0 to change, 0 to replace, 0 to delete");

    const deployed = await slipway("deploy dev");
    expect(deployed.code).toBe(exitCodes.ok);
    expect(deployed.out).toMatch(/^url +http:\/\/a$/m);
    const plans = engine.calls.filter((call) => call.startsWith("plan"));
    expect(plans).toHaveLength(1);
    const [file] = /(?<=-out=)\S+/.exec(plans[0] ?? "") ?? [];
    expect(engine.calls).toContain(`apply -json -input=false ${file}`);
    expect(existsSync(file ?? "")).toBe(false);
  });

  test("--json prints one value and nothing else", async () => {
    const planned = JSON.parse((await slipway("plan dev --json")).out) as object;
    expect(planned).toMatchObject({
      ok: true,
      environment: "dev",
      changes: true,
      counts: { create: 1, update: 0, replace: 0, delete: 0 },
      resources: [{ address: "aws_vpc.V", action: "create" }],
    });
    const deployed = JSON.parse((await slipway("deploy dev --json")).out) as object;
    expect(deployed).toMatchObject({ ok: true, outputs: { url: "http://a", secret: "(sensitive)" }, waiting: [] });
    const failed = JSON.parse((await slipway("deploy dve --json")).out) as object;
    expect(failed).toEqual({ ok: false, exitCode: 2, error: "dve is not an environment: did you mean dev?" });
  });

  test("a plan of another configuration is refused, with the way out", async () => {
    await slipway("plan dev");
    json = { ...json, changed: true };
    const { code, err } = await slipway("deploy dev --yes");
    expect(code).toBe(exitCodes.stale);
    expect(err).toContain("the saved plan is of another configuration: `npm run plan -- dev` makes a new one");
    expect(engine.calls.some((call) => call.startsWith("apply"))).toBe(false);
  });

  test("a plan that the state has overtaken is refused, and the next deploy makes a new one", async () => {
    await slipway("plan dev");
    engine.put(
      "apply.lines",
      `${JSON.stringify({ type: "diagnostic", diagnostic: { severity: "error", summary: "Saved plan is stale", detail: "" } })}\n`,
    );
    engine.put("apply.code", "1");
    const { code, err } = await slipway("deploy dev");
    expect(code).toBe(exitCodes.stale);
    expect(err).toContain("the state of dev has changed since the plan was made");
    engine.put("apply.code", "0");
    expect((await slipway("deploy dev --yes")).code).toBe(exitCodes.ok);
  });

  test("without a plan somebody must confirm", async () => {
    const script = await slipway("deploy dev");
    expect(script.code).toBe(exitCodes.usage);
    expect(script.err).toContain(
      "nobody is there to confirm: pass --yes, or make the plan first with `npm run plan -- dev`",
    );

    expect(engine.calls).toEqual([]);

    const declined = await slipway("deploy dev", { isTTY: true, stdin: "n\n" });
    expect(declined.code).toBe(exitCodes.failed);
    expect(declined.err).toContain("not confirmed: nothing was changed");
    expect(engine.calls.some((call) => call.startsWith("apply"))).toBe(false);
    // the plan that was declined is not lying there for the next one
    expect((await slipway("deploy dev")).code).toBe(exitCodes.usage);

    expect((await slipway("deploy dev", { isTTY: true, stdin: "y\n" })).code).toBe(exitCodes.ok);
    expect(engine.calls.filter((call) => call.startsWith("apply"))).toHaveLength(1);
  });

  test("Ctrl-C at the question changes nothing", async () => {
    const { code, err } = await slipway("deploy dev", { isTTY: true, stdin: "\u0003" });
    expect(code).toBe(exitCodes.interrupted);
    expect(err).toContain("to go on from here: `npm run deploy -- dev`");
    expect(engine.calls.some((call) => call.startsWith("apply"))).toBe(false);
  });

  test("nothing to change is applied nowhere", async () => {
    engine.put("plan.json", {});
    engine.put("plan.code", "0");
    const { code, err } = await slipway("deploy dev --yes");
    expect(code).toBe(exitCodes.ok);
    expect(err).toContain("nothing to change in dev");
    expect(engine.calls.some((call) => call.startsWith("apply"))).toBe(false);
  });

  test.each(["plan dev", "deploy dev --yes"])("%s refuses to delete what AWS protects", async (line) => {
    engine.put("plan.json", {
      resource_changes: [
        change("aws_db_instance.Old", ["delete"], { deletion_protection: true }),
        change("aws_secretsmanager_secret.Old", ["delete"], { recovery_window_in_days: 7 }),
      ],
    });
    const { code, err } = await slipway(line);
    expect(code).toBe(exitCodes.guarded);
    expect(err).toContain("nothing was changed:\n  - aws_db_instance.Old (deletion_protection = true)\n");
    expect(err).not.toContain("aws_secretsmanager_secret.Old");
    expect(engine.calls.some((call) => call.startsWith("apply"))).toBe(false);
  });

  test("a failure says what Terraform said, and where", async () => {
    engine.put(
      "apply.lines",
      `${JSON.stringify({ type: "diagnostic", diagnostic: { severity: "error", summary: "creating VPC", detail: "VpcLimitExceeded", address: "aws_vpc.V" } })}\n`,
    );
    engine.put("apply.code", "1");
    const { code, err } = await slipway("deploy dev --yes");
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain("apply failed:\n  - aws_vpc.V: creating VPC: VpcLimitExceeded");
  });

  test("a database change that waits is named, and --apply-now is the choice", async () => {
    const waiting = {
      ...change("aws_db_instance.Db", ["update"]),
      change: {
        actions: ["update"],
        before: { instance_class: "a" },
        after: { instance_class: "b", apply_immediately: false },
      },
    };
    engine.put("plan.json", { resource_changes: [waiting] });
    const { err } = await slipway("deploy dev --yes");
    expect(err).toContain("aws_db_instance.Db: instance_class a → b waits for the maintenance window");
    expect(synthesized.at(-1)).not.toHaveProperty("SLIPWAY_APPLY_NOW");
    await slipway("deploy dev --yes --apply-now");
    expect(synthesized.at(-1)).toMatchObject({ SLIPWAY_APPLY_NOW: "1" });
  });
});

describe("what an interrupted deploy left half made", () => {
  const database = (tainted: boolean): object =>
    resource("aws_db_instance.Db", { identifier: "shop-dev-db-1" }, { tainted });
  const instance = (status: string): string =>
    `<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance><DBInstanceStatus>${status}</DBInstanceStatus></DBInstance></DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>`;

  beforeEach(() => {
    engine.put("state.json", stateOf(database(true), resource("aws_nat_gateway.N", {}, { tainted: true })));
    engine.put("state.untainted.json", stateOf(database(false)));
    engine.put("plan.json", { resource_changes: [change("aws_vpc.V", ["create"])] });
  });

  test("is waited for and taken over, before the plan", async () => {
    aws.answer("DescribeDBInstances", () => instance("available"));
    const { code, err } = await slipway("deploy dev --yes");
    expect(code).toBe(exitCodes.ok);
    expect(err).toContain("wait until AWS calls aws_db_instance.Db available");
    expect(err).toContain("aws_db_instance.Db is taken over as it is (untainted)");
    expect(engine.calls.map((call) => call.split(" ")[0])).toEqual([
      "show",
      "untaint",
      "plan",
      "show",
      "apply",
      "output",
    ]);
    expect(engine.calls).toContain("untaint -no-color aws_db_instance.Db");
  });

  test.each(["aws_lb.L", "aws_s3_bucket.B", "aws_security_group.G", "aws_subnet.S"])(
    "%s, which cannot stand there twice, is taken over at once",
    async (address) => {
      engine.put("state.json", stateOf(resource(address, {}, { tainted: true })));
      expect((await slipway("deploy dev --yes")).code).toBe(exitCodes.ok);
      expect(engine.calls).toContain(`untaint -no-color ${address}`);
    },
  );

  test("is not taken over when AWS has given it up", async () => {
    aws.answer("DescribeDBInstances", () => instance("incompatible-network"));
    const { code, err } = await slipway("deploy dev --yes");
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain(
      "AWS calls shop-dev-db-1 (aws_db_instance.Db) incompatible-network: look at its events in the RDS console",
    );
    expect(engine.calls).toEqual(["show -json"]);
  });

  test("is taken over by a plan that may write the state", async () => {
    aws.answer("DescribeDBInstances", () => instance("available"));
    const { code, out } = await slipway("plan dev --mend --json");
    expect(code).toBe(exitCodes.ok);
    expect(JSON.parse(out)).toMatchObject({ ok: true, changes: true });
    expect(engine.calls.map((call) => call.split(" ")[0])).toEqual(["show", "untaint", "plan", "show"]);
  });

  test("makes a plan say who goes on", async () => {
    const { code, err } = await slipway("plan dev");
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain(
      "aws_db_instance.Db was left half made by an interrupted deploy: `npm run deploy -- dev` waits for it and goes on",
    );
  });
});

describe("destroy", () => {
  const guarded = resource("aws_lb.L", { enable_deletion_protection: true });
  const lowered = resource("aws_lb.L", { enable_deletion_protection: false });
  const temporary = { env: { SLIPWAY_LIFETIME: "temporary" } };

  beforeEach(() => {
    json = { terraform: { backend: { local: { path: "../../../.state/x.tfstate" } } } };
    aws.answer("ListTaskDefinitionFamilies", () => ({ families: ["shop-dev-jobs", "shop-live-jobs"] }));
    aws.answer("ListTaskDefinitions", ({ body }) => {
      const { familyPrefix: family, status } = JSON.parse(body) as { familyPrefix: string; status: string };
      return {
        taskDefinitionArns: [
          `arn:aws:ecs:eu-west-1:${account}:task-definition/${family}:${status === "ACTIVE" ? 2 : 1}`,
        ],
      };
    });
    aws.answer("DeregisterTaskDefinition", () => ({}));
    aws.answer("DeleteTaskDefinitions", () => ({}));
    aws.answer(
      "DescribeDBSnapshots",
      () =>
        "<R><DescribeDBSnapshotsResult><DBSnapshots><DBSnapshot><DBSnapshotIdentifier>shop-dev-final</DBSnapshotIdentifier><DBInstanceIdentifier>shop-dev-db-1</DBInstanceIdentifier><SnapshotType>manual</SnapshotType></DBSnapshot><DBSnapshot><DBSnapshotIdentifier>other</DBSnapshotIdentifier><DBInstanceIdentifier>shop-stage-db-1</DBInstanceIdentifier></DBSnapshot></DBSnapshots></DescribeDBSnapshotsResult></R>",
    );
    aws.answer("DescribeDBInstanceAutomatedBackups", () => "<R><DescribeDBInstanceAutomatedBackupsResult/></R>");
    engine.put("state.json", stateOf(lowered));
    engine.put("plan.json", {
      resource_changes: [change("aws_lb.L", ["delete"], { enable_deletion_protection: false })],
    });
  });

  test("of a permanent environment is refused, with what guards it", async () => {
    engine.put("state.json", stateOf(guarded));
    const { code, err } = await slipway("destroy live --confirm live");
    expect(code).toBe(exitCodes.guarded);
    expect(err).toContain(
      "live is permanent, and its guards are up:\n  - aws_lb.L (enable_deletion_protection = true)\n",
    );
    expect(err).toContain(
      'set lifetime to "temporary" in environments/live.ts, or SLIPWAY_LIFETIME=temporary for one run',
    );
    expect(engine.calls).toEqual(["show -json"]);
    expect(JSON.parse((await slipway("destroy live --confirm live --json")).out)).toMatchObject({
      ok: false,
      exitCode: exitCodes.guarded,
      guards: [{ address: "aws_lb.L", by: "enable_deletion_protection = true" }],
    });
  });

  test.each([
    ["destroy dev", {}, "nobody is there to confirm: pass --yes"],
    ["destroy live --yes", temporary, "live is permanent in its file: a script confirms with --confirm live"],
    ["destroy live --confirm dev", temporary, "--confirm dev is not the name of the environment, live"],
  ])("%s is refused before anything is asked", async (line, circumstances, sentence) => {
    const { code, err } = await slipway(line, circumstances);
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain(sentence);
    expect(aws.actions).toEqual([]);
  });

  test("on a terminal the environment's name is typed, also where --yes would do for a temporary one", async () => {
    const wrong = await slipway("destroy live --yes", { ...temporary, isTTY: true, stdin: "yes\n" });
    expect(wrong.code).toBe(exitCodes.failed);
    expect(wrong.err).toContain("type live to go on: ");
    expect(engine.calls.some((call) => call.startsWith("apply"))).toBe(false);
    expect((await slipway("destroy live", { ...temporary, isTTY: true, stdin: "live\n" })).code).toBe(exitCodes.ok);
  });

  test("lowers the guards on the guarded alone, sees them down, and then deletes", async () => {
    engine.put("state.json", stateOf(guarded, resource("aws_vpc.V")));
    engine.put("plan.1.json", { resource_changes: [change("aws_lb.L", ["update"])] });
    engine.put("state.1.json", stateOf(lowered, resource("aws_vpc.V")));
    const { code } = await slipway("destroy live --confirm live", temporary);
    expect(code).toBe(exitCodes.ok);
    const plans = engine.calls.filter((call) => call.startsWith("plan"));
    expect(plans[0]).toMatch(/ -target=aws_lb\.L$/);
    expect(plans[0]).not.toContain("-destroy");
    expect(plans[1]).toContain("-destroy");
    expect(plans[1]).not.toContain("-target");
    expect(engine.calls.filter((call) => call.startsWith("apply"))).toHaveLength(2);
  });

  test("deletes nothing while a guard is left in the state", async () => {
    engine.put("state.json", stateOf(guarded));
    engine.put("plan.1.json", { resource_changes: [change("aws_lb.L", ["update"])] });
    const { code, err } = await slipway("destroy live --confirm live", temporary);
    expect(code).toBe(exitCodes.guarded);
    expect(err).toContain(
      "guards are still up, nothing was deleted:\n  - aws_lb.L (enable_deletion_protection = true)",
    );
    expect(engine.calls.some((call) => call.includes("-destroy"))).toBe(false);
  });

  test("deletes nothing when AWS has a guard that the state does not know", async () => {
    engine.put("plan.json", {
      resource_changes: [change("aws_lb.L", ["delete"], { enable_deletion_protection: true })],
    });
    const { code } = await slipway("destroy dev --yes");
    expect(code).toBe(exitCodes.guarded);
    expect(engine.calls.some((call) => call.startsWith("apply"))).toBe(false);
  });

  test("does not let a change in the files replace data on the way", async () => {
    engine.put("state.json", stateOf(resource("aws_s3_bucket.B", { force_destroy: false })));
    engine.put("plan.1.json", { resource_changes: [change("aws_s3_bucket.B", ["delete", "create"])] });
    const { code, err } = await slipway("destroy live --confirm live", temporary);
    expect(code).toBe(exitCodes.guarded);
    expect(err).toContain("lowering the guards would also replace aws_s3_bucket.B, nothing was deleted");
    expect(engine.calls.some((call) => call.startsWith("apply"))).toBe(false);
  });

  test("deregisters and deletes the revisions of this environment, and lists what stays", async () => {
    const { out, err } = await slipway("destroy dev --yes --json");
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      destroyed: 1,
      deregistered: 1,
      kept: [{ kind: "snapshot", name: "shop-dev-final" }],
    });
    expect(err).toContain("stays, and costs until you delete it: snapshot shop-dev-final");
    const bodies = aws.calls.filter(({ action }) => action.endsWith("TaskDefinition")).map(({ body }) => body);
    expect(bodies).toEqual([expect.stringContaining("task-definition/shop-dev-jobs:2")]);
  });

  test("run again on nothing still cleans up what Terraform does not know", async () => {
    engine.put("state.json", {});
    const { code, err } = await slipway("destroy dev --yes");
    expect(code).toBe(exitCodes.ok);
    expect(err).toContain("nothing is deployed in dev");
    expect(aws.actions).toContain("DeregisterTaskDefinition");
    expect(engine.calls).toEqual(["show -json"]);
  });
});

describe("secrets", () => {
  const put = (): string[] => aws.calls.filter(({ action }) => action === "PutSecretValue").map(({ body }) => body);

  beforeEach(() => {
    aws.answer("PutSecretValue", () => ({ VersionId: "v-2" }));
  });

  test.each([
    ["standard input", { stdin: "hunter2\n" }],
    ["a terminal", { stdin: "hunter2\n", isTTY: true }],
  ])("are read from %s and never shown", async (_, circumstances) => {
    const { code, out, err } = await slipway("secrets set dev STRIPE_KEY", circumstances);
    expect(code).toBe(exitCodes.ok);
    expect(out).toBe("STRIPE_KEY is version v-2; tasks of jobs, mail read it when they next start\n");
    expect(out + err).not.toContain("hunter2");
    expect(JSON.parse(put()[0] ?? "")).toMatchObject({
      SecretId: "/shop/dev/secrets/STRIPE_KEY",
      SecretString: "hunter2",
    });
  });

  test("keep their line ends but for the last", async () => {
    await slipway("secrets set dev STRIPE_KEY", { stdin: "one\ntwo\n" });
    expect(JSON.parse(put()[0] ?? "")).toMatchObject({ SecretString: "one\ntwo" });
  });

  test("are not emptied by an empty input", async () => {
    const { code, err } = await slipway("secrets set dev STRIPE_KEY", { stdin: "\n" });
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain("the value of STRIPE_KEY is empty: nothing was changed");
    expect(put()).toEqual([]);
  });

  test("that are not deployed say so", async () => {
    aws.answer("PutSecretValue", () => undefined);
    const { code } = await slipway("secrets set dev STRIPE_KEY", { stdin: "x" });
    expect(code).toBe(exitCodes.failed);
  });

  test("are listed with their users, and whether they have a value", async () => {
    aws.answer("ListSecrets", () => ({
      SecretList: [
        {
          Name: "/shop/dev/secrets/STRIPE_KEY",
          LastChangedDate: 1_700_000_000,
          SecretVersionsToStages: { v: ["AWSCURRENT"] },
        },
        { Name: "/shop/dev/secrets/SENTRY_DSN" },
      ],
    }));
    const { out } = await slipway("secrets list dev --json");
    expect(JSON.parse(out)).toEqual({
      ok: true,
      environment: "dev",
      secrets: [
        { name: "SENTRY_DSN", services: ["jobs"], exists: true, hasValue: false },
        {
          name: "STRIPE_KEY",
          services: ["jobs", "mail"],
          exists: true,
          hasValue: true,
          changed: "2023-11-14T22:13:20.000Z",
        },
      ],
    });
  });
});

describe("lock", () => {
  test("writes one lock per stack from one question to the registry", async () => {
    json = { terraform: { required_providers: { aws: { source: "x", version: "1" } } } };
    const all = parts.synthesize;
    const synthesizeAll: Parts["synthesize"] = async (options) => {
      for (const stack of everyStack(configuration)) await all?.({ ...options, stack });
    };
    const { code, out } = await slipway("lock", {}, { ...parts, synthesize: synthesizeAll });
    expect(code).toBe(exitCodes.ok);
    expect(out).toContain("stacks/locks/dev.lock.hcl, stacks/locks/live.lock.hcl");
    expect(engine.calls).toEqual(["providers lock -platform=linux_amd64 -platform=linux_arm64 -platform=darwin_arm64"]);
    for (const stack of everyStack(configuration)) {
      expect(existsSync(path.join(root, "stacks", "locks", `${stack}.lock.hcl`))).toBe(true);
    }
  });
});
