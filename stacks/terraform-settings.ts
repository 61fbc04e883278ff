import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { LocalBackend, S3Backend, type TerraformStack } from "cdktf";

/** Terraform and OpenTofu from this version on know write-only attributes and the S3 lock file. */
export const requiredVersion = ">= 1.11.0";

/** Provider releases that deploy what the rehearsal proves; docs/decisions/0003-provider-range.md says why. */
export const providerRange = ">= 6.58.0, < 7.0.0";

/** Where the state of all stacks is. */
export type State = { readonly bucket: string; readonly region: string } | { readonly local: true };

export interface TerraformSettings {
  /** Name of the project, so that projects can share a bucket. */
  readonly project: string;
  readonly account: string;
  readonly region: string;
  readonly state: State;
  /** Exact provider version in place of the range. */
  readonly providerVersion?: string | undefined;
  /** Tags on everything that AWS can tag. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Give a stack its versions, its state and its provider: the same for all stacks. */
export function setUpTerraform(stack: TerraformStack, settings: TerraformSettings): void {
  const { project, account, region, state, providerVersion, tags } = settings;
  stack.addOverride("terraform.required_version", requiredVersion);
  stack.addOverride("terraform.required_providers.aws", {
    source: "hashicorp/aws",
    version: providerVersion ?? providerRange,
  });
  new AwsProvider(stack, "Aws", {
    region,
    allowedAccountIds: [account],
    defaultTags: [{ tags: { ...tags } }],
  });
  addBackend(stack, project, state);
}

function addBackend(stack: TerraformStack, project: string, state: State): void {
  if ("local" in state) {
    // Terraform runs in cdktf.out/stacks/<stack>: the state must not go with that folder
    new LocalBackend(stack, { path: `../../../.state/${stack.node.id}.tfstate` });
    return;
  }
  const backend = new S3Backend(stack, {
    bucket: state.bucket,
    region: state.region,
    key: `${project}/${stack.node.id}.tfstate`,
    encrypt: true,
  });
  // typed only in later bindings; through `as any` it would also land in remote-state data sources
  backend.addOverride("use_lockfile", true);
}
