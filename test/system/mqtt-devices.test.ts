import { EventEmitter } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import {
  CreatePolicyCommand,
  CreateThingCommand,
  CreateThingTypeCommand,
  DescribeThingCommand,
  IoTClient,
  ListAttachedPoliciesCommand,
  ListPrincipalThingsCommand,
} from "@aws-sdk/client-iot";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { clientSettings } from "../../ci/aws/client-settings";
import { Iot } from "../../ci/aws/iot";
import { mqttDeviceAddCommand, mqttDeviceListCommand, mqttDeviceRemoveCommand } from "../../ci/commands/mqtt-device";
import { loadConfiguration } from "../../ci/configuration";
import { exitCodes } from "../../ci/exit-codes";
import { certificateRequest, keyOf, keyOfCertificate } from "../../ci/mqtt/certificate-request";
import { awsVariables, neutral } from "../../ci/rehearse/variables";
import type { Emulator } from "../../ci/tools/emulator";
import { type IotContract, mqttContractName } from "../../constructs/shared/mqtt-contract-v1";
import { type Ran, runCommand } from "../ci/support/run-command";
import { Machine } from "./support/machine";
import { Proxy, type Trouble } from "./support/proxy";
import { processVariables, root } from "./support/slipway";

const configuration = loadConfiguration();
const { name: project, region, accounts } = configuration.project;
const account = accounts["dev"] ?? "";
const contract: IotContract = {
  version: 1,
  engine: "iot-core",
  host: "account-ats.iot.example.com",
  port: 443,
  topicPrefix: "dev/devices",
  thingType: `${project}-dev-device`,
  policy: `${project}-dev-device`,
};

let machine: Machine;
let emulator: Emulator;
let proxy: Proxy;
/** Variables of the commands, which talk to the proxy. */
let env: Record<string, string>;
let iot: IoTClient;
/** What the commands see, without the proxy. */
let calls: Iot;

beforeAll(async () => {
  machine = await Machine.open("mqtt-devices");
  const started = await machine.emulator(account);
  emulator = started.emulator;
  proxy = await Proxy.start(emulator.url);
  const { directory } = started;
  const direct = { ...neutral(processVariables()), ...awsVariables({ url: emulator.url, account, region, directory }) };
  env = { ...direct, AWS_ENDPOINT_URL: proxy.url };
  iot = new IoTClient(clientSettings(direct, region, "IOT"));
  calls = new Iot(direct, region);
  const ssm = new SSMClient(clientSettings(direct, region, "SSM"));
  await ssm.send(
    new PutParameterCommand({
      Name: mqttContractName(`/${project}/dev`),
      Type: "String",
      Value: JSON.stringify(contract),
    }),
  );
  ssm.destroy();
  await iot.send(new CreateThingTypeCommand({ thingTypeName: contract.thingType }));
  const document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "iot:Connect", Resource: "*" }] };
  await iot.send(new CreatePolicyCommand({ policyName: contract.policy, policyDocument: JSON.stringify(document) }));
});

afterAll(async () => {
  const unknown = await emulator.unknownCalls();
  iot.destroy();
  await proxy.stop();
  await emulator.stop();
  machine.close();
  expect(unknown).toEqual([]);
});

let stories = 0;
let signals: EventEmitter;
let folder: string;
let id: string;
let thing: string;
/** All that the commands have said. */
let said: string;

/** A device that nobody has heard of. */
function begin(): void {
  stories += 1;
  id = `pump${stories}`;
  thing = `dev-${id}`;
  folder = mkdtempSync(path.join(machine.directory, "device-"));
  signals = new EventEmitter();
  said = "";
  proxy.calls = 0;
  proxy.trouble = undefined;
  proxy.served = () => Promise.resolve();
}

beforeEach(begin);
afterEach(() => expect(said).not.toContain("PRIVATE KEY"));

const file = (name: string): string => path.join(folder, name);
const certificateFile = (): string => readFileSync(file("certificate.pem"), "utf8");

async function run(command: Parameters<typeof runCommand>[0], trouble?: Trouble): Promise<Ran> {
  proxy.calls = 0;
  proxy.trouble = trouble;
  const ran = await runCommand(command, { configuration, env, root, signals });
  said += ran.out + ran.err;
  return ran;
}

const add = (rest: { readonly csr?: string } = {}, trouble?: Trouble): Promise<Ran> =>
  run(
    (session) => mqttDeviceAddCommand(session, { environment: "dev", id, out: folder, json: false, ...rest }),
    trouble,
  );
const remove = (trouble?: Trouble): Promise<Ran> =>
  run((session) => mqttDeviceRemoveCommand(session, { environment: "dev", id, yes: true, json: false }), trouble);

async function done(ran: Promise<Ran>): Promise<Ran> {
  const { code, err } = await ran;
  expect({ code, err: code === exitCodes.ok ? "" : err }).toEqual({ code: exitCodes.ok, err: "" });
  return ran;
}

interface Standing {
  readonly arn: string;
  readonly pem: string;
  readonly active: boolean;
  readonly things: readonly string[];
  readonly policies: readonly string[];
}

/** The certificates that have the key of this story's device. */
async function certificatesOf(key: string): Promise<Standing[]> {
  const found: Standing[] = [];
  for await (const { id: certificate } of calls.certificates()) {
    const { arn, pem, status } = await calls.certificate(certificate);
    if (keyOfCertificate(pem) !== key) continue;
    const { things = [] } = await iot.send(new ListPrincipalThingsCommand({ principal: arn }));
    const { policies = [] } = await iot.send(new ListAttachedPoliciesCommand({ target: arn }));
    const names = policies.map(({ policyName }) => policyName ?? "");
    found.push({ arn, pem, active: status === "ACTIVE", things, policies: names });
  }
  return found;
}

const ownKey = (): string => keyOf(createPrivateKey(readFileSync(file("private.key"))));

/** The device may connect, with one certificate, which is in its folder. */
async function expectDevice(key: string): Promise<void> {
  const found = await certificatesOf(key);
  expect(found).toMatchObject([{ active: true, things: [thing], policies: [contract.policy] }]);
  expect(certificateFile()).toBe(found[0]?.pem);
  const { thingTypeName, attributes } = await iot.send(new DescribeThingCommand({ thingName: thing }));
  expect({ thingTypeName, attributes }).toEqual({
    thingTypeName: contract.thingType,
    attributes: { project, environment: "dev", key },
  });
}

describe("mqtt device add", () => {
  test("makes a thing with a certificate, and a folder that only its owner reads", async () => {
    const { out, err } = await done(add());
    expect(out).toContain(contract.host);
    expect(out).toContain(`dev/devices/${thing}/telemetry`);
    expect(err).toContain("is not kept anywhere else");
    expect(readdirSync(folder).sort()).toEqual(["amazon-root-ca.pem", "certificate.pem", "private.key"]);
    for (const name of readdirSync(folder)) expect(statSync(file(name)).mode & 0o777).toBe(0o600);
    await expectDevice(ownKey());
  });

  test("again changes nothing", async () => {
    await done(add());
    const before = [readFileSync(file("private.key"), "utf8"), certificateFile()];
    const made: string[] = [];
    proxy.served = ({ request }) => {
      // what is attached is attached again, which changes nothing
      if (/^(POST|DELETE|PATCH) \/(things|certificates)/.test(request)) made.push(request);
      return Promise.resolve();
    };
    await done(add());
    expect([readFileSync(file("private.key"), "utf8"), certificateFile()]).toEqual(before);
    expect(made).toEqual([]);
    await expectDevice(ownKey());
  });

  test("with a request of its own the key never was here", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    writeFileSync(file("device.csr"), certificateRequest(privateKey, "pump"));
    await done(add({ csr: file("device.csr") }));
    expect(existsSync(file("private.key"))).toBe(false);
    await expectDevice(keyOf(privateKey));
    expect(keyOfCertificate(certificateFile())).toBe(keyOf(privateKey));
  });

  test("another key than the one that works is refused, and works on", async () => {
    await done(add());
    const key = ownKey();
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    writeFileSync(file("other.csr"), certificateRequest(privateKey, "pump"));
    const { code, err } = await add({ csr: file("other.csr") });
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain(`device ${thing} is there already, with another key: remove it first, or choose another id`);
    await expectDevice(key);
    expect(await certificatesOf(keyOf(privateKey))).toEqual([]);
  });

  test("a thing of somebody else is not touched", async () => {
    await iot.send(new CreateThingCommand({ thingName: thing }));
    for (const { code, err } of [await add(), await remove()]) {
      expect(code).toBe(exitCodes.failed);
      expect(err).toContain(`thing ${thing} is of type none, not ${contract.thingType}: it belongs to something else`);
    }
    expect(await iot.send(new DescribeThingCommand({ thingName: thing }))).toMatchObject({ thingName: thing });
  });
});

test("mqtt device list says who may connect, and remove ends it", async () => {
  await done(add());
  const key = ownKey();
  const list = (): Promise<Ran> =>
    done(run((session) => mqttDeviceListCommand(session, { environment: "dev", json: true })));
  const devices = async (): Promise<unknown[]> => (JSON.parse((await list()).out) as { devices: unknown[] }).devices;
  expect(await devices()).toContainEqual(expect.objectContaining({ id, thing, certificate: "active" }));

  expect((await done(remove())).out).toBe(`${thing} is gone\n`);
  expect(await certificatesOf(key)).toEqual([]);
  expect(await devices()).not.toContainEqual(expect.objectContaining({ thing }));
  expect((await done(remove())).out).toBe(`there is no ${thing}: nothing was changed\n`);
});

describe.each(["refused", "unheard", "lost once", "SIGINT"] as const)("at any call: %s", (what) => {
  const trouble = (call: number): Trouble => ({
    call,
    what: what === "SIGINT" ? () => void signals.emit("SIGINT") : what,
  });

  test("an add that ends there and is run again ends with one device", async () => {
    await done(add());
    const all = proxy.calls;
    expect(all).toBeGreaterThan(7);
    let ended = 0;
    for (let call = 0; call < all; call += 1) {
      begin();
      // nobody can connect before the certificate is written down
      const early: string[] = [];
      proxy.served = async ({ request }) => {
        if (request.startsWith("GET") || !existsSync(file("private.key"))) return;
        const active = (await certificatesOf(ownKey())).filter((certificate) => certificate.active);
        const known = existsSync(file("certificate.pem")) ? certificateFile() : undefined;
        early.push(...active.filter(({ pem }) => pem !== known).map(({ arn }) => `${arn} after ${request}`));
      };
      const { code } = await add({}, trouble(call));
      if (what === "refused" || what === "unheard") expect(code).not.toBe(exitCodes.ok);
      if (code !== exitCodes.ok) {
        ended += 1;
        await done(add());
      }
      await expectDevice(ownKey());
      expect(early).toEqual([]);
    }
    if (what !== "lost once") expect(ended).toBeGreaterThan(all / 2);
  });

  test("a removal that ends there and is run again leaves nothing", async () => {
    await done(add());
    await done(remove());
    const all = proxy.calls;
    expect(all).toBeGreaterThan(8);
    for (let call = 0; call < all; call += 1) {
      begin();
      await done(add());
      const key = ownKey();
      const { code } = await remove(trouble(call));
      if (code !== exitCodes.ok) await done(remove());
      expect(await certificatesOf(key)).toEqual([]);
      await expect(iot.send(new DescribeThingCommand({ thingName: thing }))).rejects.toThrow();
      rmSync(folder, { recursive: true });
    }
  });
});
