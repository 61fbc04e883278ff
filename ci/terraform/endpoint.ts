import { createHash } from "node:crypto";

/** Where the calls of a run go: to AWS, or to what stands in for it. */
export type Endpoint =
  | { readonly kind: "aws"; readonly text: string }
  | { readonly kind: "emulator"; readonly text: string; readonly key: string };

/** By AWS_ENDPOINT_URL and its forms per service; an address of AWS itself, such as a VPC endpoint, is AWS. */
export function endpointOf(env: Readonly<Record<string, string>>): Endpoint {
  const aws: Endpoint = { kind: "aws", text: "AWS" };
  if (env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.toLowerCase() === "true") return aws;
  const others = Object.entries(env)
    .filter(([name, url]) => /^AWS_ENDPOINT_URL(_|$)/.test(name) && url !== "" && !isOfAws(url))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (others.length === 0) return aws;
  const text = [...new Set(others.map(([, url]) => url))].join(", ");
  const key = createHash("sha256").update(JSON.stringify(others)).digest("hex").slice(0, 12);
  return { kind: "emulator", text, key };
}

/** The endpoint that the state in S3 is read from is the same as that of everything else. */
export function coversS3(env: Readonly<Record<string, string>>): boolean {
  return [env["AWS_ENDPOINT_URL"], env["AWS_ENDPOINT_URL_S3"]].some((url) => url !== undefined && url !== "");
}

/**
 * What Terraform needs beside AWS_ENDPOINT_URL to reach an emulator: S3 Control puts the account before the host's name, which an
 * address cannot take; so it gets an invented name, and the emulator as the proxy that knows it.
 */
export function emulatorVariables(env: Readonly<Record<string, string>>): Record<string, string> {
  const url = env["AWS_ENDPOINT_URL"];
  if (url === undefined || !url.startsWith("http://") || env["AWS_ENDPOINT_URL_S3_CONTROL"] !== undefined) return {};
  return {
    AWS_ENDPOINT_URL_S3_CONTROL: "http://s3control.emulator.invalid",
    HTTP_PROXY: url,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

function isOfAws(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].some((domain) => hostname.endsWith(domain));
}
