import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { CostWatch } from "../../ci/aws/cost-anomalies";
import type { KnownIssuer } from "../../ci/aws/identities";
import { usedBefore, usedText, variablesOf } from "../../ci/bootstrap/account-before";
import { findLeftovers, type LeftoverQuestions, writeImports } from "../../ci/bootstrap/adopt";
import { placeOfState } from "../../ci/bootstrap/place-of-state";
import { parseState, type RawState } from "../../ci/bootstrap/raw-state";
import { type BootstrapCommandOptions, bootstrapCommand } from "../../ci/commands/bootstrap";
import { deployCommand } from "../../ci/commands/deploy";
import { destroyCommand } from "../../ci/commands/destroy";
import { outputsCommand } from "../../ci/commands/outputs";
import { planCommand } from "../../ci/commands/plan";
import { exitCodes } from "../../ci/exit-codes";
import type { Session } from "../../ci/session";
import { endpointOf } from "../../ci/terraform/endpoint";
import type { StackJson } from "../../ci/terraform/stack-json";
import { TerraformError } from "../../ci/terraform/terraform-error";
import { baseFolder } from "../../ci/terraform/workspace";
import { parseConfiguration } from "../../environments/checks";
import { FakeAws, Plain } from "./support/fake-aws";
import { FakeEngine } from "./support/fake-engine";
import { type Ran, runCommand } from "./support/run-command";

process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

const account = "123456789012";
const other = "210987654321";
const stack = `bootstrap-${account}`;
const bucket = `shop-state-${account}`;
const key = `shop/${stack}.tfstate`;
const GITHUB = "token.actions.githubusercontent.com";
const environment = {
  lifetime: "permanent",
  production: false,
  domain: { none: true, because: "this is a test" },
  services: { jobs: { kind: "worker", secrets: [] } },
  images: { none: true, because: "this is a test" },
  mqtt: { none: true, because: "this is a test" },
  monthlyBudgetUsd: 50,
  migrations: { none: true, because: "this is a test" },
} as const;
const project = {
  name: "shop",
  region: "eu-west-1",
  accounts: { dev: account, live: other },
  registry: { account: other, region: "eu-west-1" },
  publicZone: { none: true },
  repositories: ["app"],
  alerts: { emails: ["a@example.com"] },
  stateBucket: { bootstrap: true },
  pipelines: {
    github: { owner: "acme", ownerId: "11", repository: "shop", repositoryId: "22", environments: true },
    gitlab: { host: "git.example.org", project: "acme/shop" },
  },
} as const;
const configurationOf = (changed: object = {}) =>
  parseConfiguration(
    { ...project, ...changed },
    {
      dev: { ...environment, name: "dev", network: { cidr: "10.1.0.0/16", nat: { kind: "single" } } },
      live: { ...environment, name: "live", network: { cidr: "10.2.0.0/16", nat: { kind: "single" } } },
    },
  );
const configuration = configurationOf();

const state = (serial: number, lineage: string, ...types: string[]): RawState => ({
  lineage,
  serial,
  resources: types.map((type) => ({ address: `${type}.A`, type, arns: [`arn:${type}`] })),
});

describe("the state that counts", () => {
  const names = { stored: "s3://b/k", local: ".state/x.tfstate" };
  const place = (stored: RawState | undefined, local: RawState | undefined) => placeOfState({ stored, local, names });
  const first = state(3, "one", "aws_s3_bucket");

  test.each<[string, RawState | undefined, RawState | undefined, object]>([
    ["there is none: it will be on this machine", undefined, undefined, { at: "machine", staleCopy: false }],
    ["it was not moved yet", undefined, first, { at: "machine", state: first, staleCopy: false }],
    ["it was moved", first, undefined, { at: "bucket", state: first, staleCopy: false }],
    ["a copy was left behind", first, state(3, "one"), { at: "bucket", state: first, staleCopy: true }],
    ["the bucket is ahead", first, state(2, "one"), { at: "bucket", state: first, staleCopy: true }],
    ["this machine is ahead", first, state(4, "one"), { at: "machine", state: state(4, "one"), staleCopy: false }],
    ["another, of nothing, is here", first, state(9, "two"), { at: "bucket", state: first, staleCopy: true }],
  ])("%s", (_, stored, local, expected) => {
    expect(place(stored, local)).toMatchObject(expected);
  });

  test("cannot be told from two that have nothing to do with each other", () => {
    expect(() => place(first, state(1, "two", "aws_iam_role", "aws_iam_policy"))).toThrow(
      "there are two states that have nothing to do with each other: s3://b/k describes 1 resource, and .state/x.tfstate 2 resources: look which of them is true, and move the other away (`mv`, or `aws s3 mv`)",
    );
  });

  test("is read as Terraform stores it, without data sources and what has no instance", () => {
    const text = JSON.stringify({
      lineage: "l",
      serial: 1,
      resources: [
        { mode: "managed", type: "t", name: "A", instances: [{ attributes: { arn: "arn:a" } }, { attributes: {} }] },
        { mode: "managed", type: "t", name: "B", instances: [] },
        { mode: "data", type: "t", name: "C", instances: [{}] },
      ],
    });
    expect(parseState(text, "x")).toEqual({
      lineage: "l",
      serial: 1,
      resources: [{ address: "t.A", type: "t", arns: ["arn:a"] }],
    });
  });

  test.each(["", "<html>", "{}", '{"lineage":"l"}'])("is not %p", (text) => {
    expect(() => parseState(text, "s3://b/k")).toThrow(
      "s3://b/k is not a state of Terraform: bring back an earlier version of it, or move it away if nothing is deployed",
    );
  });
});

describe("what an account had before", () => {
  const monitor = (name: string): CostWatch => ({ arn: `arn:monitor:${name}`, name });
  const issuer = (name: string, rest: Partial<KnownIssuer> = {}): KnownIssuer => ({
    arn: `arn:aws:iam::${account}:oidc-provider/${name}`,
    issuer: name,
    audiences: ["sts.amazonaws.com"],
    tags: {},
    ...rest,
  });
  const used = (monitors: CostWatch[], issuers: KnownIssuer[], known?: RawState) =>
    usedBefore({ monitors, issuers }, { project: configuration.project, stack, state: known });

  test("is used, and told to the synthesis", () => {
    const found = used([monitor("Default")], [issuer(GITHUB), issuer("other.example.org")]);
    expect(variablesOf(found)).toEqual({
      SLIPWAY_ANOMALY_MONITOR: "arn:monitor:Default",
      SLIPWAY_IDENTITY_PROVIDERS: `arn:aws:iam::${account}:oidc-provider/${GITHUB}`,
    });
    expect(usedText(found)).toEqual([
      "using the monitor of cost anomalies that the account has: Default",
      `using the identity provider that the account has: ${GITHUB}`,
    ]);
  });

  test("is not what the stack made, by its state, its name or its tags", () => {
    const nothing = { SLIPWAY_ANOMALY_MONITOR: "", SLIPWAY_IDENTITY_PROVIDERS: "" };
    const own = { tags: { project: "shop", stack } };
    expect(
      variablesOf(used([monitor("shop-services")], [issuer(GITHUB, own), issuer("git.example.org", own)])),
    ).toEqual(nothing);
    const github = issuer(GITHUB);
    const known = {
      ...state(1, "l"),
      resources: [{ address: "a.b", type: "a", arns: ["arn:monitor:renamed", github.arn] }],
    };
    expect(variablesOf(used([monitor("renamed")], [github], known))).toEqual(nothing);
    expect(variablesOf(used([], [issuer(GITHUB, { tags: { project: "shop", stack: "bootstrap-1" } })]))).not.toEqual(
      nothing,
    );
  });

  test("is refused where it does not listen", () => {
    const deaf = issuer("git.example.org", { audiences: ["https://git.example.org"] });
    expect(() => used([], [deaf])).toThrow(
      `the account has an identity provider for git.example.org that does not take tokens for sts.amazonaws.com: \`aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${deaf.arn} --client-id sts.amazonaws.com\` lets it`,
    );
  });

  test("does not matter to a project without pipelines", () => {
    const alone = configurationOf({ pipelines: { none: true, because: "one person deploys by hand" } });
    expect(
      usedBefore({ monitors: [], issuers: [issuer(GITHUB)] }, { project: alone.project, stack, state: undefined }),
    ).toEqual({ anomalyMonitor: undefined, issuers: [] });
  });
});

describe("what an earlier run left", () => {
  const policyArn = `arn:aws:iam::${account}:policy/shop/${stack}/shop-boundary`;
  const resource = {
    aws_s3_bucket: { Bucket: { bucket } },
    aws_iam_role: { Plan: { name: "shop-dev-plan", path: "/shop/" } },
    aws_iam_policy: { Boundary: { name: "shop-boundary", path: `/shop/${stack}/` } },
    aws_iam_openid_connect_provider: { Github: { url: `https://${GITHUB}` } },
    aws_ce_anomaly_monitor: { Monitor: { name: "shop-services" } },
    aws_ce_anomaly_subscription: { Subscription: { name: "shop-cost-anomalies" } },
    aws_s3_bucket_versioning: { Versioning: {} },
  };
  const json = { terraform: {}, resource } as unknown as StackJson;
  const all: LeftoverQuestions = {
    bucketExists: true,
    pathOfRole: () => Promise.resolve("/shop/"),
    hasPolicy: (arn) => Promise.resolve(arn === policyArn),
    issuers: () => Promise.resolve([{ arn: "arn:github", issuer: GITHUB, audiences: [], tags: {} }]),
    monitors: () => Promise.resolve([{ arn: "arn:monitor", name: "shop-services" }]),
    subscriptions: () => Promise.resolve([{ arn: "arn:subscription", name: "shop-cost-anomalies" }]),
  };
  const none: LeftoverQuestions = {
    bucketExists: false,
    pathOfRole: () => Promise.resolve(undefined),
    hasPolicy: () => Promise.resolve(false),
    issuers: () => Promise.resolve([]),
    monitors: () => Promise.resolve([{ arn: "arn:else", name: "somebody's" }]),
    subscriptions: () => Promise.resolve([]),
  };
  const find = (ask: LeftoverQuestions, known: readonly string[] = []) =>
    findLeftovers({ json, account, known: new Set(known), ask });

  test("is what cannot be made twice, by the id that Terraform imports", async () => {
    expect(await find(all)).toEqual([
      { address: "aws_s3_bucket.Bucket", id: bucket },
      { address: "aws_iam_role.Plan", id: "shop-dev-plan" },
      { address: "aws_iam_policy.Boundary", id: policyArn },
      { address: "aws_iam_openid_connect_provider.Github", id: "arn:github" },
      { address: "aws_ce_anomaly_monitor.Monitor", id: "arn:monitor" },
      { address: "aws_ce_anomaly_subscription.Subscription", id: "arn:subscription" },
    ]);
    expect(await find(none)).toEqual([]);
  });

  test("is not what the state knows", async () => {
    const known = ["aws_s3_bucket.Bucket", "aws_iam_role.Plan", "aws_iam_policy.Boundary"];
    expect((await find(all, known)).map(({ address }) => address)).toEqual([
      "aws_iam_openid_connect_provider.Github",
      "aws_ce_anomaly_monitor.Monitor",
      "aws_ce_anomaly_subscription.Subscription",
    ]);
  });

  test("is no role of another path, which would be deleted to be moved", async () => {
    await expect(find({ ...all, pathOfRole: () => Promise.resolve("/") })).rejects.toThrow(
      "the account has a role shop-dev-plan in the path / that is not of the bootstrap: delete it, or choose another name of the project",
    );
  });

  test("is written for one plan", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "slipway-adopt-"));
    const file = path.join(folder, "adopt.tf.json");
    writeImports(folder, [{ address: "a.B", id: "c" }]);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ import: [{ to: "a.B", id: "c" }] });
    writeImports(folder, []);
    expect(existsSync(file)).toBe(false);
    rmSync(folder, { recursive: true });
  });
});

test("a lock says who holds it, and what to do when they are gone", () => {
  const detail =
    "operation error S3: PutObject, https response error StatusCode: 412\nLock Info:\n  ID:        0a1b\n  Path:      b/k\n  Operation: OperationTypeApply\n  Who:       anna@laptop\n  Version:   1.11.4\n  Created:   2026-11-26 19:00:00 +0000 UTC\n  Info:      \n";
  const error = { severity: "error", summary: "Error acquiring the state lock", detail } as const;
  expect(new TerraformError("plan", [error], false).message).toBe(
    "plan failed: the lock of the state is held by anna@laptop, for OperationTypeApply since 2026-11-26 19:00:00 +0000 UTC (error acquiring the state lock): wait until that has ended, or, when it has died, `terraform force-unlock 0a1b` in the folder of the stack",
  );
  const noAccess = { ...error, detail: "AccessDenied" };
  expect(new TerraformError("plan", [noAccess], false).message).toBe(
    "plan failed:\n  - Error acquiring the state lock: AccessDenied",
  );
});

describe("the command", () => {
  let root: string;
  let engine: FakeEngine;
  let tools: string;
  let aws: FakeAws;
  let objects: Map<string, string>;
  let bucketExists: boolean;
  let synthesized: Record<string, string>[];

  beforeAll(async () => {
    aws = await FakeAws.start();
  });
  afterAll(() => aws.stop());

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "slipway-bootstrap-"));
    engine = new FakeEngine();
    // what the fakes are made of, and neither gh nor glab, whatever this machine has
    tools = path.join(root, "tools");
    mkdirSync(tools);
    for (const tool of ["cat", "cp", "dirname", "env", "touch"]) {
      const found = ["/usr/bin", "/bin"].map((folder) => path.join(folder, tool)).find(existsSync);
      symlinkSync(found ?? tool, path.join(tools, tool));
    }
    objects = new Map();
    bucketExists = false;
    synthesized = [];
    aws.reset();
    aws.accountIs(account);
    answerS3();
    aws.answer("GetAnomalyMonitors", () => ({ AnomalyMonitors: [] }));
    aws.answer("GetAnomalySubscriptions", () => ({ AnomalySubscriptions: [] }));
    aws.answer(
      "ListOpenIDConnectProviders",
      () =>
        `<ListOpenIDConnectProvidersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListOpenIDConnectProvidersResult><OpenIDConnectProviderList/></ListOpenIDConnectProvidersResult></ListOpenIDConnectProvidersResponse>`,
    );
    engine.put("plan.json", {
      resource_changes: [
        {
          address: "aws_s3_bucket.B",
          type: "aws_s3_bucket",
          name: "B",
          mode: "managed",
          change: { actions: ["create"] },
        },
      ],
    });
    engine.put("plan.2.code", "0");
    engine.put("outputs.json", {
      state_bucket: { value: bucket },
      role_arns: { value: { "dev-plan": "arn:plan", "dev-apply": "arn:apply" } },
    });
    // what Terraform leaves: a state on this machine, and a bucket
    engine.put("local.tfstate", JSON.stringify({ version: 4, serial: 7, lineage: "one", resources: [bucketInState] }));
    engine.put("apply.sh", `cp "$here/local.tfstate" "../../../.state/${stack}.tfstate"\ntouch "$here/applied"`);
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
    engine.remove();
  });

  const bucketInState = { mode: "managed", type: "aws_s3_bucket", name: "B", instances: [{ attributes: {} }] };
  const localFile = (): string =>
    path.join(baseFolder(root, endpointOf({ AWS_ENDPOINT_URL: aws.url })), ".state", `${stack}.tfstate`);

  function answerS3(): void {
    const exists = (): boolean => bucketExists || existsSync(path.join(engine.folder, "applied"));
    aws.answer(`HEAD /${bucket}/`, () => new Plain(exists() ? 200 : 404));
    aws.answer(`GET /${bucket}/?versioning=`, () => new Plain(200, "<VersioningConfiguration/>"));
    aws.answer(
      `GET /${bucket}/?publicAccessBlock=`,
      () => new Plain(404, "<Error><Code>NoSuchPublicAccessBlockConfiguration</Code></Error>"),
    );
    aws.answer(`GET /${bucket}/?list-type=2`, () => {
      const keys = [...objects.keys()].map((one) => `<Contents><Key>${one}</Key></Contents>`).join("");
      return new Plain(200, `<ListBucketResult><IsTruncated>false</IsTruncated>${keys}</ListBucketResult>`);
    });
    for (const one of [key, "shop/dev.tfstate", "shop/live.tfstate"]) {
      aws.answer(`GET /${bucket}/${one}?x-id=GetObject`, () => {
        const body = objects.get(one);
        return body === undefined ? new Plain(404, "<Error><Code>NoSuchKey</Code></Error>") : new Plain(200, body);
      });
    }
    aws.answer(`PUT /${bucket}/${key}?x-id=PutObject`, ({ body }) => {
      if (objects.has(key)) return new Plain(412, "<Error><Code>PreconditionFailed</Code></Error>");
      objects.set(key, body);
      return new Plain(200);
    });
  }

  const synthesize: Session["synthesize"] = ({ outdir, env }) => {
    synthesized.push({ ...env });
    const at = env["SLIPWAY_STATE_BUCKET"] ?? "";
    const backend =
      at === ""
        ? { local: { path: `../../../.state/${stack}.tfstate` } }
        : { s3: { bucket: at.slice(0, at.indexOf("@")), key } };
    mkdirSync(path.join(outdir, "stacks", stack), { recursive: true });
    const resource = { aws_s3_bucket: { B: { bucket } } };
    writeFileSync(
      path.join(outdir, "stacks", stack, "cdk.tf.json"),
      JSON.stringify({ terraform: { backend }, resource }),
    );
    return Promise.resolve();
  };

  interface Circumstances {
    readonly env?: Record<string, string>;
    readonly used?: ReturnType<typeof configurationOf>;
    readonly stdin?: string;
    readonly isTTY?: boolean;
    readonly json?: boolean;
  }

  function ran(
    command: (session: Session) => Promise<void>,
    { env = {}, used = configuration, ...rest }: Circumstances = {},
  ): Promise<Ran> {
    return runCommand((session) => command(synthesize === undefined ? session : { ...session, synthesize }), {
      configuration: used,
      root,
      env: {
        PATH: tools,
        TERRAFORM_BINARY_NAME: engine.path,
        AWS_ENDPOINT_URL: aws.url,
        AWS_ACCESS_KEY_ID: "key",
        AWS_SECRET_ACCESS_KEY: "secret",
        ...env,
      },
      ...rest,
    });
  }

  const bootstrap = (options: Partial<BootstrapCommandOptions> = {}, circumstances: Circumstances = {}): Promise<Ran> =>
    ran(
      (session) =>
        bootstrapCommand(session, { accounts: [], yes: true, writeSettings: false, json: false, ...options }),
      circumstances,
    );

  /** A state in the bucket that an earlier run made. */
  function bootstrapped(...resources: object[]): void {
    bucketExists = true;
    objects.set(key, JSON.stringify({ version: 4, serial: 7, lineage: "one", resources }));
  }

  describe("from nothing", () => {
    test("makes what the account needs, moves the state into the bucket, and looks again", async () => {
      const { code, out, err } = await bootstrap();
      expect({ code, err: code === 0 ? "" : err }).toEqual({ code: exitCodes.ok, err: "" });
      expect(engine.calls.map((call) => call.split(" ")[0])).toEqual([
        "show",
        "plan",
        "show",
        "apply",
        "plan",
        "output",
      ]);
      expect(synthesized.map((env) => env["SLIPWAY_STATE_BUCKET"])).toEqual(["", `${bucket}@eu-west-1`]);
      expect(JSON.parse(objects.get(key) ?? "")).toMatchObject({ serial: 7, lineage: "one" });
      expect(existsSync(localFile())).toBe(false);
      expect(out).toContain(`state bucket: ${bucket}\n`);
      expect(err).toContain(`✓ move the state to s3://${bucket}/${key}`);
      expect(err).toContain(`bootstrapped account ${account} (1 to create, 0 to change, 0 to replace, 0 to delete;`);
    });

    test("says what to put into the settings of both hosts, and which secrets only a person can make", async () => {
      const { out } = await bootstrap();
      expect(out.slice(out.indexOf("\n") + 1)).toBe(
        [
          "",
          "set these variables of acme/shop on GitHub (none is secret; --write-settings does it):",
          "  gh variable set SLIPWAY_GITHUB_ENVIRONMENTS --repo acme/shop --body true",
          "  gh variable set SLIPWAY_ROLE_DEV_PLAN --repo acme/shop --body arn:plan",
          "  gh variable set SLIPWAY_ROLE_DEV_APPLY --repo acme/shop --body arn:apply",
          "SLIPWAY_AWS=true is for when every account has had its bootstrap: until it is set, jobs that need AWS are skipped",
          "only you can make the secret of acme/shop on GitHub, once:",
          "  SLIPWAY_PLAN_KEY seals the plan of production between its jobs:",
          "    openssl rand -base64 32 | gh secret set SLIPWAY_PLAN_KEY --repo acme/shop",
          "",
          "set these variables of acme/shop on GitLab (none is secret; --write-settings does it):",
          "  GITLAB_HOST=git.example.org glab variable set SLIPWAY_GITHUB_ENVIRONMENTS true --repo acme/shop",
          "  GITLAB_HOST=git.example.org glab variable set SLIPWAY_ROLE_DEV_PLAN arn:plan --repo acme/shop",
          "  GITLAB_HOST=git.example.org glab variable set SLIPWAY_ROLE_DEV_APPLY arn:apply --repo acme/shop",
          "SLIPWAY_AWS=true is for when every account has had its bootstrap: until it is set, jobs that need AWS are skipped",
          "keep pipelines of forks out of acme/shop on GitLab, whose branches may be called main (--write-settings does it where glab may see the setting):",
          "  GITLAB_HOST=git.example.org glab api -X PUT projects/acme%2Fshop -f ci_allow_fork_pipelines_to_run_in_parent_project=false",
          "only you can make the secrets of acme/shop on GitLab, once:",
          "  SLIPWAY_PLAN_KEY seals the plan of production between its jobs:",
          "    openssl rand -base64 32 | GITLAB_HOST=git.example.org glab variable set SLIPWAY_PLAN_KEY --masked --protected --scope prod --repo acme/shop",
          "  SLIPWAY_GITLAB_TOKEN writes plans into merge requests and drift into issues: make a token with the role Reporter and the scope api at https://git.example.org/acme/shop/-/settings/access_tokens (the code of requests gets it: a higher role could push to main); on the free plan of GitLab.com, which has none, a personal access token of a second user, who is Reporter of this project alone. Write it into notes.txt, and",
          "    GITLAB_HOST=git.example.org glab variable set SLIPWAY_GITLAB_TOKEN --masked --scope notes --repo acme/shop < notes.txt",
          "    and one with the scope read_api, which reads labels and whether stage has run a commit, into read.txt, and",
          ...["stage", "registry", "prod"].map(
            (scope) =>
              `    GITLAB_HOST=git.example.org glab variable set SLIPWAY_GITLAB_TOKEN --masked --protected --scope ${scope} --repo acme/shop < read.txt`,
          ),
          "    then rm notes.txt read.txt",
          "",
        ].join("\n"),
      );
    });

    test.each([
      [{ none: true }, "environments keep their state on one machine until stateBucket is { bootstrap: true }"],
      [
        { name: "own-bucket", region: "eu-west-1" },
        "it holds the state of this alone: environments keep theirs in own-bucket, as environments/project.ts says",
      ],
    ])("says where environments keep their state with %j", async (stateBucket, sentence) => {
      const { out } = await bootstrap({}, { used: configurationOf({ stateBucket }) });
      expect(out).toContain(sentence);
      expect(objects.has(key)).toBe(true);
    });

    test("asks on a terminal, and a no changes nothing and leaves no plan", async () => {
      const asked = await bootstrap({ yes: false }, { isTTY: true, stdin: "n\n" });
      expect(asked.err).toContain(`make this in account ${account}? [y/N]`);
      expect(asked.err).toContain("not confirmed: nothing was changed");
      expect(engine.calls.some((call) => call.startsWith("apply"))).toBe(false);
      const plans = path.join(baseFolder(root, endpointOf({ AWS_ENDPOINT_URL: aws.url })), ".state", "plans");
      expect(existsSync(path.join(plans, `${stack}.tfplan`))).toBe(false);

      const unasked = await bootstrap({ yes: false });
      expect(unasked.code).toBe(exitCodes.usage);
      expect(unasked.err).toContain("nobody is there to confirm: pass --yes");
    });

    test("tells a script all of it as one value", async () => {
      const { out } = await bootstrap({ json: true }, { json: true });
      expect(JSON.parse(out)).toMatchObject({
        ok: true,
        account,
        changes: true,
        stateMoved: true,
        adopted: [],
        stateBucket: bucket,
        roleArns: { "dev-plan": "arn:plan", "dev-apply": "arn:apply" },
        others: [other],
        pipelines: [
          { host: "github", place: "acme/shop", settled: false, written: [], waits: true },
          { host: "gitlab", place: "acme/shop", settled: false },
        ],
      });
    });
  });

  describe("run again", () => {
    test("works on the state in the bucket, and has nothing to do", async () => {
      bootstrapped(bucketInState);
      engine.put("plan.1.code", "0");
      const { code, err } = await bootstrap();
      expect(code).toBe(exitCodes.ok);
      expect(synthesized.map((env) => env["SLIPWAY_STATE_BUCKET"])).toEqual([`${bucket}@eu-west-1`]);
      expect(engine.allCalls.filter((call) => call.startsWith("init"))).toEqual([
        "init -input=false -no-color -reconfigure",
      ]);
      expect(engine.calls.filter((call) => call.startsWith("plan"))).toHaveLength(1);
      expect(err).toContain(`bootstrapped account ${account} (nothing to change;`);
    });

    test("takes over a bucket that no state knows", async () => {
      bucketExists = true;
      const { code, err } = await bootstrap();
      expect(code).toBe(exitCodes.ok);
      expect(err).toContain(`taking over ${bucket} (aws_s3_bucket.B), which no state knows`);
    });

    test("moves a state that the last run could not move", async () => {
      bucketExists = true;
      mkdirSync(path.dirname(localFile()), { recursive: true });
      writeFileSync(localFile(), JSON.stringify({ version: 4, serial: 7, lineage: "one", resources: [bucketInState] }));
      writeFileSync(`${localFile()}.endpoint`, `${aws.url}\n`);
      engine.put("plan.1.code", "0");
      const { code } = await bootstrap();
      expect(code).toBe(exitCodes.ok);
      expect(objects.has(key)).toBe(true);
      expect(existsSync(localFile())).toBe(false);
    });

    test("removes a copy that was left behind", async () => {
      bootstrapped(bucketInState);
      mkdirSync(path.dirname(localFile()), { recursive: true });
      for (const suffix of ["", ".backup"]) writeFileSync(`${localFile()}${suffix}`, objects.get(key) ?? "");
      engine.put("plan.1.code", "0");
      const { code, err } = await bootstrap();
      expect(code).toBe(exitCodes.ok);
      expect(err).toContain("removed the copy of the state on this machine: the bucket has all that it says");
      expect([existsSync(localFile()), existsSync(`${localFile()}.backup`)]).toEqual([false, false]);
    });

    test("keeps the state on this machine when the bucket answers something else", async () => {
      aws.answer(`PUT /${bucket}/${key}?x-id=PutObject`, () => {
        objects.set(key, JSON.stringify({ version: 4, serial: 1, lineage: "of somebody else", resources: [] }));
        return new Plain(200);
      });
      const { code, err } = await bootstrap();
      expect(code).toBe(exitCodes.failed);
      expect(err).toContain(
        `s3://${bucket}/${key} does not hold the state that was just written there; the one on this machine stays: run it again, and look who else writes to the bucket`,
      );
      expect(existsSync(localFile())).toBe(true);
    });

    test("says when a second plan is not empty", async () => {
      engine.put("plan.2.code", "2");
      const { code, err } = await bootstrap();
      expect(code).toBe(exitCodes.failed);
      expect(err).toContain(`a second plan of ${stack} still wants changes: \`npm run plan -- ${stack}\` says which`);
    });
  });

  describe("whose account", () => {
    test("is that of the credentials, and the others are left for another run", async () => {
      const { err } = await bootstrap();
      expect(err).toContain(
        `account ${other} is another: run it again with its credentials, \`npm run bootstrap -- ${other}\``,
      );
    });

    test.each<[string, string[], number, string]>([
      [
        "999999999999",
        [],
        exitCodes.account,
        `these credentials are of account 999999999999, which is none of the project's (${account}, ${other}): switch to one of them (AWS_PROFILE), or correct environments/project.ts`,
      ],
      [
        other,
        [account],
        exitCodes.account,
        `these credentials are of account ${other}, and not of ${account}: switch to it (AWS_PROFILE), or leave the account out for the one at hand`,
      ],
      [
        account,
        [account, other],
        exitCodes.account,
        `these credentials are of account ${account}, and not of ${other}: switch to it (AWS_PROFILE), or leave the account out for the one at hand`,
      ],
      [account, ["123456789021"], exitCodes.usage, "123456789021 is not an account of the project: did you mean"],
    ])("with credentials of %s and %j named", async (own, accounts, expected, sentence) => {
      aws.accountIs(own);
      const { code, err } = await bootstrap({ accounts });
      expect(code).toBe(expected);
      expect(err).toContain(sentence);
      expect(engine.allCalls).toEqual([]);
    });

    test("is no placeholder on AWS, nor is the repository", async () => {
      const used = configurationOf({
        accounts: { dev: "111111111111", live: "111111111111" },
        registry: { account: "111111111111", region: "eu-west-1" },
        pipelines: { gitlab: { project: "example/example" } },
      });
      const { code, err } = await bootstrap({}, { used, env: { AWS_ENDPOINT_URL: "", AWS_ENDPOINT_URL_STS: "" } });
      expect(code).toBe(exitCodes.usage);
      expect(err).toContain('project: account "111111111111" is a placeholder');
      expect(err).toContain("project: pipelines.gitlab.project is a placeholder");
    });

    test("is one of a person who may ask, and that has Cost Explorer", async () => {
      aws.answer("GetAnomalyMonitors", () => ({ __type: "AccessDeniedException", message: "You may not ask" }));
      const refused = await bootstrap();
      expect(refused.code).toBe(exitCodes.account);
      expect(refused.err).toContain(
        `error: You may not ask: use credentials of an administrator of account ${account}, since a bootstrap makes roles\n`,
      );
      aws.answer("GetAnomalyMonitors", () => ({
        __type: "AccessDeniedException",
        message: "User not enabled for cost explorer access",
      }));
      expect((await bootstrap()).err).toContain(
        `account ${account} has no Cost Explorer yet, which watches what it costs: open Billing and Cost Management, Cost Explorer once in the console (in an organization its management account switches it on), and run it again a day later`,
      );
    });

    test("is not left without guards by a variable that was forgotten", async () => {
      const { code, err } = await bootstrap({}, { env: { SLIPWAY_LIFETIME: "temporary" } });
      expect(code).toBe(exitCodes.usage);
      expect(err).toContain("is for the run that destroys them: unset it");
      expect(engine.allCalls).toEqual([]);
    });

    test("has a bucket that nobody else has taken", async () => {
      aws.answer(`HEAD /${bucket}/`, () => new Plain(403));
      const { code, err } = await bootstrap();
      expect(code).toBe(exitCodes.usage);
      expect(err).toContain(`bucket ${bucket} belongs to another account or is in another region than eu-west-1`);
    });
  });

  describe("the settings of pipelines", () => {
    let programs: string;
    const github = { used: configurationOf({ pipelines: { github: project.pipelines.github } }) };

    beforeEach(() => {
      programs = path.join(root, "programs");
      mkdirSync(programs);
      bootstrapped(bucketInState);
      engine.put("plan.1.code", "0");
    });

    /** A program that keeps variables in a file, as the two do on their hosts. */
    function install(program: "gh" | "glab", script: string): void {
      writeFileSync(path.join(programs, program), `#!/bin/sh\nvariables="${programs}/${program}.tsv"\n${script}`);
      chmodSync(path.join(programs, program), 0o755);
    }
    const gh =
      'case "$1" in api) cat "$variables" ;; variable) printf "%s\\t%s\\n" "$3" "$7" >> "$variables" ;; esac\n';
    const have = (program: string, ...lines: string[]): void =>
      writeFileSync(path.join(programs, `${program}.tsv`), lines.map((line) => `${line}\n`).join(""));
    const kept = (program: string): string[] =>
      readFileSync(path.join(programs, `${program}.tsv`), "utf8")
        .split("\n")
        .filter(Boolean);
    const env = (): { env: Record<string, string> } => ({ env: { PATH: `${programs}:${tools}` } });

    test("are written where that is asked for; the switch waits for the other accounts", async () => {
      install("gh", gh);
      have("gh", "SLIPWAY_ROLE_DEV_PLAN\tarn:plan");
      const { code, out } = await bootstrap({ writeSettings: true }, { ...github, ...env() });
      expect(code).toBe(exitCodes.ok);
      expect(kept("gh")).toEqual([
        "SLIPWAY_ROLE_DEV_PLAN\tarn:plan",
        "SLIPWAY_GITHUB_ENVIRONMENTS\ttrue",
        "SLIPWAY_ROLE_DEV_APPLY\tarn:apply",
      ]);
      expect(out).toContain(
        "acme/shop on GitHub has the variables of this account, since now SLIPWAY_GITHUB_ENVIRONMENTS, SLIPWAY_ROLE_DEV_APPLY",
      );
      expect(out).toContain("SLIPWAY_AWS=true is for when every account has had its bootstrap");
    });

    test("have the switch once the roles of every account are known", async () => {
      install("gh", gh);
      have("gh", "SLIPWAY_ROLE_LIVE_PLAN\tarn:live", "SLIPWAY_ROLE_REGISTRY_PLAN\tarn:registry");
      const { out } = await bootstrap({ writeSettings: true }, { ...github, ...env() });
      expect(kept("gh").at(-1)).toBe("SLIPWAY_AWS\ttrue");
      expect(out).not.toContain("is for when every account");
      const again = await bootstrap({ writeSettings: true }, { ...github, ...env() });
      expect(again.out).toContain("acme/shop on GitHub has the variables of this account\n");
    });

    test("are asked about on a terminal", async () => {
      install("gh", gh);
      have("gh");
      const no = await bootstrap({}, { ...github, ...env(), isTTY: true, stdin: "n\n" });
      expect(no.err).toContain("set 3 variables of acme/shop with gh? [y/N]");
      expect(kept("gh")).toEqual([]);
      expect(no.out).toContain("gh variable set SLIPWAY_ROLE_DEV_PLAN --repo acme/shop --body arn:plan");
      const yes = await bootstrap({}, { ...github, ...env(), isTTY: true, stdin: "y\n" });
      expect(yes.code).toBe(exitCodes.ok);
      expect(kept("gh")).toHaveLength(3);
    });

    describe("of GitLab", () => {
      const used = configurationOf({ pipelines: { gitlab: project.pipelines.gitlab } });
      const list = "git.example.org api projects/acme%2Fshop/variables?per_page=100";
      const ask = "git.example.org api projects/acme%2Fshop";
      const refuse = "api -X PUT projects/acme%2Fshop -f ci_allow_fork_pipelines_to_run_in_parent_project=false";
      const command = `  GITLAB_HOST=git.example.org glab ${refuse}\n`;
      const settled = [
        '{"key":"SLIPWAY_GITHUB_ENVIRONMENTS","value":"false"}',
        '{"key":"SLIPWAY_ROLE_DEV_PLAN","value":"arn:plan"}',
        '{"key":"SLIPWAY_ROLE_DEV_APPLY","value":"arn:apply"}',
      ];
      /** Keeps what it was called with, and the setting of forks: what it was, and what it is once somebody has changed it. */
      function glab(variables: readonly string[], setting: string | undefined, changed = "false"): void {
        const projectWith = (value: string | undefined): string =>
          value === undefined ? "{}" : `{"ci_allow_fork_pipelines_to_run_in_parent_project":${value}}`;
        have("glab");
        install(
          "glab",
          `echo "$GITLAB_HOST $*" >> "$variables"
case "$*" in
  *variables?per_page*) echo '[${variables.join()}]' ;;
  "api projects/acme%2Fshop") if test -e "$variables.changed"; then echo '${projectWith(changed)}'; else echo '${projectWith(setting)}'; fi ;;
  "api -X PUT"*) touch "$variables.changed" ;;
esac
`,
        );
      }

      test("are changed where they are there, with its host", async () => {
        glab(['{"key":"SLIPWAY_ROLE_DEV_PLAN","value":"old"}', '{"key":"HIDDEN","value":null}'], "false");
        const { code, err } = await bootstrap({ writeSettings: true }, { used, ...env() });
        expect(kept("glab")).toEqual([
          list,
          ask,
          "git.example.org variable set SLIPWAY_GITHUB_ENVIRONMENTS false --repo acme/shop",
          "git.example.org variable update SLIPWAY_ROLE_DEV_PLAN arn:plan --repo acme/shop",
          "git.example.org variable set SLIPWAY_ROLE_DEV_APPLY arn:apply --repo acme/shop",
          list,
        ]);
        // this one keeps nothing
        expect(code).toBe(exitCodes.failed);
        expect(err).toContain(
          "acme/shop does not have what was just written: SLIPWAY_GITHUB_ENVIRONMENTS, SLIPWAY_ROLE_DEV_PLAN, SLIPWAY_ROLE_DEV_APPLY; run it again, or set them by hand",
        );
      });

      test("keep pipelines of forks out, before jobs can take roles", async () => {
        glab([], "true");
        await bootstrap({ writeSettings: true }, { used, ...env() });
        expect(kept("glab").slice(0, 5)).toEqual([
          list,
          ask,
          `git.example.org ${refuse}`,
          ask,
          "git.example.org variable set SLIPWAY_GITHUB_ENVIRONMENTS false --repo acme/shop",
        ]);
      });

      test("keep pipelines of forks out where nothing else is to be done, and say so", async () => {
        glab(settled, "true");
        const first = await bootstrap({ writeSettings: true }, { used, ...env() });
        expect(first.code).toBe(exitCodes.ok);
        expect(first.err).toContain("✓ keep pipelines of forks out of acme/shop");
        expect(first.out).toContain("acme/shop on GitLab has the variables of this account\n");
        expect(first.out).toContain("acme/shop on GitLab keeps pipelines of forks out, since now\n");
        const again = await bootstrap({ json: true }, { used, json: true, ...env() });
        expect(JSON.parse(again.out)).toMatchObject({
          pipelines: [{ host: "gitlab", settled: true, forks: { out: true, written: false } }],
        });
        expect(kept("glab").filter((call) => call.includes("PUT"))).toHaveLength(1);
      });

      test("ask on a terminal, and a no leaves the command", async () => {
        glab([], "true");
        const no = await bootstrap({}, { used, ...env(), isTTY: true, stdin: "n\n" });
        expect(no.err).toContain(
          "set 3 variables of acme/shop and keep pipelines of forks out of acme/shop with glab? [y/N]",
        );
        expect(no.out).toContain(command);
        expect(kept("glab")).toEqual([list, ask]);

        glab(settled, "true");
        const yes = await bootstrap({}, { used, ...env(), isTTY: true, stdin: "y\n" });
        expect(yes.err).toContain("keep pipelines of forks out of acme/shop with glab? [y/N]");
        expect(yes.err).not.toContain("variables of acme/shop and");
        expect(yes.out).not.toContain(command);
        expect(kept("glab")).toContain(`git.example.org ${refuse}`);
      });

      test("ask nobody where a script reads the answer", async () => {
        glab(settled, "true");
        const { out, err } = await bootstrap({ json: true }, { used, json: true, ...env(), isTTY: true, stdin: "y\n" });
        expect(err).not.toContain("[y/N]");
        expect(JSON.parse(out)).toMatchObject({
          pipelines: [{ settled: true, forks: { out: false, written: false } }],
        });
        expect(kept("glab")).toEqual([list, ask]);
      });

      test("leave the command to somebody who may see whether pipelines of forks run", async () => {
        glab(settled, undefined);
        const unseen = await bootstrap({ writeSettings: true }, { used, ...env() });
        expect(unseen.code).toBe(exitCodes.ok);
        expect(unseen.out).toContain(command);
        install("glab", `case "$*" in *variables*) echo '[${settled.join()}]' ;; *) exit 1 ;; esac\n`);
        const refused = await bootstrap({ writeSettings: true }, { used, ...env() });
        expect(refused.code).toBe(exitCodes.ok);
        expect(refused.out).toContain(command);
      });

      test("fail the command where pipelines of forks run on", async () => {
        glab(settled, "true", "true");
        const { code, err } = await bootstrap({ writeSettings: true }, { used, ...env() });
        expect(code).toBe(exitCodes.failed);
        expect(err).toContain(
          `pipelines of forks still run in acme/shop, which was just told to keep them out; run it again, or do it by hand: GITLAB_HOST=git.example.org glab ${refuse}`,
        );
      });
    });

    test.each([
      ["is not installed", undefined, "gh is not on PATH: install it and log in, or run the commands by hand"],
      [
        "is not logged in",
        "echo 'not logged in' >&2; exit 1\n",
        'gh api --paginate repos/acme/shop/actions/variables says "not logged in": log in, or run the commands by hand',
      ],
    ])("fail the command where they were to be written and the program %s", async (_, script, reason) => {
      if (script !== undefined) install("gh", script);
      const where = { ...github, env: { PATH: `${programs}:${tools}` } };
      const wished = await bootstrap({ writeSettings: true }, where);
      expect(wished.code).toBe(exitCodes.failed);
      expect(wished.err).toContain(`the variables of acme/shop are not set: ${reason}`);
      const told = await bootstrap({}, where);
      expect(told.code).toBe(exitCodes.ok);
      expect(told.out).toContain("gh variable set SLIPWAY_ROLE_DEV_PLAN");
    });

    test("do not go to a placeholder", async () => {
      install("gh", gh);
      have("gh");
      const owner = { ...project.pipelines.github, owner: "example", repository: "example" };
      const used = configurationOf({ pipelines: { github: owner } });
      const { code, err } = await bootstrap({ writeSettings: true }, { used, ...env() });
      expect(code).toBe(exitCodes.failed);
      expect(err).toContain("example/example is a placeholder: run `npm run init`");
      expect(kept("gh")).toEqual([]);
    });
  });

  describe("the other commands on its stack", () => {
    test.each<[string, (session: Session) => Promise<void>]>([
      ["plan", (session) => planCommand(session, { environment: stack, json: false, applyNow: false })],
      ["deploy", (session) => deployCommand(session, { environment: stack, json: false, applyNow: false, yes: true })],
      [
        "destroy",
        (session) => destroyCommand(session, { environment: stack, json: false, yes: false, confirm: stack }),
      ],
    ])("%s does not guess what a bucket without a state means", async (_, command) => {
      bucketExists = true;
      const { code, err } = await ran(command, { env: { SLIPWAY_LIFETIME: "temporary" } });
      expect(code).toBe(exitCodes.failed);
      expect(err).toContain(
        `there is a bucket ${bucket}, and no state says what else there is: \`npm run bootstrap -- ${account}\` takes it over`,
      );
      expect(engine.calls).toEqual([]);
    });

    test("outputs are read from where the state is", async () => {
      bootstrapped(bucketInState);
      const outputs = (): Promise<Ran> =>
        ran((session) => outputsCommand(session, { environment: stack, json: false }));
      expect((await outputs()).out).toContain(`state_bucket  ${bucket}`);
      expect(synthesized.at(-1)).toMatchObject({
        SLIPWAY_STATE_BUCKET: `${bucket}@eu-west-1`,
        SLIPWAY_ENVIRONMENTS: stack,
      });
      bucketExists = false;
      objects.clear();
      engine.put("outputs.json", {});
      expect((await outputs()).err).toContain(`${stack} is not deployed: \`npm run bootstrap -- ${account}\``);
    });
  });

  describe("destroy", () => {
    const resource = (force: boolean) => ({
      address: "aws_s3_bucket.B",
      type: "aws_s3_bucket",
      name: "B",
      mode: "managed",
      values: { force_destroy: force },
    });
    const destroy = (env: Record<string, string> = { SLIPWAY_LIFETIME: "temporary" }): Promise<Ran> =>
      ran((session) => destroyCommand(session, { environment: stack, json: false, yes: false, confirm: stack }), {
        env,
      });

    beforeEach(() => {
      bootstrapped(bucketInState);
      engine.put("state.json", { values: { root_module: { resources: [resource(true)] } } });
      engine.put("state.pulled", objects.get(key) ?? "");
    });

    test("is refused while it is permanent", async () => {
      engine.put("state.json", { values: { root_module: { resources: [resource(false)] } } });
      const { code, err } = await destroy({});
      expect(code).toBe(exitCodes.guarded);
      expect(err).toContain(
        `${stack} is permanent, and its guards are up:\n  - aws_s3_bucket.B (force_destroy = false)\nthe states of account ${account} and the roles of its pipelines are in it; SLIPWAY_LIFETIME=temporary lowers the guards for one run`,
      );
    });

    test("is refused while the bucket holds what somebody needs", async () => {
      objects.set("shop/dev.tfstate", JSON.stringify({ serial: 1, lineage: "dev", resources: [bucketInState] }));
      objects.set("shop/live.tfstate", JSON.stringify({ serial: 1, lineage: "live", resources: [] }));
      objects.set("shop/live.tfstate.tflock", "{}");
      objects.set("notes.txt", "mine");
      const { code, err } = await destroy();
      expect(code).toBe(exitCodes.guarded);
      expect(err).toContain(
        `${bucket} goes with the bootstrap, and it still holds:\n  - notes.txt: not a state\n  - shop/dev.tfstate: 1 resource\n  - shop/live.tfstate.tflock: somebody is working on that state\ndestroy those first, the registry last (\`npm run destroy -- <environment>\`), and take away what is nobody's`,
      );
      expect(engine.calls.some((call) => call.startsWith("apply"))).toBe(false);
    });

    test("takes the state out of the bucket first, and forgets it when all is gone", async () => {
      objects.set("shop/live.tfstate", JSON.stringify({ serial: 1, lineage: "live", resources: [] }));
      engine.put("plan.json", {});
      const { code, err } = await destroy();
      expect(code).toBe(exitCodes.ok);
      expect(synthesized.map((env) => env["SLIPWAY_STATE_BUCKET"])).toEqual([`${bucket}@eu-west-1`, ""]);
      const calls = engine.calls.map((call) => call.split(" ").slice(0, 2).join(" "));
      expect(calls.indexOf("state pull")).toBeLessThan(calls.findIndex((call) => call.startsWith("apply")));
      expect(err).toContain(`destroyed ${stack} (1 resources;`);
      expect(existsSync(localFile())).toBe(false);
    });
  });
});
