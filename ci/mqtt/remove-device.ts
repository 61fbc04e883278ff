import type { Thing } from "../aws/iot";
import {
  attachedCertificates,
  deleteCertificate,
  type DeviceWork,
  keyAttribute,
  type KeyedCertificate,
  looseCertificates,
  onceDetached,
  refuseForeign,
} from "./things";

/** Remove a device: from now on nobody can connect with its certificate. Whatever is left of it already. Gives whether there was one. */
export async function removeDevice(work: DeviceWork, name: string): Promise<boolean> {
  const { iot, next, pause } = work;
  const thing = await iot.thing(name);
  if (thing === undefined) return false;
  refuseForeign(thing, work.thingType);

  const attached = await attachedCertificates(work, name);
  const key = thing.attributes[keyAttribute];
  if (key !== undefined && !attached.some((certificate) => certificate.key === key)) {
    for (const loose of await looseCertificates(work, [key])) await deleteCertificate(work, loose);
  }
  for (const certificate of attached) await takeAway(work, thing, certificate);
  next(`delete thing ${name}`);
  await onceDetached(pause, () => iot.deleteThing(name));
  return true;
}

/** Take an attached certificate from a thing, and delete it; interrupted, it is found by its key. */
export async function takeAway(work: DeviceWork, thing: Thing, certificate: KeyedCertificate): Promise<void> {
  const { iot, next, warn } = work;
  const { id, arn, status, key } = certificate;
  const { name } = thing;
  const others = (await iot.thingsOf(arn)).filter((other) => other !== name);
  if (others.length > 0) {
    warn(`certificate ${id} stays: ${others.join(", ")} connects with it too`);
    next(`detach certificate ${id.slice(0, 8)} from ${name}`);
    return iot.detachThing(name, arn);
  }
  // the attribute of an interrupted `add` may say another
  next(`note the key of ${name}`);
  await iot.setAttributes(name, { [keyAttribute]: key });
  if (status === "ACTIVE") {
    next(`deactivate the certificate of ${name}`);
    await iot.setCertificateStatus(id, "INACTIVE");
  }
  next(`detach the certificate of ${name}`);
  await iot.detachThing(name, arn);
  await deleteCertificate(work, certificate);
}

export interface RemovedDevices {
  /** Names of the things that are gone. */
  readonly removed: readonly string[];
  /** Certificates that had a policy of the environment and belong to no device of it; they are there, and may not connect any more. */
  readonly stripped: readonly string[];
}

/**
 * Remove all devices of an environment, and take its policies from whatever else has them: AWS deletes none that is in use. Run
 * again, it goes on with what is left.
 */
export async function removeDevices(
  work: DeviceWork,
  environment: string,
  policies: readonly string[],
): Promise<RemovedDevices> {
  const { iot, next, thingType } = work;
  const removed: string[] = [];
  for (const name of await devicesOf(work, environment)) {
    next(`${name}, ${removed.length} are gone`);
    if (await removeDevice(work, name)) removed.push(name);
  }
  const others = (await iot.thingsOfType(thingType)).filter((name) => !removed.includes(name));
  for (const name of others) work.warn(`thing ${name} stays: its name is not one of ${environment}'s devices`);
  const stripped: string[] = [];
  for (const policy of policies) {
    for (const target of await iot.targetsOf(policy)) {
      next(`detach ${policy} from ${target}`);
      await iot.detachPolicy(policy, target);
      stripped.push(target);
    }
  }
  return { removed, stripped };
}

/** Names of the things of an environment, sorted. */
export async function devicesOf({ iot, thingType }: DeviceWork, environment: string): Promise<string[]> {
  const names = await iot.thingsOfType(thingType);
  return names.filter((name) => name.startsWith(`${environment}-`)).sort();
}
