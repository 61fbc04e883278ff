import type { Databases } from "../aws/databases";
import { CommandError } from "../exit-codes";
import type { Report } from "../report";
import { guardsIn } from "./guards";
import type { Interrupts } from "./interrupts";
import { resourcesOf, type StateResource } from "./json";
import { preventsDestroy } from "./stack-json";
import type { Workspace } from "./workspace";

export interface MendOptions {
  readonly workspace: Workspace;
  readonly databases: Databases;
  readonly report: Report;
  readonly interrupts: Interrupts;
}

const pollMs = 5_000;

/**
 * What cannot be made anew while the half-made one is there, guarded or not. The route of a service is made before the old one goes
 * (`create_before_destroy`), which Terraform extends to all that a route depends on, and AWS refuses a second load balancer, bucket or
 * group of the same name, or a second subnet of the same block. Waiting for a database takes minutes less than a second one.
 */
const keptTypes: ReadonlySet<string> = new Set([
  "aws_db_instance",
  "aws_lb",
  "aws_s3_bucket",
  "aws_security_group",
  "aws_subnet",
]);

/**
 * What an interrupted create left tainted and must not be made anew: Terraform would delete it, which `prevent_destroy` or AWS
 * refuses, or make another one beside it, which its name forbids.
 */
export async function halfMade({ json, terraform }: Workspace): Promise<StateResource[]> {
  const resources = resourcesOf(await terraform.state());
  return resources.filter(
    (resource) =>
      resource.tainted === true &&
      (keptTypes.has(resource.type) || preventsDestroy(json, resource) || guardsIn([resource]).length > 0),
  );
}

/** Wait until AWS has finished what was begun, then untaint it; gives the addresses. The next plan changes what is still missing. */
export async function mend({ workspace, databases, report, interrupts }: MendOptions): Promise<string[]> {
  const resources = await halfMade(workspace);
  for (const resource of resources) {
    const { address } = resource;
    report.line(`${address} was left half made by an interrupted deploy`);
    if (resource.type === "aws_db_instance") {
      await report.step(`wait until AWS calls ${address} available`, () =>
        untilAvailable(resource, databases, report, interrupts),
      );
    }
    await workspace.terraform.untaint(address);
    report.line(`${address} is taken over as it is (untainted)`);
  }
  return resources.map(({ address }) => address);
}

async function untilAvailable(
  { address, values }: StateResource,
  databases: Databases,
  report: Report,
  interrupts: Interrupts,
): Promise<void> {
  const identifier = values["identifier"];
  // never reached AWS: once untainted, the refresh forgets it
  if (typeof identifier !== "string") return;
  for (;;) {
    const status = await interrupts.race(databases.status(identifier));
    if (status === undefined || status === "available") return;
    if (/^(failed|inaccessible|incompatible|restore-error|storage-full)/.test(status)) {
      throw new CommandError(`AWS calls ${identifier} (${address}) ${status}: look at its events in the RDS console`);
    }
    report.progress(`AWS calls it ${status}`);
    await interrupts.pause(pollMs);
  }
}
