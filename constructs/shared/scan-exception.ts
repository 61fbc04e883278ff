import type { TerraformElement } from "cdktf";

/** Where exceptions are in `cdk.tf.json`: beside the metadata that Terraform does not read. */
export const scanExceptionsKey = "scanExceptions";

/**
 * Say why `npm run scan` must not fail because of a check at this resource. It changes nothing in AWS: the reason is a comment in
 * the synthesized stack. An exception that no finding needs fails the scan, so one that hangs on a setting is written under it.
 */
export function exceptFromScan(resource: TerraformElement, check: string, because: string): void {
  if (!/^CKV2?_AWS_\d+$/.test(check)) {
    throw new Error(`${resource.node.path}: a check is called like CKV_AWS_18 or CKV2_AWS_62, got ${check}`);
  }
  if (because.trim().length < 10) {
    throw new Error(`${resource.node.path}: the exception from ${check} needs its reason, got "${because}"`);
  }
  resource.addOverride(`//.${scanExceptionsKey}.${check}`, because);
}

/** Several checks at one resource, each with its reason. */
export function exceptAllFromScan(resource: TerraformElement, becauseByCheck: Readonly<Record<string, string>>): void {
  for (const [check, because] of Object.entries(becauseByCheck)) exceptFromScan(resource, check, because);
}
