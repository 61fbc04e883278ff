import { CommandError, exitCodes, InterruptedError } from "../exit-codes";
import { lastPart } from "../release/arn";
import { namedService, type NamedService, runningServices } from "../release/enter";
import { type FollowOutcome, followServices } from "../release/follow-service";
import { withReleaseLock } from "../release/lock";
import { openWork, type ReleaseWork } from "../release/work";
import type { Session } from "../session";

/** Deployments of the last day are known, so that the new one is told from them. */
const dayMs = 86_400_000;

export interface RestartOptions {
  readonly environment: string;
  /** Default: all that always run. */
  readonly service: string | undefined;
  /** Minutes. */
  readonly timeout: number;
  readonly json: boolean;
}

/** `restart <environment> [service]`: the same revision in new tasks, which read their secrets again; followed to the end. */
export async function restartCommand(session: Session, options: RestartOptions): Promise<void> {
  const { environment, service, json } = options;
  const { report } = session;
  const work = await openWork(session, environment);
  const wanted =
    service === undefined ? runningServices(work.contracts) : [namedService(work.contracts, environment, service)];
  const outcomes = await withReleaseLock(work, environment, () => restart(work, wanted, options));
  const failed = outcomes.filter(({ status }) => status !== "succeeded");
  if (failed.length > 0) throw failedError(environment, failed, outcomes);
  if (json) report.json({ ok: true, environment, services: outcomes.map(told) });
  else report.result(`${outcomes.map(({ name }) => name).join(", ")} runs in new tasks`);
}

async function restart(
  work: ReleaseWork,
  wanted: readonly NamedService[],
  { environment, timeout }: RestartOptions,
): Promise<FollowOutcome[]> {
  const { ecs, clock, report, interrupts } = work;
  const arns = wanted.map(({ contract }) => contract.serviceArn);
  const described = await report.step("read what runs", () => interrupts.race(ecs.services(arns)));
  const running = wanted.filter(({ contract }) =>
    described.some(({ serviceArn, desiredCount }) => serviceArn === contract.serviceArn && (desiredCount ?? 0) > 0),
  );
  const idle = wanted.filter((service) => !running.includes(service)).map(({ name }) => name);
  if (running.length === 0) {
    throw new CommandError(
      `there is nothing to restart: no task of ${idle.join(", ") || environment} is wanted; npm run release -- ${environment}, or npm run scale, starts some`,
      exitCodes.refused,
    );
  }
  await refuseBusy(work, running, environment);
  if (idle.length > 0) report.line(`nothing to restart of ${idle.join(", ")}: no task is wanted`);
  const since = new Date(clock.now());
  const followed = await Promise.all(
    running.map(async ({ name, contract: { serviceArn: arn } }) => {
      const before = await ecs.serviceDeployments(arn, new Date(since.getTime() - dayMs));
      return { name, arn, since, before: before.flatMap(({ serviceDeploymentArn: id }) => id ?? []) };
    }),
  );
  interrupts.check();
  for (const { arn } of followed) await ecs.updateService(arn, { forceNewDeployment: true });
  try {
    return await report.step(`restart ${running.map(({ name }) => name).join(", ")}`, () =>
      followServices(work, followed, { timeoutMs: timeout * 60_000 }),
    );
  } catch (error) {
    if (error instanceof InterruptedError) report.line("ECS goes on with the restart by itself");
    throw error;
  }
}

/** What is in flight is not proven yet, or goes back: a restart would take it for what runs. */
async function refuseBusy(
  { ecs, interrupts }: ReleaseWork,
  running: readonly NamedService[],
  environment: string,
): Promise<void> {
  const found = await interrupts.race(
    Promise.all(
      running.map(async ({ name, contract }) =>
        (await ecs.deploymentsInProgress(contract.serviceArn)).map(
          ({ arn }) =>
            `a deployment of ${name} is in progress (${lastPart(arn)}): wait for its end, which npm run status -- ${environment} shows, or end it with npm run rollback -- ${environment}`,
        ),
      ),
    ),
  );
  const problems = found.flat();
  if (problems.length > 0) throw new CommandError(problems.join("\n"), exitCodes.refused);
}

function failedError(
  environment: string,
  failed: readonly FollowOutcome[],
  services: readonly FollowOutcome[],
): CommandError {
  const lines = failed.map(
    ({ name, status, reason }) => `  - ${name}: ${status}${reason === null ? "" : `, ${reason}`}`,
  );
  const exitCode = failed.some(({ status }) => status === "rollback failed")
    ? exitCodes.rollbackFailed
    : failed.every(({ status }) => status === "timed out")
      ? exitCodes.failed
      : exitCodes.rolledBack;
  return new CommandError(
    `not everything runs in new tasks; npm run status -- ${environment} and npm run logs -- ${environment} say more:\n${lines.join("\n")}`,
    exitCode,
    { services: services.map(told) },
  );
}

/** What a script is told of it. */
function told({ name, status, reason }: FollowOutcome): object {
  return { name, status, reason };
}
