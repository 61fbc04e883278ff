import type { IConstruct } from "constructs";

/** Anything with an IAM identity that permissions can be given to. */
export interface Grantee extends IConstruct {
  /** Allow `actions` on exactly `resources`; `sid` names the permission, once per grantee. */
  allow(sid: string, actions: readonly string[], resources: readonly string[]): void;
}
