import type { App } from "cdktf";
import { accountsOf } from "../environments/accounts";
import { type Configuration } from "../environments/checks";
import type { Lifetime } from "../constructs/shared/protection";
import type { Project } from "../environments/project-schema";
import { bootstrapStack, stateBucketName, stateBucketOf } from "../constructs/shared/pipeline-names";
import { BootstrapStack } from "./bootstrap-stack";
import { EnvironmentStack } from "./environment-stack";
import { RegistryStack } from "./registry-stack";
import type { State } from "./terraform-settings";

/** What is decided for one run and not written into an environment. */
export interface RunOptions {
  /** Change databases at once instead of in their maintenance window. Default: false. */
  readonly applyNow?: boolean;
  /** A monitor of cost anomalies that the account had before its bootstrap. Default: the bootstrap makes one. */
  readonly anomalyMonitorArn?: string;
  /** Identity providers that the account had before its bootstrap. Default: the bootstrap makes those that are needed. */
  readonly identityProviderArns?: readonly string[];
  /** Environments to build, and stacks of the bootstrap; the registry always is. Default: all. */
  readonly environments?: readonly string[];
  /** Another lifetime for this run: how `destroy` lowers the guards. Default: the environment's own; the registry is permanent. */
  readonly lifetime?: Lifetime;
  /** Exact version of the AWS provider, in place of the range. */
  readonly providerVersion?: string;
  /** Where the state is. Default: the project's bucket, else a local file. */
  readonly state?: State;
}

/** Every stack of a configuration: one per environment, the registry, and one per account. The entry and the tests both build here. */
export function compose(app: App, { project, environments }: Configuration, options: RunOptions = {}): void {
  const { providerVersion, anomalyMonitorArn, identityProviderArns } = options;
  const wanted = (stack: string): boolean => options.environments?.includes(stack) ?? true;
  const sharedIn = (account: string) => ({
    project,
    providerVersion,
    state: options.state ?? stateIn(project, account),
  });

  new RegistryStack(app, "registry", {
    ...sharedIn(project.registry.account),
    environments: Object.keys(environments),
    lifetime: options.lifetime ?? "permanent",
  });
  for (const [name, environment] of Object.entries(environments)) {
    if (!wanted(name)) continue;
    const account = accountOf(project, name);
    new EnvironmentStack(app, name, {
      ...sharedIn(account),
      environment: { ...environment, lifetime: options.lifetime ?? environment.lifetime },
      account,
      applyNow: options.applyNow ?? false,
    });
  }
  for (const account of accountsOf(project)) {
    const id = bootstrapStack(account);
    if (!wanted(id)) continue;
    new BootstrapStack(app, id, {
      ...sharedIn(account),
      // whatever holds the other states: nothing else may be needed before it, and it makes this one
      state: options.state ?? bootstrapState(project, account),
      environments,
      account,
      lifetime: options.lifetime ?? "permanent",
      anomalyMonitorArn,
      identityProviderArns,
    });
  }
}

function accountOf({ accounts }: Project, environment: string): string {
  const account = accounts[environment];
  // the checks of the configuration insist on it
  if (account === undefined) throw new Error(`${environment} has no account`);
  return account;
}

function stateIn(project: Project, account: string): State {
  const { stateBucket } = project;
  if ("none" in stateBucket) return { local: true };
  return stateBucketOf(project, account);
}

/** The bucket that the bootstrap of an account makes, and where its own state goes. */
function bootstrapState({ name, region }: Project, account: string): State {
  return { bucket: stateBucketName(name, account), region };
}
