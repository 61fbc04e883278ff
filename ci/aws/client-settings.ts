/** What every client of the AWS SDK is made with. */
export interface ClientSettings {
  readonly region: string;
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    /** Else the SDK only prints that it has waited too long, and goes on waiting. */
    readonly throwOnRequestTimeout: boolean;
  };
  readonly endpoint?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/**
 * Settings from the command's own variables, so that what the command was given is what it uses: the endpoint of the service or of
 * all services, and keys if they are named. Else the SDK looks for credentials where it always does.
 */
export function clientSettings(env: Readonly<Record<string, string>>, region: string, service: string): ClientSettings {
  const ignored = env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.toLowerCase() === "true";
  const endpoint = ignored
    ? undefined
    : (filled(env[`AWS_ENDPOINT_URL_${service}`]) ?? filled(env["AWS_ENDPOINT_URL"]));
  const accessKeyId = filled(env["AWS_ACCESS_KEY_ID"]);
  const secretAccessKey = filled(env["AWS_SECRET_ACCESS_KEY"]);
  const sessionToken = filled(env["AWS_SESSION_TOKEN"]);
  return {
    region,
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) } }),
  };
}

function filled(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}
