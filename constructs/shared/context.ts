import type { Statement } from "../pipeline/place";
import type { Lifetime } from "./protection";

/** What every construct of an environment needs to know about it: names, paths, and how long it lives. */
export interface Context {
  readonly project: string;
  readonly environment: string;
  /** Start of every name that a person sees in the console: `<project>-<environment>`. */
  readonly name: string;
  /** Start of every path of a secret, parameter or log group: `/<project>/<environment>`. */
  readonly path: string;
  /** The path of every IAM role, user, group and policy: `/<project>/<environment>/`. */
  readonly iamPath: string;
  readonly account: string;
  readonly region: string;
  readonly lifetime: Lifetime;
  /** Policy that bounds every role and user. */
  readonly permissionsBoundaryArn?: string;
  /** What that policy lets through, where the bootstrap made it: a permission outside of it would be refused by AWS alone. */
  readonly boundary?: readonly Statement[];
  /** Change databases and brokers at once, with a restart, instead of in their maintenance window. */
  readonly applyNow: boolean;
  /** What the provider tags everything with; only for the few things whose tags the provider cannot reach. */
  readonly tags: Readonly<Record<string, string>>;
}

/** The `permissionsBoundary` of a role or user, if the project has one. */
export function boundaryOf(context: Context): { readonly permissionsBoundary?: string } {
  return context.permissionsBoundaryArn === undefined ? {} : { permissionsBoundary: context.permissionsBoundaryArn };
}
