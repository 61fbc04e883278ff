import { randomUUID } from "node:crypto";
import { cpuSizes, sizeProblem } from "../../constructs/settings/fargate-size";
import { type TemplateContract, UNRELEASED } from "../../constructs/shared/release-contract-v1";
import { CommandError, exitCodes } from "../exit-codes";
import { lastPart } from "../release/arn";
import { namedService, type NamedService, runningServices } from "../release/enter";
import { missingSecrets, secretUses } from "../release/preflight/secrets";
import { runOneTask, type TaskOutcome } from "../release/run-task";
import { openWork, type ReleaseWork } from "../release/work";
import type { Session } from "../session";

/** How far back a proven revision of the migration is looked for. */
const newestRevisions = 10;

export interface RunOptions {
  readonly environment: string;
  readonly command: readonly string[];
  /** Default: the migration, if a release has proven one, else the first service. */
  readonly service: string | undefined;
  readonly cpu: number | undefined;
  readonly memoryMiB: number | undefined;
  /** Minutes. */
  readonly timeout: number;
  readonly json: boolean;
}

/** What a task is made of. */
interface Mould {
  readonly name: string;
  readonly revision: string;
  readonly template: TemplateContract;
  /** Container that gets the command. */
  readonly container: string;
  /** Containers that have to end with 0 before it starts. */
  readonly before: readonly string[];
}

/** `run <environment> -- <command...>`: a command in a task of its own; its output is the output, and a failure is the exit code 1. */
export async function runTaskCommand(session: Session, options: RunOptions): Promise<void> {
  const { environment, command, json } = options;
  const { report, interrupts, clock } = session;
  const work = await openWork(session, environment);
  const mould = await report.step("look for the revision", () => interrupts.race(mouldOf(work, options)));
  const size = await sizeOf(work, mould, options);
  report.line(`running \`${command.join(" ")}\` in ${mould.container} of ${lastPart(mould.revision)}`);
  const began = clock.now();
  const outcome = await runOneTask(work, {
    cluster: work.contracts.environment.cluster,
    revision: mould.revision,
    placement: mould.template,
    capacityProvider: "FARGATE",
    startedBy: `run/${environment}`,
    token: randomUUID(),
    overrides: { ...size, containerOverrides: [{ name: mould.container, command: [...command] }] },
    watched: [mould.container],
    told: [...mould.before, mould.container],
    timeoutSec: options.timeout * 60,
    logGroup: mould.template.logGroup,
    streamPrefix: mould.template.streamPrefix,
    // the output of the command is the output; what another container says is told beside it
    tell: (container, text) => (json || container !== mould.container ? report.line(text) : report.result(text)),
  });
  refuseFailure(outcome, mould, options);
  if (outcome.kind !== "ended") return;
  const seconds = Math.round((clock.now() - began) / 1000);
  if (json) {
    report.json({
      ok: true,
      environment,
      task: outcome.task,
      revision: lastPart(mould.revision),
      exitCode: 0,
      seconds,
    });
  } else report.line(`the command ended with 0 after ${seconds} s`);
}

async function mouldOf(work: ReleaseWork, { environment, service }: RunOptions): Promise<Mould> {
  const { contracts } = work;
  if (service !== undefined) return mouldOfService(work, environment, namedService(contracts, environment, service));
  const migration = await mouldOfMigration(work);
  if (migration !== undefined) return migration;
  const [first] = runningServices(contracts);
  if (first !== undefined) return mouldOfService(work, environment, first);
  throw new CommandError(`${environment} has neither a migration nor a service whose image could run`, exitCodes.usage);
}

async function mouldOfMigration(work: ReleaseWork): Promise<Mould | undefined> {
  const { contracts, ecs } = work;
  const { migration } = contracts.environment;
  // the image of the application; what comes before it in the task is not
  const container = migration?.containers.at(-1);
  if (migration === null || container === undefined) return undefined;
  for (const revision of await ecs.revisions(migration.family, newestRevisions)) {
    const described = await ecs.taskDefinition(revision);
    if (described?.tags["slipway:status"] !== "proven") continue;
    // after a rotation and before the next release: the task would not start, whatever the command needs
    const gone = await missingSecrets(work, secretUses("the migration", described.definition));
    if (gone.length > 0) {
      work.report.line(`${lastPart(revision)} cannot start any more (${gone.join(", ")}): taking a service`);
      return undefined;
    }
    const before = migration.required.filter((name) => name !== container);
    return { name: "the migration", revision, template: migration, container, before };
  }
  return undefined;
}

async function mouldOfService(work: ReleaseWork, environment: string, service: NamedService): Promise<Mould> {
  const { name, contract } = service;
  const [released, [described]] = await Promise.all([
    work.parameters.read(contract.releasedParameter),
    work.ecs.services([contract.serviceArn]),
  ]);
  const revision = described?.taskDefinition;
  // the revision does not tell: a deploy makes a newer template, and leaves the service on the one before
  if (released === undefined || released === UNRELEASED || revision === undefined) {
    throw new CommandError(
      `${name} was never released, and there is no image to run: npm run release -- ${environment}`,
      exitCodes.refused,
    );
  }
  return { name, revision, template: contract, container: contract.container, before: [] };
}

/** CPU and memory as asked for, checked against what Fargate has; what is not named is the revision's. */
async function sizeOf(
  { ecs, interrupts }: ReleaseWork,
  { revision }: Mould,
  { cpu, memoryMiB }: RunOptions,
): Promise<{ readonly cpu?: string; readonly memory?: string }> {
  if (cpu === undefined && memoryMiB === undefined) return {};
  const described = await interrupts.race(ecs.taskDefinition(revision));
  const wantedCpu = cpu ?? Number(described?.definition.cpu);
  const wantedMemory = memoryMiB ?? Number(described?.definition.memory);
  if (!(cpuSizes as readonly number[]).includes(wantedCpu)) {
    throw new CommandError(`--cpu must be one of ${cpuSizes.join(", ")}, got ${wantedCpu}`, exitCodes.usage);
  }
  const problem = sizeProblem(wantedCpu, wantedMemory);
  if (problem !== undefined) throw new CommandError(`--memory ${problem}`, exitCodes.usage);
  return { cpu: String(wantedCpu), memory: String(wantedMemory) };
}

/** @throws CommandError unless the command ended with 0 */
function refuseFailure(outcome: TaskOutcome, { container, before }: Mould, { environment, timeout }: RunOptions): void {
  if (outcome.kind === "not started") {
    throw new CommandError(
      `the task could not start: ${outcome.reasons.join("; ")}: run it again, or see npm run status -- ${environment}`,
    );
  }
  if (outcome.kind === "timed out") {
    throw new CommandError(
      `the command was stopped after ${timeout} minutes: pass a longer --timeout, or see npm run logs -- ${environment}`,
      exitCodes.failed,
      { task: outcome.task },
    );
  }
  if (outcome.ok) return;
  const ended = outcome.containers.find(({ name }) => name === container);
  const failed = outcome.containers.find(
    ({ name, exitCode }) => before.includes(name) && exitCode !== null && exitCode !== 0,
  );
  if (failed !== undefined) {
    // ECS gives the container that waited for it a code as well, which is no word of the command's
    throw new CommandError(
      `the command was not started: container ${failed.name} before it ended with ${failed.exitCode}, see its lines above`,
      exitCodes.failed,
      { task: outcome.task, commandExitCode: null, stopCode: outcome.stopCode },
    );
  }
  const details = { task: outcome.task, commandExitCode: ended?.exitCode ?? null, stopCode: outcome.stopCode };
  if (ended !== undefined && ended.exitCode !== null) {
    const reason = ended.reason === null ? "" : ` (${ended.reason})`;
    throw new CommandError(`the command ended with ${ended.exitCode}${reason}`, exitCodes.failed, details);
  }
  const reasons = [outcome.stopCode, outcome.stoppedReason, ended?.reason].flatMap((text) => text ?? []);
  throw new CommandError(
    `the command has not run to its end: ${reasons.length === 0 ? "ECS does not say why" : reasons.join(", ")}`,
    exitCodes.failed,
    details,
  );
}
