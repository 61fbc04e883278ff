import { UNRELEASED } from "../../constructs/shared/release-contract-v1";
import { CommandError, exitCodes } from "../exit-codes";
import { namedService } from "../release/enter";
import { countProblem, countText, desiredWithin, taskCount } from "../release/task-count";
import { openWork } from "../release/work";
import type { Session } from "../session";

export interface ScaleOptions {
  readonly environment: string;
  readonly service: string;
  /** `3`, or `2-6`. */
  readonly tasks: string;
  readonly json: boolean;
}

/** `scale <environment> <service> <tasks>`: how many tasks run, until the next deploy sets the numbers of the environment's file. */
export async function scaleCommand(
  session: Session,
  { environment, service, tasks, json }: ScaleOptions,
): Promise<void> {
  const { report, interrupts, configuration } = session;
  const count = taskCount(tasks);
  const work = await openWork(session, environment);
  const { ecs, scaling, alarms, parameters, contracts } = work;
  const { name, contract } = namedService(contracts, environment, service);
  const problem = countProblem(name, environment, contract, count);
  if (problem !== undefined) throw new CommandError(problem, exitCodes.usage);
  const [released, [described]] = await report.step(`read ${name}`, () =>
    interrupts.race(Promise.all([parameters.read(contract.releasedParameter), ecs.services([contract.serviceArn])])),
  );
  if (released === undefined || released === UNRELEASED || described === undefined) {
    throw new CommandError(
      `${name} was never released, and there is no image to run: npm run release -- ${environment} starts it`,
      exitCodes.refused,
    );
  }
  const now = described.desiredCount ?? 0;
  const desired = desiredWithin(now, count);
  await report.step(`scale ${name} to ${countText(count)}`, async () => {
    interrupts.check();
    // none is what was asked for now, and no reason to wake anybody
    if (count.max === 0) await alarms.setActions(contract.livenessAlarms, false);
    if (contract.scalableTarget !== null) await scaling.setRange(contract.scalableTarget, count.min, count.max);
    if (desired !== now) await ecs.updateService(contract.serviceArn, { desiredCount: desired });
    if (count.max > 0) await alarms.setActions(contract.livenessAlarms, true);
  });
  if (count.max === 0 && contract.livenessAlarms.length > 0) {
    report.warn(
      `nothing rings while ${name} has no tasks, and nothing will after a deploy has started some: npm run scale -- ${environment} ${name} <tasks> starts them and switches its alarms on`,
    );
  }
  const file = countText({ min: contract.minTasks, max: contract.maxTasks });
  report.warn(
    `the next deploy sets it to ${file} again: write the numbers into environments/${environment}.ts if they are to stay`,
  );
  const settings = configuration.environments[environment]?.services[name];
  if (settings !== undefined && "scheduledScaling" in settings && settings.scheduledScaling.length > 0) {
    report.warn(`${name} has scheduledScaling, which sets other numbers at its times`);
  }
  if (json) report.json({ ok: true, environment, service: name, ...count, desired, before: now });
  else {
    report.result(
      desired === now
        ? `${name} may have ${countText(count)} tasks, and keeps ${now}`
        : `${name} goes from ${now} to ${desired} tasks; npm run status -- ${environment} shows them`,
    );
  }
}
