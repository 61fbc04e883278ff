import type { App } from "cdktf";
import type { Configuration } from "../environments/checks";
import type { Lifetime } from "../constructs/shared/protection";
import type { Project } from "../environments/project-schema";
import { EnvironmentStack } from "./environment-stack";
import { RegistryStack } from "./registry-stack";
import type { State } from "./terraform-settings";

/** What is decided for one run and not written into an environment. */
export interface RunOptions {
  /** Change databases at once instead of in their maintenance window. Default: false. */
  readonly applyNow?: boolean;
  /** Environments to build; the registry always is. Default: all. */
  readonly environments?: readonly string[];
  /** Another lifetime for this run: how `destroy` lowers the guards. Default: the environment's own; the registry is permanent. */
  readonly lifetime?: Lifetime;
  /** Exact version of the AWS provider, in place of the range. */
  readonly providerVersion?: string;
  /** Where the state is. Default: the project's bucket, else a local file. */
  readonly state?: State;
}

/** Every stack of a configuration: one per environment, and the registry. The entry and the tests both build here. */
export function compose(app: App, { project, environments }: Configuration, options: RunOptions = {}): void {
  const state = options.state ?? ("none" in project.stateBucket ? { local: true } : bucketOf(project.stateBucket));
  const shared = { project, state, providerVersion: options.providerVersion };

  new RegistryStack(app, "registry", {
    ...shared,
    environments: Object.keys(environments),
    lifetime: options.lifetime ?? "permanent",
  });
  for (const [name, environment] of Object.entries(environments)) {
    if (options.environments !== undefined && !options.environments.includes(name)) continue;
    new EnvironmentStack(app, name, {
      ...shared,
      environment: { ...environment, lifetime: options.lifetime ?? environment.lifetime },
      account: accountOf(project, name),
      applyNow: options.applyNow ?? false,
    });
  }
}

function accountOf({ accounts }: Project, environment: string): string {
  const account = accounts[environment];
  // the checks of the configuration insist on it
  if (account === undefined) throw new Error(`${environment} has no account`);
  return account;
}

function bucketOf({ name, region }: { readonly name: string; readonly region: string }): State {
  return { bucket: name, region };
}
