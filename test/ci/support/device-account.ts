import { randomBytes } from "node:crypto";
import type { Certificate, CertificateSummary, Iot, Thing } from "../../../ci/aws/iot";
import { InterruptedError } from "../../../ci/exit-codes";
import type { Fault } from "./login-account";

interface Standing {
  readonly id: string;
  readonly arn: string;
  readonly pem: string;
  status: string;
  readonly things: Set<string>;
  readonly policies: Set<string>;
}

/** AWS IoT's things, certificates and policies, in memory; every change is looked at by `watch`. */
export class DeviceAccount implements Pick<Iot, keyof Iot> {
  readonly things = new Map<string, Thing>();
  readonly held = new Map<string, Standing>();
  /** Policies that there are. */
  readonly policies = new Set<string>();
  /** What was changed since the run began. */
  readonly changes: string[] = [];
  /** How often AWS takes what was just detached for attached. */
  lingers = 0;
  watch: () => void = () => {};
  private lingering = 0;
  private fault: Fault | undefined;
  private calls = 0;
  private made = 0;

  begin(fault?: Fault): void {
    this.fault = fault;
    this.calls = 0;
    this.changes.length = 0;
  }

  /** Certificates that a device can connect with as this thing. */
  letIn(thing: string): readonly Standing[] {
    return [...this.held.values()].filter(
      ({ status, things, policies }) => status === "ACTIVE" && things.has(thing) && policies.size > 0,
    );
  }

  thing(name: string): Promise<Thing | undefined> {
    return this.call(() => this.things.get(name));
  }

  thingsOfType(type: string): Promise<string[]> {
    return this.call(() => [...this.things.values()].filter((thing) => thing.type === type).map(({ name }) => name));
  }

  createThing(thing: Thing): Promise<void> {
    return this.change(`make ${thing.name}`, () => {
      if (this.things.has(thing.name)) throw failure("ResourceAlreadyExistsException", thing.name);
      this.things.set(thing.name, thing);
    });
  }

  setAttributes(name: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    return this.change(`note the key of ${name}`, () => {
      const thing = this.thingCalled(name);
      this.things.set(name, { ...thing, attributes: { ...thing.attributes, ...attributes } });
    });
  }

  deleteThing(name: string): Promise<void> {
    return this.change(`delete ${name}`, () => {
      const attached = [...this.held.values()].some(({ things }) => things.has(name));
      if (attached || this.linger()) throw failure("InvalidRequestException", `Thing ${name} is still attached`);
      this.things.delete(name);
    });
  }

  certificatesOf(thing: string): Promise<string[]> {
    return this.call(() => {
      this.thingCalled(thing);
      return [...this.held.values()].filter(({ things }) => things.has(thing)).map(({ arn }) => arn);
    });
  }

  thingsOf(arn: string): Promise<string[]> {
    return this.call(() => [...this.at(arn).things]);
  }

  async *certificates(): AsyncGenerator<CertificateSummary> {
    yield* await this.call(() => [...this.held.values()].map(summaryOf));
  }

  certificate(id: string): Promise<Certificate> {
    return this.call(() => ({ ...summaryOf(this.at(id)), pem: this.at(id).pem }));
  }

  createCertificate(csr: string): Promise<string> {
    return this.change(`certify ${this.made + 1}`, () => {
      const id = String((this.made += 1));
      const arn = `arn:aws:iot:eu-west-1:123456789012:cert/${id}`;
      const pem = certificateFor(csr);
      this.held.set(id, { id, arn, pem, status: "INACTIVE", things: new Set(), policies: new Set() });
      return id;
    });
  }

  setCertificateStatus(id: string, status: "ACTIVE" | "INACTIVE"): Promise<void> {
    return this.change(`${status === "ACTIVE" ? "activate" : "deactivate"} ${id}`, () => {
      this.at(id).status = status;
    });
  }

  deleteCertificate(id: string): Promise<void> {
    return this.change(`delete ${id}`, () => {
      const { status, things, policies } = this.at(id);
      if (status === "ACTIVE") throw failure("CertificateStateException", `${id} is active`);
      if (things.size + policies.size > 0 || this.linger()) throw failure("DeleteConflictException", `${id} is in use`);
      this.held.delete(id);
    });
  }

  attachThing(name: string, arn: string): Promise<void> {
    return this.change(`attach ${this.at(arn).id} to ${name}`, () => {
      const { things } = this.at(arn);
      if (things.size > 0 && !things.has(name)) throw failure("InvalidRequestException", "it is another thing's alone");
      things.add(this.thingCalled(name).name);
    });
  }

  detachThing(name: string, arn: string): Promise<void> {
    return this.change(`detach ${this.at(arn).id} from ${name}`, () => {
      this.at(arn).things.delete(name);
      this.lingering = this.lingers;
    });
  }

  policiesOf(arn: string): Promise<string[]> {
    return this.call(() => [...this.at(arn).policies]);
  }

  targetsOf(policy: string): Promise<string[]> {
    return this.call(() => [...this.held.values()].filter((c) => c.policies.has(policy)).map(({ arn }) => arn));
  }

  attachPolicy(policy: string, arn: string): Promise<void> {
    return this.change(`attach ${policy} to ${this.at(arn).id}`, () => {
      if (!this.policies.has(policy)) throw failure("ResourceNotFoundException", policy);
      this.at(arn).policies.add(policy);
    });
  }

  detachPolicy(policy: string, arn: string): Promise<void> {
    return this.change(`detach ${policy} from ${this.at(arn).id}`, () => {
      this.at(arn).policies.delete(policy);
    });
  }

  private linger(): boolean {
    this.lingering -= 1;
    return this.lingering >= 0;
  }

  private thingCalled(name: string): Thing {
    const thing = this.things.get(name);
    if (thing === undefined) throw failure("ResourceNotFoundException", name);
    return thing;
  }

  /** By id or ARN. */
  private at(which: string): Standing {
    const found = this.held.get(which.slice(which.lastIndexOf("/") + 1));
    if (found === undefined) throw failure("ResourceNotFoundException", which);
    return found;
  }

  private change<T>(what: string, work: () => T): Promise<T> {
    return this.call(() => {
      const result = work();
      this.changes.push(what);
      this.watch();
      return result;
    });
  }

  private async call<T>(work: () => T): Promise<T> {
    await Promise.resolve();
    const number = this.calls;
    this.calls += 1;
    const { call, when } = this.fault ?? {};
    if (number === call && when === "before") throw new InterruptedError();
    const answer = work();
    if (number === call) throw new InterruptedError();
    return answer;
  }
}

function summaryOf({ id, arn, status }: Standing): CertificateSummary {
  return { id, arn, status, created: new Date(0) };
}

function failure(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

const keyStart = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");
const keyLength = 91;

/** A certificate of its own for the key of a request, which is one on the curve P-256; nobody has signed it. */
function certificateFor(csr: string): string {
  const request = Buffer.from(csr.replaceAll(/-----[^-]+-----/g, ""), "base64");
  const at = request.indexOf(keyStart);
  if (at < 0) throw failure("InvalidRequestException", "this account takes keys of P-256 alone");
  const algorithm = der(0x30, der(0x06, Buffer.from("2a8648ce3d040302", "hex")));
  const [from, to] = ["260101000000Z", "491231235959Z"].map((time) => der(0x17, Buffer.from(time)));
  const information = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1]), randomBytes(15)),
    algorithm,
    der(0x30),
    der(0x30, ...[from, to].flatMap((time) => time ?? [])),
    der(0x30),
    request.subarray(at, at + keyLength),
  );
  const certificate = der(0x30, information, algorithm, der(0x03, Buffer.alloc(2)));
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64")}\n-----END CERTIFICATE-----\n`;
}

function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length = body.length < 0x80 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}
