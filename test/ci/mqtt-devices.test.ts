import { createPrivateKey, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { X509Certificate } from "node:crypto";
import { certificateRequest, keyOf, keyOfRequest } from "../../ci/mqtt/certificate-request";
import { DeviceFolder, readRequest } from "../../ci/mqtt/device-folder";
import { checkDeviceId, deviceId, thingName } from "../../ci/mqtt/device-name";
import { amazonRootCertificates } from "../../ci/mqtt/root-certificates";

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "slipway-device-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => path.join(folder, name);

describe("the id of a device", () => {
  test.each(["a", "pump-1", "Pump_2", "server", "a".repeat(124)])("%s", (id) => {
    expect(() => checkDeviceId("dev", id)).not.toThrow();
    expect(deviceId("dev", thingName("dev", id))).toBe(id);
  });

  test.each([
    ["", 'must be 1 to 124 letters, digits, _ or -, got "": choose another'],
    ["a/b", 'must be 1 to 124 letters, digits, _ or -, got "a/b": choose another'],
    ["a.b", 'must be 1 to 124 letters, digits, _ or -, got "a.b": choose another'],
    ["a".repeat(125), "must be 1 to 124 letters, digits, _ or -"],
    ["server-1", 'must not start with server-, which is how services call themselves, got "server-1": choose another'],
  ])("%s is refused", (id, sentence) => {
    expect(() => checkDeviceId("dev", id)).toThrow(sentence);
  });
});

describe("a certificate signing request", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = certificateRequest(privateKey, `dev-${"x".repeat(100)}`);
  const der = Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64");

  test("is signed with its own key, and tells it", () => {
    expect(keyOfRequest(pem, "device.csr")).toBe(keyOf(privateKey));
    expect(keyOf(createPublicKey(privateKey))).toBe(keyOf(privateKey));
    // request: a sequence of what is signed, the way of signing, and the signature as bits
    const informationAt = 2 + (der[1] === 0x82 ? 2 : der[1] === 0x81 ? 1 : 0);
    const lengthAt = informationAt + 1;
    const octets = (der[lengthAt] ?? 0) & 0x80 ? (der[lengthAt] ?? 0) & 0x7f : 0;
    const length = octets === 0 ? (der[lengthAt] ?? 0) : der.readUIntBE(lengthAt + 1, octets);
    const informationEnd = lengthAt + 1 + octets + length;
    const bitsAt = informationEnd + 2 + (der[informationEnd + 1] ?? 0);
    const signature = der.subarray(bitsAt + 3);
    expect(verify("sha256", der.subarray(informationAt, informationEnd), createPublicKey(privateKey), signature)).toBe(
      true,
    );
  });

  test("of other keys than ours is read too", () => {
    // made by openssl from a key of RSA
    const rsa = readFileSync(path.join(__dirname, "support/rsa-request.pem"), "utf8");
    expect(keyOfRequest(rsa, "device.csr")).toMatch(/^[0-9a-f]{64}$/);
    expect(keyOfRequest(rsa, "device.csr")).not.toBe(keyOf(privateKey));
  });

  test.each([
    ["nothing", "", "device.csr must be a certificate signing request in PEM: `openssl req -new"],
    ["half of one", pem.slice(0, 150), "device.csr must be a certificate signing request in PEM"],
    [
      "a private key",
      privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
      "device.csr holds a private key, which is to stay on the device",
    ],
  ])("%s is refused", (_, text, sentence) => {
    writeFileSync(at("device.csr"), text);
    expect(() => readRequest(at("device.csr"), "device.csr")).toThrow(sentence);
  });

  test("that is not there is told with how to make one", () => {
    expect(() => readRequest(at("none.csr"), "none.csr")).toThrow(
      "there is no none.csr: `openssl req -new -key <key> -subj /CN=device -out none.csr` makes it",
    );
  });
});

describe("the folder of a device", () => {
  const open = (): DeviceFolder => new DeviceFolder(at("pump"), "devices/pump");

  test("gets a key once, which only its owner reads", () => {
    expect(open().hasKey).toBe(false);
    const first = open().request("dev-pump");
    expect(open().hasKey).toBe(true);
    expect(open().request("dev-pump").key).toBe(first.key);
    expect(keyOf(createPrivateKey(readFileSync(at("pump/private.key"))))).toBe(first.key);
    expect(statSync(at("pump/private.key")).mode & 0o777).toBe(0o600);
    expect(statSync(at("pump")).mode & 0o777).toBe(0o700);
  });

  test("gets the certificate and what the device must trust, and keeps what is there", () => {
    open().writeCertificate("one");
    open().writeCertificate("one");
    expect(readFileSync(at("pump/certificate.pem"), "utf8")).toBe("one");
    expect(readFileSync(at("pump/amazon-root-ca.pem"), "utf8")).toBe(amazonRootCertificates());
    const sentence =
      "devices/pump/certificate.pem is there already, and is not the certificate of this device: move devices/pump away, or name another folder with --out";
    expect(() => open().writeCertificate("two")).toThrow(sentence);
    expect(() => open().refuseOther(undefined)).toThrow(sentence);
    expect(() => open().request("dev-pump")).toThrow(sentence);
    expect(open().hasKey).toBe(false);
  });

  test("of something else is not written to", () => {
    mkdirSync(at("pump"));
    writeFileSync(at("pump/certificate.pem"), "another");
    expect(() => open().request("dev-pump")).toThrow("is not the certificate of this device");
  });
});

test("what a device must trust are Amazon's two roots", () => {
  const roots = amazonRootCertificates().match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
  expect(roots.map((pem) => new X509Certificate(pem).subject.split("\n").at(-1))).toEqual([
    "CN=Amazon Root CA 1",
    "CN=Amazon Root CA 3",
  ]);
});
