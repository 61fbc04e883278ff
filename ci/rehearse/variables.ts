import { emulatorVariables } from "../terraform/endpoint";

/** Settings of a person that must not reach a rehearsal: other credentials, other endpoints, other versions. */
const foreign = /^(AWS_|TF_|SLIPWAY_|MOTO_|CDKTF_|https?_proxy$|all_proxy$|no_proxy$)/i;

/** What of the user's variables a rehearsal may see. */
export function neutral(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}

export interface VariablesOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Where the emulator answers. */
  readonly url: string;
  /** The caller's account; the emulator takes it from the access key. */
  readonly account: string;
  /** Name of a role whose session it is; the emulator takes it from the access key too. Default: a person's. */
  readonly role?: string | undefined;
  readonly region: string;
  /** Folder without anything in it that AWS configuration could be read from. */
  readonly directory: string;
}

/** Everything that sends Terraform, or any other program, to an emulator. */
export function awsVariables({
  url,
  account,
  role,
  region,
  directory,
}: Omit<VariablesOptions, "env">): Record<string, string> {
  const variables = {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: role === undefined ? account : `${account}.${role}`,
    AWS_SECRET_ACCESS_KEY: "rehearsal",
    AWS_CONFIG_FILE: `${directory}/aws-config`,
    AWS_SHARED_CREDENTIALS_FILE: `${directory}/aws-credentials`,
    // the emulator answers at once or never
    AWS_MAX_ATTEMPTS: "2",
  };
  return { ...variables, ...emulatorVariables(variables) };
}

/** The whole environment of Terraform in a rehearsal. */
export function terraformVariables(options: VariablesOptions): Record<string, string> {
  const { env } = options;
  return { ...neutral(env), ...proxies(env), ...awsVariables(options) };
}

/** The way to the registry, for `init`; what goes to the emulator must not be taken off its way. */
export function proxies(env: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(env).filter(([name]) => /^(https_proxy|no_proxy)$/i.test(name));
  return Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      /^no_proxy$/i.test(name)
        ? value
            .split(",")
            .filter((host) => host.trim() !== "*")
            .join(",")
        : value,
    ]),
  );
}
