import { generateKeyPairSync } from "node:crypto";
import { EventEmitter } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import * as fc from "fast-check";
import { CommandError, InterruptedError } from "../../ci/exit-codes";
import { addDevice } from "../../ci/mqtt/add-device";
import { certificateRequest, keyOf, keyOfCertificate } from "../../ci/mqtt/certificate-request";
import { DeviceFolder, type KeyRequest } from "../../ci/mqtt/device-folder";
import { listDevices } from "../../ci/mqtt/list-devices";
import { removeDevice, removeDevices } from "../../ci/mqtt/remove-device";
import { removeDevicesInState } from "../../ci/mqtt/remove-devices-in-state";
import type { DeviceWork } from "../../ci/mqtt/things";
import { Report } from "../../ci/report";
import { Interrupts } from "../../ci/terraform/interrupts";
import { DeviceAccount } from "./support/device-account";
import type { Fault } from "./support/login-account";

const thingType = "shop-dev-device";
const policy = "shop-dev-device";
const pump = "dev-pump";

let account: DeviceAccount;
let base: string;
let warnings: string[];
let pauses: number;

beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), "slipway-device-"));
  begin();
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** An account that Terraform has made ready. */
function begin(): void {
  account = new DeviceAccount();
  account.policies.add(policy);
  warnings = [];
  pauses = 0;
}

const work = (type = thingType): DeviceWork => ({
  iot: account,
  thingType: type,
  next: () => {},
  pause: () => Promise.resolve(void (pauses += 1)),
  warn: (text) => warnings.push(text),
});

/** A device's own request. */
function ownRequest(): KeyRequest {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { csr: certificateRequest(privateKey, "device"), key: keyOf(privateKey) };
}

interface Add {
  readonly name?: string;
  readonly request?: KeyRequest;
  /** Name of the folder. */
  readonly out?: string;
  readonly fault?: Fault | undefined;
}

const file = (name: string, out = "out"): string => path.join(base, out, name);
const written = (out?: string): string | undefined =>
  existsSync(file("certificate.pem", out)) ? readFileSync(file("certificate.pem", out), "utf8") : undefined;

/** One `add`, to its end or to its fault; what must hold at every moment of it is looked at. */
async function add({ name = pump, request, out = "out", fault }: Add = {}): Promise<"done" | "interrupted"> {
  account.begin(fault);
  const before = account.letIn(name).map(({ id }) => id);
  let enteredAfter: number | undefined;
  account.watch = () => {
    const now = account.letIn(name);
    expect(now.length).toBeLessThanOrEqual(1);
    // whatever could connect still can
    expect(now.map(({ id }) => id)).toEqual(expect.arrayContaining(before));
    if (now.length === before.length) return;
    enteredAfter ??= account.changes.length;
    expect(now[0]?.pem).toBe(written(out));
    if (request === undefined) expect(existsSync(file("private.key", out))).toBe(true);
  };
  const folder = new DeviceFolder(path.join(base, out), `devices/${out}`);
  const attributes = { project: "shop", environment: "dev" };
  const options = { name, policy, attributes, folder, ...(request === undefined ? {} : { request }) };
  const ending = await toItsEnd(() => addDevice(work(), options));
  // nobody can connect before the last step
  if (enteredAfter !== undefined) expect(enteredAfter).toBe(account.changes.length);
  return ending;
}

/** One `remove`, the same way: who was locked out stays out. */
async function remove(fault?: Fault, name = pump): Promise<"done" | "interrupted"> {
  account.begin(fault);
  let before = account.letIn(name).length;
  account.watch = () => {
    const now = account.letIn(name).length;
    expect(now).toBeLessThanOrEqual(before);
    before = now;
  };
  return toItsEnd(() => removeDevice(work(), name));
}

async function toItsEnd(run: () => Promise<unknown>): Promise<"done" | "interrupted"> {
  try {
    await run();
    return "done";
  } catch (error) {
    if (error instanceof InterruptedError) return "interrupted";
    throw error;
  }
}

/** One certificate, with which the device and nobody else connects. */
function expectDevice(key: string, name = pump): void {
  const [only, ...others] = account.held.values();
  expect(others).toEqual([]);
  expect(only).toMatchObject({ status: "ACTIVE", things: new Set([name]), policies: new Set([policy]) });
  expect(keyOfCertificate(only?.pem ?? "")).toBe(key);
  const attributes = { project: "shop", environment: "dev", key };
  expect([...account.things.values()]).toEqual([{ name, type: thingType, attributes }]);
}

function expectNothing(): void {
  expect([...account.held.values()]).toEqual([]);
  expect([...account.things.values()]).toEqual([]);
}

const keyIn = (out = "out"): string => new DeviceFolder(path.join(base, out), out).request(pump).key;

describe("a device that is added", () => {
  test("may connect with the last step, once its certificate is written down", async () => {
    await add();
    expect(account.changes).toEqual([
      "make dev-pump",
      "certify 1",
      "attach 1 to dev-pump",
      "attach shop-dev-device to 1",
      "activate 1",
    ]);
    expect(written()).toBe(account.held.get("1")?.pem);
    expectDevice(keyIn());
  });

  test("with a request of its own gets no key from here", async () => {
    const request = ownRequest();
    await add({ request });
    expectDevice(request.key);
    expect(existsSync(file("private.key"))).toBe(false);
  });

  test.each([undefined, ownRequest()])("again gets the same certificate", async (request) => {
    const wanted = request === undefined ? {} : { request };
    await add(wanted);
    const certificate = written();
    await add(wanted);
    expect(account.changes).toEqual(["attach 1 to dev-pump", "attach shop-dev-device to 1"]);
    expect(written()).toBe(certificate);
    rmSync(file("certificate.pem"));
    await add(wanted);
    expect(written()).toBe(certificate);
  });

  const taken = "device dev-pump is there already, with another key: remove it first, or choose another id";

  test("keeps the key that can connect", async () => {
    const request = ownRequest();
    await add({ request });
    await expect(add({ request: ownRequest(), out: "b" })).rejects.toThrow(taken);
    await expect(add({ out: "c" })).rejects.toThrow(taken);
    expect(account.changes).toEqual([]);
    expect([existsSync(file("private.key", "c")), written("b")]).toEqual([false, undefined]);
    expectDevice(request.key);
  });

  test.each([0, 1])(
    "is left alone while somebody else's certificate is active too, whatever their order",
    async (at) => {
      const requests = [ownRequest(), ownRequest()];
      await account.createThing({ name: pump, type: thingType, attributes: {} });
      for (const { csr } of requests) {
        const { id, arn } = await account.certificate(await account.createCertificate(csr));
        await account.attachThing(pump, arn);
        await account.setCertificateStatus(id, "ACTIVE");
      }
      const request = requests[at];
      await expect(add(request === undefined ? {} : { request })).rejects.toThrow(taken);
      expect(account.changes).toEqual([]);
    },
  );

  test.each([undefined, "shop-stage-device"])("of type %s is somebody else's", async (type) => {
    await account.createThing({ name: pump, type, attributes: {} });
    const sentence = `thing dev-pump is of type ${type ?? "none"}, not shop-dev-device: it belongs to something else, and was not touched`;
    await expect(add()).rejects.toThrow(sentence);
    await expect(remove()).rejects.toThrow(sentence);
    expect(account.changes).toEqual([]);
    expect(existsSync(file("private.key"))).toBe(false);
  });

  test("takes the place of one with another key that never could connect", async () => {
    const [first, second] = [ownRequest(), ownRequest()];
    await add({ request: first });
    await account.setCertificateStatus("1", "INACTIVE");
    await add({ request: second, out: "b" });
    expectDevice(second.key);
  });

  test("leaves the folder of another device alone", async () => {
    await add();
    await expect(add({ name: "dev-valve" })).rejects.toThrow(
      "devices/out/certificate.pem is there already, and is not the certificate of this device: move devices/out away, or name another folder with --out",
    );
    expectDevice(keyIn());
  });

  test("is not given a certificate beside the key of another", async () => {
    mkdirSync(path.join(base, "out"));
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = privateKey.export({ format: "pem", type: "pkcs8" });
    writeFileSync(file("private.key"), pem);
    await expect(add({ request: ownRequest() })).rejects.toThrow(
      "devices/out/private.key is there already, and is not the key of the request: move devices/out away, or name another folder with --out",
    );
    expectNothing();
    await add({ request: { csr: certificateRequest(privateKey, "device"), key: keyOf(privateKey) } });
    expectDevice(keyOf(privateKey));
    expect(readFileSync(file("private.key"), "utf8")).toBe(pem);
  });

  test.each([
    ["half a key", "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG"],
    ["a key of another kind", generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" })],
  ])("is not made from %s", async (_, text) => {
    mkdirSync(path.join(base, "out"));
    writeFileSync(file("private.key"), text);
    await expect(add()).rejects.toThrow(
      "devices/out/private.key is no unencrypted private key on an elliptic curve: move devices/out away, or name another folder with --out",
    );
    expectNothing();
    expect(readFileSync(file("private.key"), "utf8")).toBe(text.toString());
  });
});

describe("a device that is removed", () => {
  test("is locked out first, and its thing goes last", async () => {
    await add();
    await remove();
    expect(account.changes).toEqual([
      "note the key of dev-pump",
      "deactivate 1",
      "detach 1 from dev-pump",
      "detach shop-dev-device from 1",
      "delete 1",
      "delete dev-pump",
    ]);
    expectNothing();
  });

  test("again is none", async () => {
    expect(await removeDevice(work(), pump)).toBe(false);
    expect(account.changes).toEqual([]);
  });

  test("is waited for while AWS takes what was detached for attached", async () => {
    await add();
    account.lingers = 3;
    await remove();
    expectNothing();
    expect(pauses).toBe(3);

    await add({ out: "b" });
    account.lingers = 1000;
    await expect(remove()).rejects.toThrow("1 is in use".replace("1", "2"));
  });

  test("leaves a certificate that another thing connects with, and says so", async () => {
    await add();
    account.things.set("dev-valve", { name: "dev-valve", type: thingType, attributes: {} });
    account.held.get("1")?.things.add("dev-valve");
    await remove();
    expect(account.letIn("dev-valve").map(({ id }) => id)).toEqual(["1"]);
    expect([...account.things.keys()]).toEqual(["dev-valve"]);
    expect(warnings).toEqual(["certificate 1 stays: dev-valve connects with it too"]);
  });

  test("leaves certificates of other keys", async () => {
    const stranger = await account.createCertificate(ownRequest().csr);
    await add();
    await remove();
    expect([...account.held.keys()]).toEqual([stranger]);
  });
});

const whens = ["before", "after"] as const;

describe("work that ends at any call and is run again", () => {
  /** Every fault of a run that is prepared anew for each. */
  async function atEvery(
    prepare: () => Promise<void>,
    body: (fault: Fault) => Promise<"done" | "interrupted">,
  ): Promise<void> {
    let ended = 0;
    for (const when of whens) {
      for (let call = 0; ; call += 1) {
        begin();
        rmSync(path.join(base, "out"), { recursive: true, force: true });
        await prepare();
        if ((await body({ call, when })) === "done") break;
        ended += 1;
      }
    }
    expect(ended).toBeGreaterThan(12);
  }

  test.each(["a key from here", "a request"])("adds one device, with %s", async (what) => {
    const request = ownRequest();
    const wanted = what === "a request" ? { request } : {};
    await atEvery(
      () => Promise.resolve(),
      async (fault) => {
        const ending = await add({ ...wanted, fault });
        await add(wanted);
        expectDevice(what === "a request" ? request.key : keyIn());
        expect(written()).toBe([...account.held.values()][0]?.pem);
        return ending;
      },
    );
  });

  test("adds one device in place of another key's that is left", async () => {
    const [first, second] = [ownRequest(), ownRequest()];
    await atEvery(
      async () => {
        await add({ request: first, fault: { call: 6, when: "before" } });
        rmSync(path.join(base, "out"), { recursive: true, force: true });
        expect(account.held.size).toBe(1);
      },
      async (fault) => {
        const ending = await add({ request: second, fault });
        await add({ request: second });
        expectDevice(second.key);
        return ending;
      },
    );
  });

  test("removes all of it", async () => {
    await atEvery(
      async () => void (await add()),
      async (fault) => {
        const ending = await remove(fault);
        await remove();
        expectNothing();
        return ending;
      },
    );
  });

  const requests = [ownRequest(), ownRequest()];
  const fault: fc.Arbitrary<Fault | undefined> = fc.option(
    fc.record({ call: fc.nat(16), when: fc.constantFrom(...whens) }),
    { nil: undefined },
  );
  const event = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("add" as const), key: fc.nat(2), fault }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const), fault }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("lose the folders" as const) }) },
  );

  test("leaves nothing behind, whatever has happened", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 8 }), async (events) => {
        begin();
        const lose = (): void => rmSync(base, { recursive: true, force: true });
        lose();
        for (const happening of events) {
          if (happening.kind === "lose the folders") lose();
          else if (happening.kind === "remove") await remove(happening.fault);
          else {
            const request = requests[happening.key];
            const wanted = { out: `folder-${happening.key}`, ...(request === undefined ? {} : { request }) };
            // a key that can connect stands in the way of others
            await add({ ...wanted, fault: happening.fault }).catch((error: unknown) => {
              if (!(error instanceof CommandError)) throw error;
            });
          }
        }
        await remove();
        expectNothing();
        lose();
        await add();
        expectDevice(keyIn());
      }),
      { numRuns: 40 },
    );
  });
});

describe("devices of an environment", () => {
  beforeEach(async () => {
    for (const name of [pump, "dev-valve", "dev-tank"]) await add({ name, out: name });
    await account.createThing({ name: "stage-pump", type: "shop-stage-device", attributes: {} });
    account.begin();
  });

  test("are listed by name, with what they may", async () => {
    await account.setCertificateStatus("2", "INACTIVE");
    account.held.delete("3");
    expect(await listDevices(work(), "dev")).toEqual([
      { id: "pump", thing: "dev-pump", certificate: "active", created: new Date(0) },
      { id: "tank", thing: "dev-tank", certificate: "none" },
      { id: "valve", thing: "dev-valve", certificate: "inactive", created: new Date(0) },
    ]);
    expect(await listDevices(work("shop-prod-device"), "prod")).toEqual([]);
  });

  test("that cannot connect with one certificate and can with another may connect", async () => {
    const { id, arn } = await account.certificate(await account.createCertificate(ownRequest().csr));
    await account.setCertificateStatus("1", "INACTIVE");
    await account.attachThing(pump, arn);
    await account.setCertificateStatus(id, "ACTIVE");
    expect((await listDevices(work(), "dev"))[0]).toMatchObject({ id: "pump", certificate: "active" });
  });

  test("go together, and whatever else has their policy loses it", async () => {
    const stranger = await account.certificate(await account.createCertificate(ownRequest().csr));
    await account.attachPolicy(policy, stranger.arn);
    await account.createThing({ name: "oven", type: thingType, attributes: {} });
    expect(await removeDevices(work(), "dev", [policy])).toEqual({
      removed: ["dev-pump", "dev-tank", "dev-valve"],
      stripped: [stranger.arn],
    });
    expect([...account.things.keys()]).toEqual(["stage-pump", "oven"]);
    expect([...account.held.keys()]).toEqual([stranger.id]);
    expect(account.held.get(stranger.id)?.policies).toEqual(new Set());
    expect(warnings).toEqual(["thing oven stays: its name is not one of dev's devices"]);
  });

  test("are those of the state that is about to be destroyed", async () => {
    const stranger = await account.certificate(await account.createCertificate(ownRequest().csr));
    await account.attachPolicy(policy, stranger.arn);
    let said = "";
    const sink = { write: (text: string) => (said += text) };
    const report = Report.to({ stderr: sink, stdout: sink });
    const interrupts = new Interrupts(report, new EventEmitter());
    const surroundings = { env: {}, root: base, stdin: Readable.from([]), stdout: sink, stderr: sink, isTTY: false };
    const resource = (type: string, name: string): Parameters<typeof removeDevicesInState>[2][number] => ({
      address: `${type}.X`,
      type,
      name: "X",
      mode: "managed",
      values: { name },
    });
    const run = (...types: readonly string[]): Promise<readonly string[]> =>
      removeDevicesInState(
        { report, interrupts, surroundings },
        { stack: "dev", region: "eu-west-1" },
        [...types.map((type) => resource(type, policy)), resource("aws_sns_topic", "alerts")],
        work,
      );

    expect(await run()).toEqual([]);
    expect(account.changes).toEqual(["certify 4", `attach ${policy} to 4`]);
    expect(await run("aws_iot_policy", "aws_iot_thing_type")).toEqual(["dev-pump", "dev-tank", "dev-valve"]);
    expect(said).toContain("removed 3 devices: dev-pump, dev-tank, dev-valve");
    expect(said).toContain(`${stranger.arn} is no device of dev: it stays, without a policy`);
    expect(await run("aws_iot_policy", "aws_iot_thing_type")).toEqual([]);
    interrupts.dispose();
  });
});
