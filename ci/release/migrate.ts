import { CommandError, exitCodes } from "../exit-codes";
import { lastPart } from "./arn";
import { listed } from "./listed";
import { type OneTask, runOneTask } from "./run-task";
import type { ContainerOutcome, EndedTask, TaskOutcome } from "./task-outcome";
import type { MigrationSubject } from "./subjects";
import type { ReleaseWork } from "./work";

export interface Migration {
  readonly environment: string;
  readonly subject: MigrationSubject;
  /** ARN of the revision. */
  readonly revision: string;
  readonly release: string;
  /** Containers of the task, all of which are listened to. */
  readonly containers: readonly string[];
}

/** What a migration that succeeded was. */
export interface Migrated {
  readonly task: string;
  readonly exitCode: number;
}

/**
 * Run the migration of a release to its end.
 *
 * @throws CommandError unless every container that counts ended with 0
 */
export async function migrate(work: ReleaseWork, migration: Migration): Promise<Migrated> {
  const { clock, contracts, report, target } = work;
  const { environment, subject, revision, release, containers } = migration;
  const { contract } = subject;
  const { cluster } = contracts.environment;
  const one: OneTask = {
    cluster,
    revision,
    placement: contract,
    capacityProvider: contract.capacityProvider,
    startedBy: `release/${environment}/${release.slice(release.lastIndexOf("-") + 1)}`,
    // of this run: the task of an earlier try of this release has ended, and must not be taken for this one
    token: `${release} ${clock.now()}`,
    watched: contract.required,
    told: containers,
    timeoutSec: contract.timeoutSec,
    logGroup: contract.logGroup,
    streamPrefix: contract.streamPrefix,
    tell: (container, text) => report.line(`${container}: ${text}`),
  };
  const outcome = await runOneTask(work, one);
  const problem = migrationProblem(outcome, contract.required, contract.timeoutSec, (task) =>
    consoleUrl(target.region, cluster, task),
  );
  if (problem !== undefined) throw new CommandError(problem.text, problem.exitCode, { task: taskOf(outcome) });
  for (const text of bystanders(outcome, contract.required)) report.warn(text);
  return { task: taskOf(outcome) ?? "", exitCode: 0 };
}

/** Why a migration has not succeeded, and the exit code for that; none when it has. */
export function migrationProblem(
  outcome: TaskOutcome,
  required: readonly string[],
  timeoutSec: number,
  url: (task: string) => string,
): { readonly text: string; readonly exitCode: number } | undefined {
  const untouched = "services are untouched";
  if (outcome.kind === "not started") {
    return {
      text: `the migration could not start, and ${untouched}: run the same command again\n${listed(outcome.reasons)}`,
      exitCode: exitCodes.migrationNotStarted,
    };
  }
  const ends = [...outcome.lastLines.map((line) => `| ${line}`), url(outcome.task)];
  if (outcome.kind === "timed out") {
    const stopped = outcome.stopped
      ? "was stopped"
      : "was told to stop, and still runs: look at it before another release";
    return {
      text: `the migration took longer than ${timeoutSec} s and ${stopped}; ${untouched}: raise migrations.timeoutSec, or make it faster\n${listed(ends)}`,
      exitCode: exitCodes.migrationTimedOut,
    };
  }
  if (outcome.ok) return undefined;
  const spot =
    outcome.stopCode === "SpotInterruption"
      ? [
          "AWS took the Spot capacity back: run the same command again; migrations.spot: false in the environment's file avoids it",
        ]
      : [];
  return {
    text: `the migration failed, and ${untouched}: mend it, and release again\n${listed([...spot, ...reasonsOf(outcome, required), ...ends])}`,
    exitCode: exitCodes.migrationFailed,
  };
}

function reasonsOf({ stopCode, stoppedReason, containers }: EndedTask, required: readonly string[]): string[] {
  const task = [stopCode, stoppedReason].filter((text) => text !== null).join(": ");
  return [
    ...(task === "" ? [] : [task]),
    ...required.flatMap((name) => {
      const found = containers.find((container) => container.name === name);
      return found?.exitCode === 0 ? [] : [containerText(name, found)];
    }),
  ];
}

/** What went wrong with containers that do not count. */
export function bystanders(outcome: TaskOutcome, required: readonly string[]): string[] {
  if (outcome.kind !== "ended") return [];
  return outcome.containers
    .filter(({ name, exitCode }) => !required.includes(name) && exitCode !== 0 && exitCode !== null)
    .map(
      (container) => `${containerText(container.name, container)}: it does not count, and the migration has succeeded`,
    );
}

function containerText(name: string, container: ContainerOutcome | undefined): string {
  const code =
    container === undefined || container.exitCode === null
      ? "has no exit code: it did not run to its end"
      : `ended with ${container.exitCode}`;
  return `container ${name} ${code}${typeof container?.reason !== "string" ? "" : ` (${container.reason})`}`;
}

function taskOf(outcome: TaskOutcome): string | null {
  return outcome.kind === "not started" ? null : outcome.task;
}

function consoleUrl(region: string, cluster: string, task: string): string {
  return `https://${region}.console.aws.amazon.com/ecs/v2/clusters/${lastPart(cluster)}/tasks/${task}/configuration?region=${region}`;
}
