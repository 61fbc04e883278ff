import { EventEmitter } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import path from "node:path";
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  GetAccessKeyLastUsedCommand,
  IAMClient,
  ListAccessKeysCommand,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { clientSettings } from "../../ci/aws/client-settings";
import { imagesKeyCommand, imagesUploadCommand } from "../../ci/commands/images";
import { loadConfiguration } from "../../ci/configuration";
import { exitCodes } from "../../ci/exit-codes";
import { quietMs, settleMs } from "../../ci/images/key-plan";
import { awsVariables, neutral } from "../../ci/rehearse/variables";
import type { Emulator } from "../../ci/tools/emulator";
import { type ImagesContract, imagesContractName } from "../../constructs/shared/images-contract-v1";
import { type Ran, runCommand } from "../ci/support/run-command";
import { Machine } from "./support/machine";
import { Proxy, type Trouble } from "./support/proxy";
import { processVariables, root } from "./support/slipway";

const configuration = loadConfiguration();
const { name: project, region, accounts } = configuration.project;
const account = accounts["dev"] ?? "";

let machine: Machine;
let emulator: Emulator;
let proxy: Proxy;
/** Variables of the commands, which talk to the proxy. */
let env: Record<string, string>;
let iam: IAMClient;
let s3: S3Client;
let secrets: SecretsManagerClient;
let ssm: SSMClient;
let directEnv: Record<string, string>;

beforeAll(async () => {
  machine = await Machine.open("images");
  const started = await machine.emulator(account);
  emulator = started.emulator;
  proxy = await Proxy.start(emulator.url);
  const { directory } = started;
  directEnv = { ...neutral(processVariables()), ...awsVariables({ url: emulator.url, account, region, directory }) };
  env = { ...directEnv, AWS_ENDPOINT_URL: proxy.url };
  iam = new IAMClient(clientSettings(directEnv, region, "IAM"));
  s3 = new S3Client({ ...clientSettings(directEnv, region, "S3"), forcePathStyle: true });
  secrets = new SecretsManagerClient(clientSettings(directEnv, region, "SECRETS_MANAGER"));
  ssm = new SSMClient(clientSettings(directEnv, region, "SSM"));
});

afterAll(async () => {
  const unknown = await emulator.unknownCalls();
  for (const client of [iam, s3, secrets, ssm]) client.destroy();
  await proxy.stop();
  await emulator.stop();
  machine.close();
  expect(unknown).toEqual([]);
});

let images: ImagesContract;
let signals: EventEmitter;
/** Secret halves of all keys that were ever made, and all that the commands have said. */
let secretHalves: string[];
let said: string;
/** What stood in IAM and in the secret after each change. */
let moments: Moment[];

interface Moment {
  readonly after: string;
  readonly keys: number;
  readonly active: readonly string[];
  readonly current: string | undefined;
}

let stories = 0;

/** An uploader and a secret of their own, as Terraform makes them: without a key. */
async function begin(): Promise<void> {
  stories += 1;
  images = {
    version: 1,
    bucket: `${project}-dev-images-${account}`,
    region,
    prefix: "images",
    baseUrl: "https://images.example.com",
    uploader: `${project}-dev-images-uploader-${stories}`,
    keySecret: `/${project}/dev/images/uploader-key-${stories}`,
  };
  await iam.send(new CreateUserCommand({ UserName: images.uploader, Path: `/${project}/dev/` }));
  await secrets.send(new CreateSecretCommand({ Name: images.keySecret }));
  const parameter = { Name: imagesContractName(`/${project}/dev`), Type: "String" as const, Overwrite: true };
  await ssm.send(new PutParameterCommand({ ...parameter, Value: JSON.stringify(images) }));
  signals = new EventEmitter();
  secretHalves = [];
  said = "";
  moments = [];
  quiet();
}

function quiet(): void {
  proxy.calls = 0;
  proxy.trouble = undefined;
}

beforeEach(async () => {
  proxy.served = async ({ action, answer }) => {
    if (!/^(CreateAccessKey|UpdateAccessKey|DeleteAccessKey|PutSecretValue|UpdateSecretVersionStage)$/.test(action))
      return;
    const made = /<SecretAccessKey>(.*?)<\/SecretAccessKey>/.exec(answer)?.[1];
    if (made !== undefined) secretHalves.push(made);
    moments.push({ after: action, ...(await stand()) });
  };
  await begin();
});

afterEach(() => {
  jest.restoreAllMocks();
  // what was never made cannot be shown
  if (moments.length > 0) expect(secretHalves).not.toEqual([]);
  for (const half of secretHalves) expect(said).not.toContain(half);
  for (const { keys } of moments) expect(keys).toBeLessThanOrEqual(2);
});

/** What is in IAM and in the secret. */
async function stand(): Promise<Omit<Moment, "after">> {
  const { AccessKeyMetadata: keys = [] } = await iam.send(new ListAccessKeysCommand({ UserName: images.uploader }));
  const active = keys.filter(({ Status: status }) => status === "Active").map(({ AccessKeyId: id }) => id ?? "");
  return { keys: keys.length, active, current: (await currentPair())?.accessKeyId };
}

interface Pair {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

async function currentPair(): Promise<Pair | undefined> {
  const id = { SecretId: images.keySecret };
  const { VersionIdsToStages: labels = {} } = await secrets.send(new DescribeSecretCommand(id));
  if (!Object.values(labels).flat().includes("AWSCURRENT")) return undefined;
  const { SecretString: value = "" } = await secrets.send(new GetSecretValueCommand(id));
  return JSON.parse(value) as Pair;
}

/** An uploader uses a key. */
async function use(pair: Pair | undefined): Promise<void> {
  if (pair === undefined) throw new Error("the secret is empty");
  const client = new STSClient({ ...clientSettings(directEnv, region, "STS"), credentials: pair });
  await client.send(new GetCallerIdentityCommand({}));
  client.destroy();
}

type Flags = { readonly rotate?: boolean; readonly revoke?: boolean; readonly force?: boolean };

async function key(flags: Flags, trouble?: Trouble): Promise<Ran> {
  proxy.calls = 0;
  proxy.trouble = trouble;
  const { rotate = false, revoke = false, force = false } = flags;
  const options = { environment: "dev", rotate, revoke, force, yes: revoke, json: false };
  const ran = await runCommand((session) => imagesKeyCommand(session, options), { configuration, env, root, signals });
  said += ran.out + ran.err;
  return ran;
}

async function done(flags: Flags): Promise<Ran> {
  const ran = await key(flags);
  expect({ code: ran.code, err: ran.code === exitCodes.ok ? "" : ran.err }).toEqual({ code: exitCodes.ok, err: "" });
  return ran;
}

/** The command believes that it is later. */
function later(ms: number): void {
  jest.restoreAllMocks();
  const now = Date.now.bind(Date);
  jest.spyOn(Date, "now").mockImplementation(() => now() + ms);
}

describe("images upload", () => {
  test("stores images with their type for a year, prints their addresses, and skips them the next time", async () => {
    await s3.send(new CreateBucketCommand({ Bucket: images.bucket }));
    const folder = mkdtempSync(path.join(machine.directory, "files-"));
    const png = Buffer.from("\x89PNG\r\n\x1a\nrest", "latin1");
    writeFileSync(path.join(folder, "hero.png"), png);
    writeFileSync(path.join(folder, "cat.jpg"), Buffer.from("\xff\xd8\xff\xe0rest", "latin1"));
    const upload = (): Promise<Ran> =>
      runCommand(
        (session) => imagesUploadCommand(session, { environment: "dev", files: ["hero.png", "cat.jpg"], json: true }),
        { configuration, env: { ...env, INIT_CWD: folder }, root, json: true },
      );
    const files = ({ out }: Ran): { readonly key: string; readonly url: string; readonly status: string }[] =>
      JSON.parse(out).files;

    const first = await upload();
    expect({ code: first.code, err: first.code === exitCodes.ok ? "" : first.err }).toEqual({ code: 0, err: "" });
    expect(files(first).map(({ status }) => status)).toEqual(["uploaded", "uploaded"]);
    const [hero] = files(first);
    expect(hero?.url).toBe(`https://images.example.com/${hero?.key}`);
    const head = await s3.send(new HeadObjectCommand({ Bucket: images.bucket, Key: hero?.key ?? "" }));
    expect(head).toMatchObject({
      ContentType: "image/png",
      CacheControl: "public,max-age=31536000,immutable",
      ContentLength: png.length,
    });

    const second = await upload();
    expect(files(second).map(({ status }) => status)).toEqual(["present", "present"]);
    expect(files(second).map(({ url }) => url)).toEqual(files(first).map(({ url }) => url));
  });
});

describe("images key", () => {
  test("issues a key that works, once", async () => {
    await done({});
    const pair = await currentPair();
    expect(pair).toMatchObject({ userName: images.uploader, bucket: images.bucket, prefix: "images", region });
    await use(pair);
    await done({});
    expect(await stand()).toEqual({ keys: 1, active: [pair?.accessKeyId], current: pair?.accessKeyId });
  });

  test("rotates in two runs: the old key goes when it is known to be out of use", async () => {
    await done({});
    const old = await currentPair();
    await use(old);

    const began = await done({ rotate: true });
    expect(began.out).toContain(`the secret holds the new key; the old one, ${old?.accessKeyId}, still works`);
    const fresh = await currentPair();
    expect(fresh?.accessKeyId).not.toBe(old?.accessKeyId);
    expect(await stand()).toMatchObject({ keys: 2, current: fresh?.accessKeyId });

    // the date of a use has whole seconds
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await use(old);
    later(settleMs + 60_000);
    const refused = await key({ rotate: true });
    expect(refused.err).toContain(`the old key, ${old?.accessKeyId}, was used after the new one was stored, and stays`);
    expect(refused.code).toBe(exitCodes.guarded);
    expect(await stand()).toMatchObject({ keys: 2, current: fresh?.accessKeyId });
    await use(old);

    later(quietMs);
    await done({ rotate: true });
    expect(await stand()).toEqual({ keys: 1, active: [fresh?.accessKeyId], current: fresh?.accessKeyId });
    await expect(use(old)).rejects.toThrow("The security token included in the request is invalid");
  });

  test("--force does not wait", async () => {
    await done({});
    const old = await currentPair();
    await use(old);
    await done({ rotate: true, force: true });
    const { keys, current } = await stand();
    expect(keys).toBe(1);
    expect(current).not.toBe(old?.accessKeyId);
  });

  test("revokes all, and issues anew", async () => {
    await done({});
    const old = await currentPair();
    await done({ rotate: true });
    expect((await done({ revoke: true })).out).toBe(`${images.uploader} has no access key any more\n`);
    expect((await stand()).keys).toBe(0);
    await expect(use(old)).rejects.toThrow();
    await done({});
    expect(await stand()).toMatchObject({ keys: 1, active: [(await currentPair())?.accessKeyId] });
  });

  test("a key that was made and never stored is removed, one that somebody uses is not", async () => {
    const { AccessKey: stray } = await iam.send(new CreateAccessKeyCommand({ UserName: images.uploader }));
    expect(await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: stray?.AccessKeyId ?? "" }))).toBeDefined();
    await done({});
    expect((await stand()).keys).toBe(1);
    expect((await stand()).active).not.toContain(stray?.AccessKeyId);

    const { AccessKey: used } = await iam.send(new CreateAccessKeyCommand({ UserName: images.uploader }));
    await use({ accessKeyId: used?.AccessKeyId ?? "", secretAccessKey: used?.SecretAccessKey ?? "" });
    const { err } = await done({});
    expect(err).toContain(`${images.uploader} has another key, ${used?.AccessKeyId}`);
    expect((await stand()).active).toContain(used?.AccessKeyId);
  });
});

describe.each<[string, Flags]>([
  ["an issue", {}],
  ["a rotation", { rotate: true, force: true }],
  ["a revocation", { revoke: true }],
])("%s that is interrupted at any call, and run again,", (_, flags) => {
  const isRotation = flags.rotate === true;

  /** What the command works on: an issue begins with nothing. */
  async function prepare(): Promise<void> {
    await begin();
    if (!isRotation && flags.revoke !== true) return;
    await done({});
    await use(await currentPair());
    moments.length = 0;
  }

  /** What stands when all is done; and what has to stand at every moment. */
  async function expectGoal(before: string | undefined): Promise<void> {
    const { keys, active, current } = await stand();
    if (flags.revoke === true) expect(keys).toBe(0);
    else {
      expect(keys).toBe(1);
      expect(active).toEqual([current]);
      await use(await currentPair());
    }
    for (const moment of moments) {
      expect(moment.keys).toBeLessThanOrEqual(2);
      if (!isRotation) continue;
      expect(moment.active.length).toBeGreaterThanOrEqual(1);
      // whoever reads the secret gets a key that works
      expect(moment.active).toContain(moment.current);
    }
    if (isRotation) expect(current).not.toBe(before);
    for (const half of secretHalves) expect(said).not.toContain(half);
  }

  async function calls(): Promise<number> {
    await prepare();
    await done(flags);
    return proxy.calls;
  }

  test.each(["refused", "unheard", "lost once", "SIGINT"] as const)("%s", async (what) => {
    const all = await calls();
    expect(all).toBeGreaterThan(8);
    let ended = 0;
    for (let call = 0; call < all; call += 1) {
      await prepare();
      const before = (await currentPair())?.accessKeyId;
      const trouble = what === "SIGINT" ? () => void signals.emit("SIGINT") : what;
      const { code } = await key(flags, { call, what: trouble });
      if (what === "refused" || what === "unheard") expect(code).not.toBe(exitCodes.ok);
      if (what === "SIGINT") expect([exitCodes.ok, exitCodes.interrupted]).toContain(code);
      if (code !== exitCodes.ok) ended += 1;
      const finished = isRotation && code === exitCodes.ok;
      if (!finished) await done(flags);
      await expectGoal(before);
    }
    // an answer that is lost once is asked for again, mostly without the command's knowledge
    if (what !== "lost once") expect(ended).toBeGreaterThan(all / 2);
  });
});
