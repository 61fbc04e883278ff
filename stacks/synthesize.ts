import { App } from "cdktf";
import { BlueprintError } from "../constructs/shared/blueprint-error";
import type { Lifetime } from "../constructs/shared/protection";
import { parseConfiguration } from "../environments/checks";
import { compose, type RunOptions } from "./compose";
import type { State } from "./terraform-settings";

type Variables = Readonly<Record<string, string | undefined>>;

/** Check, build and write all stacks; on problems print every one of them and leave with exit code 1, writing nothing. */
export function synthesize(
  configuration: { readonly project: unknown; readonly environments: Readonly<Record<string, unknown>> },
  variables: Variables,
): void {
  try {
    // before the app, which makes its folder at once
    const checked = parseConfiguration(configuration.project, configuration.environments);
    const options = runOptions(variables);
    const app = new App({
      // they say where in cdktf something was made, and take a tenth of the time
      stackTraces: false,
      // engines that the output is meant for; the community fork of cdktf insists on knowing
      context: { targetVersions: { terraform: ">=1.11.0", opentofu: ">=1.11.0" } },
    });
    withoutTracesOfTokens(() => {
      compose(app, checked, options);
      app.synth();
    });
  } catch (error) {
    if (!(error instanceof BlueprintError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

/**
 * Do `work` without writing out where every token is made, which cdktf notes in objects that are no errors and would show if one
 * could not be resolved: it takes a tenth of the time. Errors keep their stacks.
 */
function withoutTracesOfTokens(work: () => void): void {
  const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  Error.prepareStackTrace = (error, frames) =>
    error instanceof Error ? [String(error), ...frames.map(String)].join("\n    at ") : "";
  try {
    work();
  } finally {
    if (before === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Object.defineProperty(Error, "prepareStackTrace", before);
  }
}

/**
 * What the environment variables say about this run. An unset variable says nothing.
 *
 * @throws BlueprintError when a value is not one that the variable takes
 */
export function runOptions(variables: Variables): RunOptions {
  const lifetime = lifetimeOf(variables["SLIPWAY_LIFETIME"]);
  const state = stateOf(variables["SLIPWAY_STATE_BUCKET"]);
  const providerVersion = providerVersionOf(variables["SLIPWAY_AWS_PROVIDER_VERSION"]);
  const anomalyMonitorArn = anomalyMonitorOf(variables["SLIPWAY_ANOMALY_MONITOR"]);
  const identityProviderArns = identityProvidersOf(variables["SLIPWAY_IDENTITY_PROVIDERS"]);
  const environments = variables["SLIPWAY_ENVIRONMENTS"]?.split(",").filter((name) => name !== "");
  return {
    applyNow: variables["SLIPWAY_APPLY_NOW"] === "1",
    ...(lifetime === undefined ? {} : { lifetime }),
    ...(state === undefined ? {} : { state }),
    ...(providerVersion === undefined ? {} : { providerVersion }),
    ...(anomalyMonitorArn === undefined ? {} : { anomalyMonitorArn }),
    ...(identityProviderArns === undefined ? {} : { identityProviderArns }),
    ...(environments === undefined ? {} : { environments }),
  };
}

function lifetimeOf(value: string | undefined): Lifetime | undefined {
  if (value === undefined || value === "" || value === "permanent" || value === "temporary") {
    return value === "" ? undefined : value;
  }
  throw new BlueprintError("SLIPWAY_LIFETIME", [`must be "permanent" or "temporary", got "${value}"`]);
}

function providerVersionOf(value: string | undefined): string | undefined {
  if (value === undefined || value === "") return undefined;
  if (/^\d+\.\d+\.\d+$/.test(value)) return value;
  throw new BlueprintError("SLIPWAY_AWS_PROVIDER_VERSION", [`must be an exact version such as 6.58.0, got "${value}"`]);
}

function anomalyMonitorOf(value: string | undefined): string | undefined {
  if (value === undefined || value === "") return undefined;
  if (/^arn:aws:ce::\d{12}:anomalymonitor\/[\w-]+$/.test(value)) return value;
  throw new BlueprintError("SLIPWAY_ANOMALY_MONITOR", [
    `must be the ARN of a monitor of cost anomalies, got "${value}"`,
  ]);
}

/** ARNs with commas between them. */
function identityProvidersOf(value: string | undefined): readonly string[] | undefined {
  if (value === undefined || value === "") return undefined;
  const arns = value.split(",");
  if (arns.every((arn) => /^arn:aws:iam::\d{12}:oidc-provider\/\S+$/.test(arn))) return arns;
  throw new BlueprintError("SLIPWAY_IDENTITY_PROVIDERS", [
    `must be ARNs of identity providers with commas between them, got "${value}"`,
  ]);
}

/** `name@region`; an empty value means a local file. */
function stateOf(value: string | undefined): State | undefined {
  if (value === undefined) return undefined;
  if (value === "") return { local: true };
  const [, bucket, region] = /^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])@([a-z0-9-]+)$/.exec(value) ?? [];
  if (bucket !== undefined && region !== undefined) return { bucket, region };
  throw new BlueprintError("SLIPWAY_STATE_BUCKET", [`must be empty or <bucket>@<region>, got "${value}"`]);
}
