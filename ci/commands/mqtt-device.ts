import path from "node:path";
import Table from "cli-table3";
import { deviceTopics } from "../../constructs/mqtt/topics";
import { CommandError } from "../exit-codes";
import { addDevice } from "../mqtt/add-device";
import { openIotCore } from "../mqtt/contract";
import { DeviceFolder, readRequest } from "../mqtt/device-folder";
import { deviceWork } from "../mqtt/device-work";
import { checkDeviceId, thingName } from "../mqtt/device-name";
import { listDevices } from "../mqtt/list-devices";
import { removeDevice } from "../mqtt/remove-device";
import { rootCertificatesUrl } from "../mqtt/root-certificates";
import type { Session } from "../session";
import { outputLines } from "./outputs";

/** Where devices connect, whatever port services use. */
const devicePort = 8883;

export interface MqttDeviceAddOptions {
  readonly environment: string;
  readonly id: string;
  /** The device's own certificate signing request. Default: a key is made here. */
  readonly csr?: string;
  /** Folder for the certificate. Default: `devices/<thing>`. */
  readonly out?: string;
  readonly json: boolean;
}

/** `mqtt device add <environment> <id>`: a device with its certificate, and what it needs to know to connect. */
export async function mqttDeviceAddCommand(session: Session, options: MqttDeviceAddOptions): Promise<void> {
  const { environment, id, csr, out, json } = options;
  const { report, surroundings } = session;
  checkDeviceId(environment, id);
  const thing = thingName(environment, id);
  // npm runs commands in the project's folder, wherever the person is
  const here = surroundings.env["INIT_CWD"] ?? surroundings.root;
  const request = csr === undefined ? undefined : readRequest(path.resolve(here, csr), csr);
  const shown = out ?? path.join("devices", thing);
  const folder = new DeviceFolder(path.resolve(here, shown), shown);
  const { target, broker } = await openIotCore(session, environment);

  const certificate = await report.step(`add ${thing}`, () =>
    addDevice(deviceWork(session, target.region, broker.thingType), {
      name: thing,
      policy: broker.policy,
      attributes: { project: target.project, environment },
      folder,
      ...(request === undefined ? {} : { request }),
    }),
  );
  const { publish, subscribe } = deviceTopics(environment, thing);
  const device = {
    thing,
    clientId: thing,
    certificateId: certificate.id,
    endpoint: broker.host,
    port: devicePort,
    publish,
    subscribe,
    certificate: folder.certificateFile,
    ...(request === undefined ? { key: folder.keyFile } : {}),
    rootCertificates: folder.rootFile,
  };
  if (json) {
    report.json({ ok: true, environment, device: { id, ...device } });
    return;
  }
  for (const line of outputLines(device)) report.result(line);
  const key = request === undefined ? folder.keyFile : "<the device's key>";
  report.line(
    [
      `port 443 works too, with ALPN x-amzn-mqtt-ca; a device that trusts nothing yet takes ${rootCertificatesUrl}`,
      ...(request === undefined ? [`${folder.keyFile} is not kept anywhere else: move it to the device`] : []),
      "to try it:",
      `mosquitto_pub -h ${broker.host} -p ${devicePort} -i ${thing} --cafile ${folder.rootFile} --cert ${folder.certificateFile} --key ${key} -q 1 -t ${publish.at(-1) ?? ""} -m '{"hello":1}'`,
    ].join("\n"),
  );
}

export interface MqttDeviceListOptions {
  readonly environment: string;
  readonly json: boolean;
}

/** `mqtt device list <environment>`: the devices, and whether they may connect. */
export async function mqttDeviceListCommand(
  session: Session,
  { environment, json }: MqttDeviceListOptions,
): Promise<void> {
  const { report, interrupts } = session;
  const { target, broker } = await openIotCore(session, environment);
  const devices = await report.step("read the devices", () =>
    interrupts.race(listDevices(deviceWork(session, target.region, broker.thingType), environment)),
  );
  if (json) {
    report.json({ ok: true, environment, devices });
    return;
  }
  if (devices.length === 0) {
    report.line(`${environment} has no devices: \`npm run mqtt -- device add ${environment} <id>\``);
    return;
  }
  const table = new Table({ head: ["device", "client id", "certificate", "since"], style: { head: [], border: [] } });
  for (const { id, thing, certificate, created } of devices) {
    table.push([id, thing, certificate, created?.toISOString() ?? ""]);
  }
  report.result(table.toString());
}

export interface MqttDeviceRemoveOptions {
  readonly environment: string;
  readonly id: string;
  /** Do not ask. */
  readonly yes: boolean;
  readonly json: boolean;
}

/** `mqtt device remove <environment> <id>`: its certificate is worth nothing from then on. */
export async function mqttDeviceRemoveCommand(session: Session, options: MqttDeviceRemoveOptions): Promise<void> {
  const { environment, id, yes, json } = options;
  const { report, prompts } = session;
  checkDeviceId(environment, id);
  if (!yes) prompts.insistOnTerminal("pass --yes");
  const thing = thingName(environment, id);
  const { target, broker } = await openIotCore(session, environment);
  if (!yes) {
    report.line(`${thing} cannot connect any more, and its certificate cannot be brought back`);
    const answer = await prompts.ask(`type ${id} to go on: `, "pass --yes");
    if (answer.trim() !== id) throw new CommandError("not confirmed: nothing was changed");
  }
  const removed = await report.step(`remove ${thing}`, () =>
    removeDevice(deviceWork(session, target.region, broker.thingType), thing),
  );
  if (json) report.json({ ok: true, environment, thing, removed });
  else report.result(removed ? `${thing} is gone` : `there is no ${thing}: nothing was changed`);
}
