import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { ContainerRegistry } from "../constructs/container-registry";
import type { Lifetime } from "../constructs/shared/protection";
import type { Project } from "../environments/project-schema";
import { contextOf } from "./context-of";
import { setUpTerraform, type State } from "./terraform-settings";

export interface RegistryStackProps {
  readonly project: Project;
  /** Names of all environments: the accounts that pull, and whose releases tag. */
  readonly environments: readonly string[];
  /** `permanent` but for the run that destroys it. */
  readonly lifetime: Lifetime;
  readonly state: State;
  readonly providerVersion?: string | undefined;
}

/**
 * The image repositories: apart from the environments, since an image is built once and outlives the environment that it was
 * first released to.
 */
export class RegistryStack extends TerraformStack {
  constructor(
    scope: Construct,
    id: string,
    { project, environments, lifetime, state, providerVersion }: RegistryStackProps,
  ) {
    super(scope, id);
    const { account, region } = project.registry;
    const context = contextOf({ project, name: id, account, region, lifetime, applyNow: false });
    setUpTerraform(this, { project: project.name, account, region, state, providerVersion, tags: context.tags });

    const registry = new ContainerRegistry(this, "Registry", {
      context,
      repositories: project.repositories,
      readerAccounts: [...new Set(environments.map((name) => project.accounts[name] ?? account))],
    });

    new TerraformOutput(this, "repository_urls", { value: registry.repositoryUrlByName, staticId: true });
  }
}
