import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";

/** The authorities that sign for the ATS endpoints of AWS IoT: one of RSA keys, one of elliptic curves. */
const names = ["Amazon Root CA 1", "Amazon Root CA 3"];

/** Where AWS publishes them, for a device that trusts nothing yet. */
export const rootCertificatesUrl = "https://www.amazontrust.com/repository/AmazonRootCA1.pem";

/** What a device must trust, in PEM: from the authorities that Node itself trusts, so nothing is downloaded. */
export function amazonRootCertificates(): string {
  const found = rootCertificates.filter((pem) => names.some((name) => isOf(pem, name)));
  return `${found.join("\n")}\n`;
}

function isOf(pem: string, name: string): boolean {
  const [, base64 = ""] = /-----BEGIN CERTIFICATE-----([^-]+)/.exec(pem) ?? [];
  // to take every one of them apart would take longer than the rest of the work on this machine
  const mentions = Buffer.from(base64, "base64").includes(name);
  return mentions && new X509Certificate(pem).subject.split("\n").includes(`CN=${name}`);
}
