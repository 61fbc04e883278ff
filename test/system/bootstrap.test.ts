import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import {
  CostExplorerClient,
  CreateAnomalyMonitorCommand,
  GetAnomalySubscriptionsCommand,
} from "@aws-sdk/client-cost-explorer";
import {
  CreateOpenIDConnectProviderCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { clientSettings } from "../../ci/aws/client-settings";
import { loadConfiguration } from "../../ci/configuration";
import { exitCodes } from "../../ci/exit-codes";
import type { Emulator } from "../../ci/tools/emulator";
import { Machine } from "./support/machine";
import { Proxy, type ServedCall } from "./support/proxy";
import { type Ended, Slipway } from "./support/slipway";

const { project } = loadConfiguration();
const { name, region, accounts } = project;
const GITHUB = "token.actions.githubusercontent.com";
const lowered = { SLIPWAY_LIFETIME: "temporary" };
const noPlan = /0 to create, 0 to change, 0 to replace, 0 to delete|nothing to change/;

/** An account, the command line with its credentials, and a line to AWS that can be cut. */
class Account {
  readonly stack: string;
  readonly bucket: string;
  readonly key: string;
  readonly s3: S3Client;
  readonly iam: IAMClient;
  readonly costs: CostExplorerClient;

  private constructor(
    readonly id: string,
    private readonly slipway: Slipway,
    readonly emulator: Emulator,
    readonly line: Proxy,
  ) {
    this.stack = `bootstrap-${id}`;
    this.bucket = `${name}-state-${id}`;
    this.key = `${name}/${this.stack}.tfstate`;
    const env = { AWS_ENDPOINT_URL: emulator.url, AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: "any" };
    this.s3 = new S3Client({ ...clientSettings(env, region, "S3"), forcePathStyle: true });
    this.iam = new IAMClient(clientSettings(env, region, "IAM"));
    this.costs = new CostExplorerClient(clientSettings(env, region, "COST_EXPLORER"));
  }

  static async open(machine: Machine, id: string, emulator: Emulator, directory: string): Promise<Account> {
    const slipway = new Slipway({ emulator, toolbox: machine.toolbox, account: id, region, directory });
    return new Account(id, slipway, emulator, await Proxy.start(emulator.url));
  }

  async close(): Promise<void> {
    for (const client of [this.s3, this.iam, this.costs]) client.destroy();
    this.slipway.clean();
    this.slipway.clean(this.overLine);
    await this.line.stop();
  }

  private get overLine(): Readonly<Record<string, string>> {
    return { AWS_ENDPOINT_URL: this.line.url };
  }

  /** Run a command over the line. */
  run(
    command: string,
    variables: Readonly<Record<string, string>> = {},
    meanwhile?: (child: ChildProcess) => Promise<void>,
  ): Promise<Ended> {
    return this.slipway.run(command, { ...variables, ...this.overLine }, meanwhile);
  }

  /** Run a command as somebody on another machine, whose line is another. */
  runElsewhere(command: string): Promise<Ended> {
    return this.slipway.run(command);
  }

  /** Run a command while something befalls its calls; afterwards the line is good again. */
  async runWhile(
    befalls: (call: ServedCall, child: ChildProcess) => "unheard" | void,
    command: string,
    variables: Readonly<Record<string, string>> = {},
  ): Promise<Ended> {
    try {
      return await this.run(command, variables, (child) => {
        this.line.served = (call) => Promise.resolve(befalls(call, child));
        return Promise.resolve();
      });
    } finally {
      this.line.served = () => Promise.resolve();
      this.line.lets = () => true;
      this.line.trouble = undefined;
    }
  }

  /** Nobody hears of this call, and nothing arrives after it. */
  cut(): "unheard" {
    this.line.trouble = { call: this.line.calls, what: "refused" };
    return "unheard";
  }

  /** The state on this machine, where there is one. */
  get localState(): string | undefined {
    const file = this.slipway.stateFile(this.stack, this.overLine);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  }

  async storedState(): Promise<{ readonly serial: number; readonly lineage: string } | undefined> {
    try {
      const { Body: body } = await this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key: this.key }));
      return JSON.parse((await body?.transformToString()) ?? "") as { serial: number; lineage: string };
    } catch {
      return undefined;
    }
  }

  async versionsOfState(): Promise<readonly string[]> {
    const { Versions: versions = [] } = await this.s3.send(
      new ListObjectVersionsCommand({ Bucket: this.bucket, Prefix: this.key }),
    );
    return versions.filter(({ Key: key }) => key === this.key).map(({ VersionId: id = "" }) => id);
  }

  async inventory(): Promise<string[]> {
    const all = await this.emulator.inventory();
    return all.filter(({ account }) => account === this.id).map(({ service, type, id }) => `${service} ${type} ${id}`);
  }
}

/** What a command said that should have gone well, and did not. */
const troubleOf = ({ code, said }: Ended): string => (code === exitCodes.ok ? "" : `exit code ${code}\n${said}`);

/** A role that pipelines take. */
const role = `${name}-stage-plan`;

async function attachedPolicies({ iam }: Account): Promise<string[]> {
  const { AttachedPolicies: policies = [] } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: role }));
  return policies.map(({ PolicyArn: arn = "" }) => arn).sort();
}

/** Calls that make what an account has once, in the order of their names. */
const unheard = ["CreateAnomalyMonitor", "CreateOpenIDConnectProvider", "CreatePolicy", "CreateRole"];

/** An account from nothing, with an accident in every step. */
async function accidents(account: Account) {
  const { line } = account;
  const bootstrap = `bootstrap ${account.id} --yes`;
  // everything else is for the next run
  line.lets = ({ action }) => !unheard.includes(action);
  const bucketUnheard = await account.runWhile(
    ({ request }) => (request.startsWith(`PUT /${account.bucket}`) ? account.cut() : undefined),
    bootstrap,
  );
  // one of each kind that must not be made twice; roles wait for the boundary
  const lost = new Map<string, string>();
  const answersUnheard = await account.runWhile(({ action, body }) => {
    if (!unheard.includes(action) || body.includes(`PolicyName=${name}-boundary`)) return undefined;
    if (!lost.has(action)) lost.set(action, body);
    return lost.get(action) === body ? "unheard" : undefined;
  }, bootstrap);
  const interrupted = await account.runWhile(({ action }, child) => {
    if (action === "AttachRolePolicy") child.kill("SIGINT");
  }, bootstrap);
  let reads = 0;
  const refused = await account.runWhile(({ request }) => {
    if (!request.startsWith(`GET /${account.bucket}/${account.key}`)) return;
    reads += 1;
    // the third is the last thing that is asked of the bucket before the state is written there
    if (reads === 3) line.trouble = { call: line.calls, what: "refused" };
  }, bootstrap);
  const beforeMove = { local: account.localState, stored: await account.storedState() };
  const killed = await account.runWhile(({ request }, child) => {
    if (request.startsWith(`PUT /${account.bucket}/${account.key}`) && !request.includes(".tflock")) {
      child.kill("SIGKILL");
    }
  }, bootstrap);
  const afterKill = { local: account.localState, stored: await account.storedState() };
  const done = await account.run(bootstrap);
  const afterAll = { local: account.localState, stored: await account.storedState() };
  const again = await account.run(bootstrap);
  return {
    bucketUnheard,
    answersUnheard,
    lost,
    interrupted,
    refused,
    beforeMove,
    killed,
    afterKill,
    done,
    afterAll,
    again,
  };
}

/** Two people change the same account at the same time. */
async function twoAtOnce(account: Account) {
  const bootstrap = `bootstrap ${account.id} --yes`;
  const whole = await attachedPolicies(account);
  await account.iam.send(new DetachRolePolicyCommand({ RoleName: role, PolicyArn: whole[0] }));
  let second: Ended | undefined;
  const first = await account.run(bootstrap, {}, () => {
    account.line.served = async ({ action }) => {
      if (action !== "AttachRolePolicy" || second !== undefined) return;
      // the first holds the lock until the other has heard of it
      second = await account.runElsewhere(bootstrap);
    };
    return Promise.resolve();
  });
  account.line.served = () => Promise.resolve();
  return { first, second, whole, mended: await attachedPolicies(account), versions: await account.versionsOfState() };
}

/** An account that had something before, whose state is lost, and that is left in the end. */
async function beforeAndAfter(account: Account) {
  const monitor = await account.costs.send(
    new CreateAnomalyMonitorCommand({
      AnomalyMonitor: {
        MonitorName: "Default-Services-Monitor",
        MonitorType: "DIMENSIONAL",
        MonitorDimension: "SERVICE",
      },
    }),
  );
  const provider = await account.iam.send(
    new CreateOpenIDConnectProviderCommand({
      Url: `https://${GITHUB}`,
      ClientIDList: ["sts.amazonaws.com"],
      ThumbprintList: [],
    }),
  );
  const before = await account.inventory();
  const bootstrap = `bootstrap ${account.id} --yes`;
  const made = await account.run(bootstrap);
  const { AnomalySubscriptions: subscriptions = [] } = await account.costs.send(new GetAnomalySubscriptionsCommand({}));
  const { Role: planRole } = await account.iam.send(new GetRoleCommand({ RoleName: `${name}-dev-plan` }));

  for (const version of await account.versionsOfState()) {
    const object = { Bucket: account.bucket, Key: account.key, VersionId: version };
    await account.s3.send(new DeleteObjectCommand(object));
  }
  const lostPlan = await account.run(`plan ${account.stack}`);
  const lostBootstrap = await account.run(bootstrap);
  const plan = await account.run(`plan ${account.stack}`);

  const guarded = await account.run(`destroy ${account.stack} --confirm ${account.stack}`);
  const other = { Bucket: account.bucket, Key: `${name}/dev.tfstate` };
  const resource = { mode: "managed", type: "aws_vpc", name: "Network", instances: [{ attributes: {} }] };
  const state = (resources: readonly unknown[]) =>
    JSON.stringify({ version: 4, serial: 1, lineage: "of-dev", resources });
  await account.s3.send(new PutObjectCommand({ ...other, Body: state([resource]) }));
  const destroy = `destroy ${account.stack} --confirm ${account.stack}`;
  const needed = await account.run(destroy, lowered);
  await account.s3.send(new PutObjectCommand({ ...other, Body: state([]) }));
  const interruptedDestroy = await account.runWhile(
    ({ action }) => (action === "DeleteRole" ? account.cut() : undefined),
    destroy,
    lowered,
  );
  const destroyed = await account.run(destroy, lowered);
  return {
    ...{ monitor, provider, before, made, subscriptions, planRole, lostPlan, lostBootstrap, plan },
    ...{ guarded, needed, interruptedDestroy, destroyed },
    ...{ left: await account.inventory(), local: account.localState },
  };
}

let machine: Machine;
let emulator: Emulator;
let stage: Account;
let dev: Account;
let story: Awaited<ReturnType<typeof accidents>>;
let race: Awaited<ReturnType<typeof twoAtOnce>>;
let life: Awaited<ReturnType<typeof beforeAndAfter>>;
let left: { readonly ended: Ended; readonly inventory: readonly string[] };

beforeAll(async () => {
  machine = await Machine.open("bootstrap");
  const started = await machine.emulator(accounts["stage"] ?? "");
  emulator = started.emulator;
  stage = await Account.open(machine, accounts["stage"] ?? "", emulator, started.directory);
  dev = await Account.open(machine, accounts["dev"] ?? "", emulator, started.directory);
  // the rules of a bucket are a minute of waiting and no work: two accounts side by side take the time of one
  [life] = await Promise.all([
    beforeAndAfter(dev),
    (async () => {
      story = await accidents(stage);
      race = await twoAtOnce(stage);
      const ended = await stage.run(`destroy ${stage.stack} --confirm ${stage.stack}`, lowered);
      left = { ended, inventory: await stage.inventory() };
    })(),
  ]);
});

afterAll(async () => {
  await stage.close();
  await dev.close();
  await emulator.stop();
  machine.close();
});

describe("from nothing, with an accident in every step,", () => {
  test("a bucket of which nobody heard is taken over", () => {
    expect(story.bucketUnheard.code).toBe(exitCodes.failed);
    expect(story.answersUnheard.said).toContain(`taking over ${stage.bucket} (aws_s3_bucket.`);
  });

  test("so are roles, policies, providers and the monitor whose answers were lost", () => {
    expect(story.answersUnheard.code).toBe(exitCodes.failed);
    expect([...story.lost.keys()].sort()).toEqual(unheard);
    const taken = [...story.interrupted.said.matchAll(/^taking over \S+ \((\w+)\./gm)].map(([, type]) => type);
    expect(new Set(taken)).toEqual(
      new Set(["aws_ce_anomaly_monitor", "aws_iam_openid_connect_provider", "aws_iam_policy", "aws_iam_role"]),
    );
  });

  test("Ctrl-C in the middle says how to go on", () => {
    expect(story.interrupted.code).toBe(exitCodes.interrupted);
    expect(story.interrupted.said).toContain(`to go on from here: \`npm run bootstrap -- ${stage.id} --yes\``);
  });

  test("the state stays on the machine while the bucket does not take it", () => {
    expect(story.refused.code).toBe(exitCodes.failed);
    expect(story.refused.said).toContain(`✗ move the state to s3://${stage.bucket}/${stage.key}`);
    expect(story.beforeMove.local).toContain(`"lineage"`);
    expect(story.beforeMove.stored).toBeUndefined();
  });

  test("and goes from there only after it was read back", () => {
    expect(story.killed.code).toBeNull();
    const local = JSON.parse(story.afterKill.local ?? "") as { serial: number; lineage: string };
    expect(story.afterKill.stored).toMatchObject({ serial: local.serial, lineage: local.lineage });
    expect(story.done.said).toContain("removed the copy of the state on this machine");
    expect(story.afterAll.local).toBeUndefined();
    expect(story.afterAll.stored).toMatchObject({ lineage: local.lineage });
  });

  test("the last run is green, and there is nothing left to do", () => {
    expect(troubleOf(story.done)).toBe("");
    expect(troubleOf(story.again)).toBe("");
    expect(story.again.said).toMatch(noPlan);
  });
});

test("of two at once one is refused, and hears who holds the lock", () => {
  expect(race.second?.code).toBe(exitCodes.failed);
  expect(race.second?.said).toMatch(/the lock of the state is held by \S+@\S+, for .*apply/i);
  expect(troubleOf(race.first)).toBe("");
  expect(race.mended).toEqual(race.whole);
  // the bucket keeps what was there before
  expect(race.versions.length).toBeGreaterThan(1);
});

describe("an account that had a monitor and a provider", () => {
  test("keeps them, and what is made uses them", () => {
    expect(troubleOf(life.made)).toBe("");
    expect(life.made.said).toContain(
      "using the monitor of cost anomalies that the account has: Default-Services-Monitor",
    );
    expect(life.made.said).toContain(`using the identity provider that the account has: ${GITHUB}`);
    expect(life.subscriptions.map(({ MonitorArnList: arns }) => arns)).toEqual([[life.monitor.MonitorArn]]);
    expect(decodeURIComponent(life.planRole?.AssumeRolePolicyDocument ?? "")).toContain(
      `"${life.provider.OpenIDConnectProviderArn}"`,
    );
  });

  test("whose state was lost is taken over as it is, by bootstrap alone", () => {
    expect(life.lostPlan.code).toBe(exitCodes.failed);
    expect(life.lostPlan.said).toContain(
      `there is a bucket ${dev.bucket}, and no state says what else there is: \`npm run bootstrap -- ${dev.id}\` takes it over`,
    );
    expect(troubleOf(life.lostBootstrap)).toBe("");
    expect(life.lostBootstrap.said).toContain(`taking over ${dev.bucket} (aws_s3_bucket.`);
    expect(life.lostBootstrap.said).toMatch(/, 0 to replace, 0 to delete/);
    expect(troubleOf(life.plan)).toBe("");
  });

  test("is left only on purpose, and only when nobody needs its states", () => {
    expect(life.guarded.code).toBe(exitCodes.guarded);
    expect(life.needed.code).toBe(exitCodes.guarded);
    expect(life.needed.said).toContain(
      `${dev.bucket} goes with the bootstrap, and it still holds:\n  - ${name}/dev.tfstate: 1 resource\n`,
    );
  });

  test("is left in two runs, when the first is cut off, with what it had before", () => {
    expect(life.interruptedDestroy.code).toBe(exitCodes.failed);
    expect(troubleOf(life.destroyed)).toBe("");
    expect(life.before).toHaveLength(2);
    expect(life.left).toEqual(life.before);
    expect(life.local).toBeUndefined();
  });
});

test("leaving an account leaves nothing", () => {
  expect(troubleOf(left.ended)).toBe("");
  expect(left.inventory).toEqual([]);
});

test("the emulator could answer everything", async () => {
  expect(await emulator.unknownCalls()).toEqual([]);
});
