import { createHash, createPublicKey, type KeyObject, sign, X509Certificate } from "node:crypto";
import { CommandError, exitCodes } from "../exit-codes";

/** Tags of ASN.1, as far as a certificate signing request has them. */
const tag = { integer: 0x02, bits: 0x03, oid: 0x06, utf8: 0x0c, sequence: 0x30, set: 0x31, attributes: 0xa0 } as const;

const commonName = Buffer.from("550403", "hex");
const ecdsaWithSha256 = Buffer.from("2a8648ce3d040302", "hex");

/** What X.509 allows in a common name. */
const commonNameLength = 64;

/**
 * A certificate signing request (PKCS #10) in PEM.
 *
 * @param key private key on an elliptic curve
 * @param name for people: AWS IoT tells devices apart by the thing that a certificate is attached to
 */
export function certificateRequest(key: KeyObject, name: string): string {
  const subject = element(
    tag.set,
    element(
      tag.sequence,
      element(tag.oid, commonName),
      element(tag.utf8, Buffer.from(name.slice(0, commonNameLength), "utf8")),
    ),
  );
  const information = element(
    tag.sequence,
    element(tag.integer, Buffer.from([0])),
    element(tag.sequence, subject),
    subjectPublicKeyInfo(createPublicKey(key)),
    element(tag.attributes),
  );
  const request = element(
    tag.sequence,
    information,
    element(tag.sequence, element(tag.oid, ecdsaWithSha256)),
    // the first octet counts unused bits
    element(tag.bits, Buffer.from([0]), sign("sha256", information, key)),
  );
  const lines = request.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join("\n")}\n-----END CERTIFICATE REQUEST-----\n`;
}

/**
 * Tells the key of a certificate signing request apart from all others; the certificate made from it has the same.
 *
 * @throws CommandError when the text of `file` is not such a request, or gives away a private key
 */
export function keyOfRequest(pem: string, file: string): string {
  if (/PRIVATE KEY/.test(pem)) {
    throw new CommandError(
      `${file} holds a private key, which is to stay on the device: \`openssl req -new -key <key> -subj /CN=device -out device.csr\` makes a request without it`,
      exitCodes.usage,
    );
  }
  try {
    const [, base64 = ""] = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([^-]+)-----END/.exec(pem) ?? [];
    const [information] = contents(contents(Buffer.from(base64, "base64"))[0]?.content);
    const [, , key] = contents(information?.content);
    return keyOf(createPublicKey({ key: key?.whole ?? Buffer.alloc(0), format: "der", type: "spki" }));
  } catch {
    throw new CommandError(
      `${file} must be a certificate signing request in PEM: \`openssl req -new -key <key> -subj /CN=device -out device.csr\` makes one`,
      exitCodes.usage,
    );
  }
}

/** The same for a certificate in PEM. */
export function keyOfCertificate(pem: string): string {
  return keyOf(new X509Certificate(pem).publicKey);
}

/** The same for a key, public or private. */
export function keyOf(key: KeyObject): string {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return createHash("sha256").update(subjectPublicKeyInfo(publicKey)).digest("hex");
}

function subjectPublicKeyInfo(key: KeyObject): Buffer {
  return key.export({ format: "der", type: "spki" });
}

function element(type: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([type, ...lengthOctets(body.length)]), body]);
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

interface Element {
  readonly content: Buffer;
  /** With its tag and length. */
  readonly whole: Buffer;
}

/** The elements that stand one after the other; anything that is not ASN.1 is an exception of the buffer. */
function contents(bytes: Buffer = Buffer.alloc(0)): Element[] {
  const found: Element[] = [];
  for (let start = 0; start < bytes.length;) {
    const first = bytes.readUInt8(start + 1);
    const octets = first < 0x80 ? 0 : first & 0x7f;
    const length = octets === 0 ? first : bytes.readUIntBE(start + 2, octets);
    const from = start + 2 + octets;
    found.push({ content: bytes.subarray(from, from + length), whole: bytes.subarray(start, from + length) });
    start = from + length;
  }
  return found;
}
