import { EventEmitter } from "node:events";
import {
  CreateBrokerCommand,
  DescribeBrokerCommand,
  DescribeUserCommand,
  ListUsersCommand,
  MqClient,
} from "@aws-sdk/client-mq";
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { clientSettings } from "../../ci/aws/client-settings";
import { mqttRotateCommand, mqttSyncCommand } from "../../ci/commands/mqtt";
import { exitCodes } from "../../ci/exit-codes";
import { awsVariables, neutral } from "../../ci/rehearse/variables";
import type { Emulator } from "../../ci/tools/emulator";
import { type ActiveMqContract, mqttContractName } from "../../constructs/shared/mqtt-contract-v1";
import { environments, project as projectAsWritten } from "../support/shipped";
import { parseConfiguration } from "../../environments/checks";
import { type Ran, runCommand } from "../ci/support/run-command";
import { Machine } from "./support/machine";
import { Proxy, type Trouble } from "./support/proxy";
import { processVariables, root } from "./support/slipway";

const activeMq = { engine: "activemq", deployment: "single", instanceType: "mq.t3.micro" } as const;
const configuration = parseConfiguration(projectAsWritten, {
  ...environments,
  dev: { ...environments.dev, mqtt: activeMq },
});
const { name: project, region, accounts } = configuration.project;
const account = accounts["dev"] ?? "";

let machine: Machine;
let emulator: Emulator;
let proxy: Proxy;
/** Variables of the commands, which talk to the proxy. */
let env: Record<string, string>;
let mq: MqClient;
let secrets: SecretsManagerClient;
let ssm: SSMClient;

beforeAll(async () => {
  machine = await Machine.open("mqtt-logins");
  const started = await machine.emulator(account);
  emulator = started.emulator;
  proxy = await Proxy.start(emulator.url);
  const { directory } = started;
  const direct = { ...neutral(processVariables()), ...awsVariables({ url: emulator.url, account, region, directory }) };
  env = { ...direct, AWS_ENDPOINT_URL: proxy.url };
  mq = new MqClient(clientSettings(direct, region, "MQ"));
  secrets = new SecretsManagerClient(clientSettings(direct, region, "SECRETS_MANAGER"));
  ssm = new SSMClient(clientSettings(direct, region, "SSM"));
});

afterAll(async () => {
  const unknown = await emulator.unknownCalls();
  for (const client of [mq, secrets, ssm]) client.destroy();
  await proxy.stop();
  await emulator.stop();
  machine.close();
  expect(unknown).toEqual([]);
});

let stories = 0;
let signals: EventEmitter;
let broker: string;
let secretPrefix: string;
/** Every password that the broker was told, and all that the commands have said. */
let passwords: string[];
let said: string;
/** Moments at which somebody read a login that the running broker does not know. */
let locked: string[];
/** Clients that had a login before. */
let had: readonly string[];

/** A broker and empty secrets, as Terraform makes them. */
async function begin(clients: readonly string[] = ["server", "pump"]): Promise<void> {
  stories += 1;
  proxy.trouble = undefined;
  proxy.served = () => Promise.resolve();
  secretPrefix = `/${project}/dev/mqtt-${stories}/`;
  for (const client of ["server", "pump"]) {
    await secrets.send(new CreateSecretCommand({ Name: `${secretPrefix}${client}` }));
  }
  const made = await mq.send(
    new CreateBrokerCommand({
      AutoMinorVersionUpgrade: true,
      BrokerName: `broker-${stories}`,
      DeploymentMode: "SINGLE_INSTANCE",
      EngineType: "ACTIVEMQ",
      EngineVersion: "5.19",
      HostInstanceType: "mq.t3.micro",
      PubliclyAccessible: false,
      Users: [{ Username: "bootstrap", Password: "only-for-the-making-1" }],
    }),
  );
  broker = made.BrokerId ?? "";
  await writeContract(clients);
  signals = new EventEmitter();
  passwords = [];
  said = "";
  locked = [];
  had = [];
}

async function writeContract(clients: readonly string[]): Promise<void> {
  const contract: ActiveMqContract = {
    version: 1,
    engine: "activemq",
    host: "broker.example.com",
    port: 8883,
    topicPrefix: "dev/devices",
    brokerId: broker,
    logs: { audit: true, general: true },
    clients,
    secretPrefix,
  };
  const parameter = { Name: mqttContractName(`/${project}/dev`), Type: "String" as const, Overwrite: true };
  await ssm.send(new PutParameterCommand({ ...parameter, Value: JSON.stringify(contract) }));
}

async function run(command: Parameters<typeof runCommand>[0], trouble?: Trouble): Promise<Ran> {
  proxy.calls = 0;
  proxy.trouble = trouble;
  proxy.served = async ({ action, request, body }) => {
    if (!/\/users\/|\/reboot/.test(request) && action !== "UpdateSecretVersionStage") return;
    const { password } = JSON.parse(request.includes("/users/") && body !== "" ? body : "{}") as Login;
    if (password !== undefined) passwords.push(password);
    for (const client of had) {
      const { username = "" } = await read(client);
      if (!(await isKnown(username))) locked.push(`${client} reads ${username} after ${request}`);
    }
  };
  const ran = await runCommand(command, { configuration, env, root, signals });
  said += ran.out + ran.err;
  for (const password of passwords) expect(said).not.toContain(password);
  return ran;
}

const options = { environment: "dev", yes: true, json: false, pollMs: 10 };
const sync = (trouble?: Trouble): Promise<Ran> => run((session) => mqttSyncCommand(session, options), trouble);
const rotate = (retire = false, trouble?: Trouble): Promise<Ran> =>
  run((session) => mqttRotateCommand(session, { ...options, client: "pump", retire }), trouble);

async function done(ran: Promise<Ran>): Promise<Ran> {
  const { code, err } = await ran;
  expect({ code, err: code === exitCodes.ok ? "" : err }).toEqual({ code: exitCodes.ok, err: "" });
  return ran;
}

interface Login {
  readonly username?: string;
  readonly password?: string;
}

/** What a reader of a client's secret gets. */
async function read(client: string): Promise<Login> {
  const { SecretString: value = "{}" } = await secrets.send(
    new GetSecretValueCommand({ SecretId: `${secretPrefix}${client}` }),
  );
  return JSON.parse(value) as Login;
}

/** Whether the running broker lets a login in. */
async function isKnown(username: string): Promise<boolean> {
  const users = await usersWith();
  return username in users && users[username] !== "CREATE";
}

/** The broker's users, each with what waits for a restart. */
async function usersWith(): Promise<Record<string, string | undefined>> {
  const { Users: users = [] } = await mq.send(new ListUsersCommand({ BrokerId: broker }));
  return Object.fromEntries(users.map(({ Username: name = "", PendingChange: pending }) => [name, pending]));
}

/** Every client reads a login that is one of its group, and nobody else is let in. */
async function expectLogins(logins: Readonly<Record<string, string>>, besides: readonly string[] = []): Promise<void> {
  const wanted = [...Object.values(logins), ...besides];
  expect(await usersWith()).toEqual(Object.fromEntries(wanted.map((name) => [name, undefined])));
  for (const [client, login] of Object.entries(logins)) {
    const { username, password = "" } = await read(client);
    expect(username).toBe(login);
    expect(passwords).toContain(password);
    const { Groups: groups } = await mq.send(new DescribeUserCommand({ BrokerId: broker, Username: login }));
    expect(groups).toEqual([client]);
  }
}

test("sync gives every client its login, turns logs on, and deletes the one that Terraform had to make", async () => {
  await begin();
  expect((await done(sync())).out).toContain("server, pump have their logins");
  await expectLogins({ server: "server-a", pump: "pump-a" });
  const { Logs: logs, BrokerState: state } = await mq.send(new DescribeBrokerCommand({ BrokerId: broker }));
  expect({ state, logs }).toMatchObject({ state: "RUNNING", logs: { Audit: true, General: true } });

  const before = await read("pump");
  expect((await done(sync())).out).toContain("nothing to change");
  expect(await read("pump")).toEqual(before);
});

test("a client comes and goes with the environment's file, and the others keep their logins", async () => {
  await begin(["server"]);
  await done(sync());
  await expectLogins({ server: "server-a" });
  const before = await read("server");
  await writeContract(["server", "pump"]);
  await done(sync());
  await expectLogins({ server: "server-a", pump: "pump-a" });
  await writeContract(["server"]);
  await done(sync());
  expect(Object.keys(await usersWith())).toEqual(["server-a"]);
  expect(await read("server")).toEqual(before);
});

test("rotate gives the other login, keeps the one before, and retires it when it is told to", async () => {
  await begin();
  await done(sync());
  const before = await read("pump");
  had = ["server", "pump"];
  expect((await done(rotate())).out).toContain("pump reads login pump-b; pump-a stays valid");
  await expectLogins({ server: "server-a", pump: "pump-b" }, ["pump-a"]);
  expect((await read("pump")).password).not.toBe(before.password);
  expect((await done(rotate(true))).out).toContain("login pump-a is gone");
  await expectLogins({ server: "server-a", pump: "pump-b" });
  await done(rotate());
  await expectLogins({ server: "server-a", pump: "pump-a" }, ["pump-b"]);
  expect(locked).toEqual([]);
});

const kinds = ["refused", "unheard", "SIGINT"] as const;

// each kind takes every third call, so that together they take each; test/ci/mqtt-logins.test.ts takes all of each, in memory
describe.each(kinds)("at any call: %s", (what) => {
  const trouble = (call: number): Trouble => ({
    call,
    what: what === "SIGINT" ? () => void signals.emit("SIGINT") : what,
  });

  test("a rotation that ends there and a sync leave everybody a login that works", async () => {
    await begin();
    await done(sync());
    await done(rotate());
    const all = proxy.calls;
    expect(all).toBeGreaterThan(20);
    let ended = 0;
    for (let call = kinds.indexOf(what); call < all; call += kinds.length) {
      await begin();
      await done(sync());
      had = ["server", "pump"];
      const { code } = await rotate(false, trouble(call));
      if (code === exitCodes.ok) continue;
      ended += 1;
      await done(sync());
      const { username = "" } = await read("pump");
      const other = username === "pump-a" ? "pump-b" : "pump-a";
      await expectLogins({ server: "server-a", pump: username }, other in (await usersWith()) ? [other] : []);
      expect(locked).toEqual([]);
    }
    expect(ended).toBeGreaterThan(all / kinds.length / 2);
  });
});
