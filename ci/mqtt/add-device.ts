import type { Certificate, Thing } from "../aws/iot";
import { CommandError } from "../exit-codes";
import type { DeviceFolder, KeyRequest } from "./device-folder";
import { takeAway } from "./remove-device";
import {
  attachedCertificates,
  deleteCertificate,
  type DeviceWork,
  keyAttribute,
  type KeyedCertificate,
  looseCertificates,
  refuseForeign,
} from "./things";

export interface AddDeviceOptions {
  /** Name of the thing, and client id. */
  readonly name: string;
  /** What devices of the environment may do. */
  readonly policy: string;
  /** What the thing says of itself beside its key: project and environment. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly folder: DeviceFolder;
  /** The device's own request. Default: a key in the folder, made if there is none. */
  readonly request?: KeyRequest;
}

/**
 * Make a device that may connect; made halfway by an earlier attempt, the rest of it. Nobody can connect with the certificate before
 * the last step, when it is written down.
 *
 * @throws CommandError when the name is taken, or the device has another key
 */
export async function addDevice(work: DeviceWork, options: AddDeviceOptions): Promise<Certificate> {
  const { iot, next } = work;
  const { name, policy, folder } = options;
  const thing = await iot.thing(name);
  if (thing !== undefined) refuseForeign(thing, work.thingType);
  const attached = thing === undefined ? [] : await attachedCertificates(work, name);
  refuseTaken(options, attached);

  if (options.request !== undefined) folder.refuseOtherKey(options.request);
  const request = options.request ?? folder.request(name);
  const mine = attached.find(({ key }) => key === request.key);
  folder.refuseOther(mine?.pem);
  const certificate = mine ?? (await makeCertificate(work, options, request, { thing, attached }));
  next("attach the certificate to its thing");
  await iot.attachThing(name, certificate.arn);
  next(`attach policy ${policy}`);
  await iot.attachPolicy(policy, certificate.arn);
  folder.writeCertificate(certificate.pem);
  if (certificate.status !== "ACTIVE") {
    next("activate the certificate");
    await iot.setCertificateStatus(certificate.id, "ACTIVE");
  }
  return certificate;
}

interface Found {
  readonly thing: Thing | undefined;
  readonly attached: readonly KeyedCertificate[];
}

/** A certificate of the request's key that is not attached yet; what attempts with other keys have left is deleted. */
async function makeCertificate(
  work: DeviceWork,
  { name, attributes }: AddDeviceOptions,
  { csr, key }: KeyRequest,
  { thing, attached }: Found,
): Promise<Certificate> {
  const { iot, next } = work;
  const loose = thing === undefined ? [] : await looseCertificates(work, [key, thing.attributes[keyAttribute]]);
  const [usable, ...unused] = [...loose].sort((a, b) => Number(b.key === key) - Number(a.key === key));
  const mine = usable?.key === key ? usable : undefined;
  for (const old of mine === undefined ? loose : unused) await deleteCertificate(work, old);
  if (thing === undefined) {
    next(`make thing ${name}`);
    await iot.createThing({ name, type: work.thingType, attributes: { ...attributes, [keyAttribute]: key } });
  } else {
    for (const old of attached) await takeAway(work, thing, old);
    next(`note the key of ${name}`);
    await iot.setAttributes(name, { ...attributes, [keyAttribute]: key });
  }
  if (mine !== undefined) return mine;
  next("make a certificate");
  return iot.certificate(await iot.createCertificate(csr));
}

/** A key that could connect is never replaced in passing. */
function refuseTaken({ name, folder, request }: AddDeviceOptions, attached: readonly KeyedCertificate[]): void {
  const active = attached.filter(({ status }) => status === "ACTIVE");
  if (active.length === 0) return;
  const own = request ?? (folder.hasKey ? folder.request(name) : undefined);
  if (active.every(({ key }) => key === own?.key)) return;
  throw new CommandError(`device ${name} is there already, with another key: remove it first, or choose another id`);
}
