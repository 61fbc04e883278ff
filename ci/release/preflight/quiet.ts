import { lastPart } from "../arn";
import type { World } from "../running";
import type { ServiceSubject } from "../subjects";
import type { ReleaseWork } from "../work";
import type { Findings } from "./findings";

/** Nothing else is under way: what a release would trample on, or be trampled on by. */
export function checkQuiet(environment: string, { services, schedules, migrations }: World, findings: Findings): void {
  const status = `npm run status -- ${environment}`;
  for (const { subject, service, inProgress } of services) {
    if (service?.status !== "ACTIVE") {
      findings.problem(
        `service ${subject.name} is ${service?.status === undefined ? "not there" : service.status.toLowerCase()}: npm run deploy -- ${environment}`,
      );
    } else if (inProgress.length > 0) {
      findings.problem(
        `a deployment of ${subject.name} is in progress (${lastPart(inProgress[0]?.arn ?? "")}): wait for its end, which ${status} shows, or end it with npm run rollback -- ${environment}`,
      );
    }
  }
  for (const { subject, state } of schedules) {
    if (state === undefined)
      findings.problem(`schedule ${subject.name} is not there: npm run deploy -- ${environment}`);
  }
  for (const arn of migrations) {
    findings.problem(
      `a migration is running (task ${lastPart(arn)}): wait for its end, which npm run logs -- ${environment} migration --follow shows`,
    );
  }
}

/** No alarm rings that would make ECS undo a deployment, whatever it brings. */
export async function checkAlarms(
  { alarms, interrupts }: ReleaseWork,
  services: readonly ServiceSubject[],
  force: boolean,
  findings: Findings,
): Promise<void> {
  const names = services.flatMap(({ contract }) => contract.rollbackAlarms);
  if (names.length === 0) return;
  for (const name of await interrupts.race(alarms.ringingOf(names))) {
    // AWS does not say which of the two
    const then = "ECS may undo the deployment for it, or watch no alarm at all in it";
    if (force) findings.warn(`alarm ${name} rings: ${then} (--force)`);
    else findings.problem(`alarm ${name} rings: ${then}; mend that first, or pass --force`);
  }
}
