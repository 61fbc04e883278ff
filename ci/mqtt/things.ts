import { certificateId, type Certificate, type Iot, type Thing } from "../aws/iot";
import { errorName } from "../aws/errors";
import { CommandError } from "../exit-codes";
import { keyOfCertificate } from "./certificate-request";

/**
 * Attribute of a thing: which key its certificate has. AWS makes another certificate for each request, and one whose answer was lost
 * belongs to nothing: by its key it is found again.
 */
export const keyAttribute = "key";

/** What devices of an environment are made of, and how an interrupt and a person take part. */
export interface DeviceWork {
  readonly iot: Pick<Iot, keyof Iot>;
  /** Type of the things of this environment, and of no other. */
  readonly thingType: string;
  /** Says what comes next: before every call that changes something. @throws InterruptedError when that must not begin */
  readonly next: (what: string) => void;
  readonly pause: (ms: number) => Promise<void>;
  readonly warn: (text: string) => void;
}

/** A certificate, and which key it has. */
export interface KeyedCertificate extends Certificate {
  readonly key: string;
}

/** @throws CommandError when the thing is another environment's, or was made by other means */
export function refuseForeign({ name, type }: Thing, thingType: string): void {
  if (type === thingType) return;
  throw new CommandError(
    `thing ${name} is of type ${type ?? "none"}, not ${thingType}: it belongs to something else, and was not touched`,
  );
}

export async function attachedCertificates({ iot }: DeviceWork, thing: string): Promise<KeyedCertificate[]> {
  const certificates: KeyedCertificate[] = [];
  for (const arn of await iot.certificatesOf(thing)) {
    const certificate = await iot.certificate(certificateId(arn));
    certificates.push({ ...certificate, key: keyOfCertificate(certificate.pem) });
  }
  return certificates;
}

/**
 * Certificates that an interrupted `add` or `remove` has left without a thing. Only what nobody can connect with is looked at, which
 * is little even in an account of many devices.
 */
export async function looseCertificates(
  { iot, next }: DeviceWork,
  keys: readonly (string | undefined)[],
): Promise<KeyedCertificate[]> {
  const found: KeyedCertificate[] = [];
  for await (const { id, arn, status } of iot.certificates()) {
    if (status === "ACTIVE") continue;
    next(`look at certificate ${id.slice(0, 8)}`);
    const certificate = await iot.certificate(id);
    const key = keyOfCertificate(certificate.pem);
    if (keys.includes(key) && (await iot.thingsOf(arn)).length === 0) found.push({ ...certificate, key });
  }
  return found;
}

/** Take a certificate that is attached to no thing away. */
export async function deleteCertificate({ iot, next, pause }: DeviceWork, { id, arn }: Certificate): Promise<void> {
  for (const policy of await iot.policiesOf(arn)) {
    next(`detach policy ${policy}`);
    await iot.detachPolicy(policy, arn);
  }
  next(`delete certificate ${id.slice(0, 8)}`);
  await onceDetached(pause, () => iot.deleteCertificate(id));
}

const attempts = 30;
const betweenMs = 1000;

/** A thing and its certificate stay attached for some seconds after AWS has agreed to detach them. */
export async function onceDetached(pause: (ms: number) => Promise<void>, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts || !isStillAttached(error)) throw error;
      await pause(betweenMs);
    }
  }
}

function isStillAttached(error: unknown): boolean {
  if (errorName(error) === "DeleteConflictException") return true;
  return errorName(error) === "InvalidRequestException" && error instanceof Error && /attached/i.test(error.message);
}
