import { certificateId, type CertificateSummary } from "../aws/iot";
import { deviceId } from "./device-name";
import { devicesOf } from "./remove-device";
import type { DeviceWork } from "./things";

/** A device, as a person sees it. */
export interface Device {
  readonly id: string;
  readonly thing: string;
  /** `active`: it may connect. `inactive`: deactivated, or made halfway. `none`: its certificate is missing. */
  readonly certificate: "active" | "inactive" | "none";
  /** Since when the certificate is there. */
  readonly created?: Date;
}

/** AWS allows ten of these questions in a second. */
const atOnce = 5;

/** The devices of an environment, by name. */
export async function listDevices(work: DeviceWork, environment: string): Promise<Device[]> {
  const { iot, next } = work;
  const things = await devicesOf(work, environment);
  const certificates = new Map<string, CertificateSummary>();
  // one list of all is quicker than a question about each
  if (things.length > 0) for await (const summary of iot.certificates()) certificates.set(summary.id, summary);
  const devices: Device[] = [];
  for (let i = 0; i < things.length; i += atOnce) {
    next(`${i} of ${things.length}`);
    const some = things.slice(i, i + atOnce).map(async (thing) => {
      const arns = await iot.certificatesOf(thing);
      const attached = arns.flatMap((arn) => certificates.get(certificateId(arn)) ?? []);
      return deviceOf(environment, thing, attached);
    });
    devices.push(...(await Promise.all(some)));
  }
  return devices;
}

function deviceOf(environment: string, thing: string, attached: readonly CertificateSummary[]): Device {
  const best = attached.find(({ status }) => status === "ACTIVE") ?? attached[0];
  return {
    id: deviceId(environment, thing),
    thing,
    certificate: best === undefined ? "none" : best.status === "ACTIVE" ? "active" : "inactive",
    ...(best?.created === undefined ? {} : { created: best.created }),
  };
}
