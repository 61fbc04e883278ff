import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CommandError, exitCodes } from "../exit-codes";
import { certificateRequest, keyOf, keyOfRequest } from "./certificate-request";
import { amazonRootCertificates } from "./root-certificates";

/** A certificate signing request, and what tells its key apart. */
export interface KeyRequest {
  readonly csr: string;
  readonly key: string;
}

/** What a device is given: a folder on this machine, for its owner alone, in which nothing is overwritten. */
export class DeviceFolder {
  constructor(
    private readonly folder: string,
    /** As a person is told of it. */
    private readonly shown: string,
  ) {}

  get certificateFile(): string {
    return path.join(this.shown, "certificate.pem");
  }

  get keyFile(): string {
    return path.join(this.shown, "private.key");
  }

  get rootFile(): string {
    return path.join(this.shown, "amazon-root-ca.pem");
  }

  get hasKey(): boolean {
    return existsSync(this.at("private.key"));
  }

  /** The request for the key in this folder, which is made if there is none. The key is written before anybody hears of it. */
  request(name: string): KeyRequest {
    if (!this.hasKey) {
      this.refuseOther(undefined);
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      this.write("private.key", privateKey.export({ format: "pem", type: "pkcs8" }).toString());
    }
    const key = this.readKey();
    return { csr: certificateRequest(key, name), key: keyOf(key) };
  }

  /** @throws CommandError when a key lies here that is not that of the device's own request: the two files would look like a pair */
  refuseOtherKey({ key }: KeyRequest): void {
    if (!this.hasKey || keyOf(this.readKey()) === key) return;
    throw new CommandError(
      `${this.keyFile} is there already, and is not the key of the request: ${this.wayOut}`,
      exitCodes.usage,
    );
  }

  /** @throws CommandError when another certificate lies here already */
  refuseOther(pem: string | undefined): void {
    const file = this.at("certificate.pem");
    if (!existsSync(file) || (pem !== undefined && readFileSync(file, "utf8") === pem)) return;
    throw new CommandError(
      `${this.certificateFile} is there already, and is not the certificate of this device: ${this.wayOut}`,
      exitCodes.usage,
    );
  }

  /** Write what is missing of the certificate and of what the device must trust. */
  writeCertificate(pem: string): void {
    this.refuseOther(pem);
    if (!existsSync(this.at("certificate.pem"))) this.write("certificate.pem", pem);
    if (!existsSync(this.at("amazon-root-ca.pem"))) this.write("amazon-root-ca.pem", amazonRootCertificates());
  }

  /** Nobody is told to delete: the only copy of a key may lie in there. */
  private get wayOut(): string {
    return `move ${this.shown} away, or name another folder with --out`;
  }

  private readKey(): KeyObject {
    const key = keyIn(readFileSync(this.at("private.key")));
    if (key?.asymmetricKeyType === "ec") return key;
    throw new CommandError(
      `${this.keyFile} is no unencrypted private key on an elliptic curve: ${this.wayOut}`,
      exitCodes.usage,
    );
  }

  private write(name: string, text: string): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    writeFileSync(this.at(name), text, { mode: 0o600, flag: "wx" });
  }

  private at(name: string): string {
    return path.join(this.folder, name);
  }
}

function keyIn(pem: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/** @throws CommandError when there is no such file, or something else in it */
export function readRequest(file: string, shown: string): KeyRequest {
  if (!existsSync(file)) {
    throw new CommandError(
      `there is no ${shown}: \`openssl req -new -key <key> -subj /CN=device -out ${shown}\` makes it`,
      exitCodes.usage,
    );
  }
  const csr = readFileSync(file, "utf8");
  return { csr, key: keyOfRequest(csr, shown) };
}
