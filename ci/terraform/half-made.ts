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
 * What an interrupted create left tainted and must not be made anew: Terraform would delete it first, which `prevent_destroy` or AWS
 * refuses. A database counts although it is not guarded: waiting for it takes minutes less than a second one.
 */
export async function halfMade({ json, terraform }: Workspace): Promise<StateResource[]> {
  const resources = resourcesOf(await terraform.state());
  return resources.filter(
    (resource) =>
      resource.tainted === true &&
      (resource.type === "aws_db_instance" || preventsDestroy(json, resource) || guardsIn([resource]).length > 0),
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
