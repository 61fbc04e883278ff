import { createHash } from "node:crypto";
import type { Task, TaskOverride } from "@aws-sdk/client-ecs";
import type { PlacementContract } from "../../constructs/shared/release-contract-v1";
import { CommandError, InterruptedError } from "../exit-codes";
import { lastPart } from "./arn";
import { isExpired, isPassing, troubleText } from "./aws-trouble";
import { Patience } from "./patience";
import { failureReasons, gaveUpForCapacity, lacksCapacity, outcomeOf, type TaskOutcome } from "./task-outcome";
import { WatchedLines } from "./watched-lines";
import type { ReleaseWork } from "./work";

const pollMs = 3_000;
/** Between two starts that found no capacity; the zone changes each time. */
const capacityPauseMs = 15_000;
const starts = 5;
/** How often the same start is asked for while AWS does not answer; the SDK has tried four times each. */
const mostTries = 6;
/** How long a task that is told to stop is waited for; SIGKILL comes after two minutes at most. */
const stopMs = 150_000;
/** A task that was just started may be unknown for some seconds, and for good an hour after its end. */
const unknownMs = 60_000;

export interface OneTask {
  readonly cluster: string;
  readonly revision: string;
  readonly placement: PlacementContract;
  readonly capacityProvider: "FARGATE" | "FARGATE_SPOT";
  /** At most 128 characters. */
  readonly startedBy: string;
  /** The same token is the same task, within a day. */
  readonly token: string;
  readonly overrides?: TaskOverride;
  /** Containers that must end with 0. */
  readonly watched: readonly string[];
  /** Containers whose lines are told. Default: those that are watched. */
  readonly told?: readonly string[];
  readonly timeoutSec: number;
  readonly logGroup: string;
  readonly streamPrefix: string;
  /** Gets each line of a container as it comes. */
  readonly tell: (container: string, text: string) => void;
}

export type { TaskOutcome } from "./task-outcome";

/**
 * Run one task to its end. It is stopped when it takes too long, and at Ctrl-C.
 *
 * @throws InterruptedError after it was told to stop
 */
export async function runOneTask(work: ReleaseWork, one: OneTask): Promise<TaskOutcome> {
  const { clock, interrupts, report } = work;
  let reasons: readonly string[] = [];
  for (let attempt = 0; attempt < starts; attempt += 1) {
    if (attempt > 0) {
      report.line(`no capacity (${reasons.join("; ")}): trying again in another zone`);
      await interrupts.race(clock.sleep(capacityPauseMs * attempt));
    }
    const started = await report.step(
      "start the task",
      () => startSurely(work, one, attempt),
      (result) => !("task" in result),
    );
    if ("task" in started) {
      const outcome = await runToEnd(work, one, started.task);
      if (outcome.kind !== "not started") return outcome;
      reasons = outcome.reasons;
    } else {
      reasons = started.reasons;
      if (!started.again) break;
    }
  }
  return { kind: "not started", reasons };
}

/**
 * As `start`, and asked again while AWS does not answer: it may have started the task, and the same token then gives that very one.
 *
 * @throws CommandError when it is not known whether a task runs
 */
async function startSurely(work: ReleaseWork, one: OneTask, attempt: number): Promise<Start> {
  const { clock, report } = work;
  for (let tries = 1; ; tries += 1) {
    try {
      return await start(work, one, attempt);
    } catch (error) {
      if (!isPassing(error)) throw error;
      const trouble = troubleText(error);
      if (tries === mostTries) {
        throw new CommandError(
          `AWS does not say whether it has started the task (${trouble}): look at the tasks of ${lastPart(one.revision)} in ${lastPart(one.cluster)}, and end one that runs, before the same command again`,
        );
      }
      report.warn(`AWS does not answer (${trouble}): asking for the same task again`);
      await clock.sleep(pollMs);
    }
  }
}

type Start = { readonly task: string } | { readonly reasons: readonly string[]; readonly again: boolean };

/** The task's ARN, or why there is none. */
async function start({ ecs, interrupts }: ReleaseWork, one: OneTask, attempt: number): Promise<Start> {
  interrupts.check();
  try {
    // not given up at a signal: a task that was started is stopped by whoever knows it
    const { tasks: [task] = [], failures = [] } = await ecs.runTask(inputOf(one, attempt));
    if (task?.taskArn !== undefined) return { task: task.taskArn };
    return { reasons: failureReasons(failures), again: lacksCapacity(failures) };
  } catch (error) {
    if (error instanceof CommandError || isExpired(error)) throw error;
    if (isPassing(error) && !lacksCapacity([{ reason: troubleText(error) }])) throw error;
    const reason = troubleText(error);
    return {
      reasons: [reason],
      again: lacksCapacity([{ reason, detail: error instanceof Error ? error.message : "" }]),
    };
  }
}

function inputOf(one: OneTask, attempt: number): Parameters<ReleaseWork["ecs"]["runTask"]>[0] {
  const { subnets, securityGroups, assignPublicIp } = one.placement;
  // at first ECS chooses; then one zone after the other is asked
  const chosen = attempt === 0 ? subnets : [subnets[(attempt - 1) % subnets.length] ?? ""];
  return {
    taskDefinition: one.revision,
    count: 1,
    capacityProviderStrategy: [{ capacityProvider: one.capacityProvider, weight: 1 }],
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [...chosen],
        securityGroups: [...securityGroups],
        assignPublicIp: assignPublicIp ? "ENABLED" : "DISABLED",
      },
    },
    startedBy: one.startedBy.slice(0, 128),
    clientToken: createHash("sha256").update(`${one.cluster} ${one.revision} ${one.token} ${attempt}`).digest("hex"),
    enableECSManagedTags: true,
    propagateTags: "TASK_DEFINITION",
    ...(one.overrides === undefined ? {} : { overrides: one.overrides }),
  };
}

/** How it ended; "not started" is a task that was given up for want of capacity. */
async function runToEnd(work: ReleaseWork, one: OneTask, arn: string): Promise<TaskOutcome> {
  const { clock, ecs, interrupts, report } = work;
  const lines = new WatchedLines(work, one, lastPart(arn));
  const deadline = clock.now() + one.timeoutSec * 1000;
  try {
    const task = await report.step(
      `run task ${lastPart(arn)}`,
      () => untilStopped(work, arn, deadline, lines),
      (ended) => ended === undefined || !outcomeOf(ended, one.watched, []).ok,
    );
    if (task !== undefined) {
      if (gaveUpForCapacity(task)) return { kind: "not started", reasons: [task.stoppedReason ?? ""] };
      // the last lines reach the log some seconds late
      await interrupts.race(clock.sleep(pollMs));
      await lines.look();
      return outcomeOf(task, one.watched, lines.last);
    }
    await ecs.stopTask(arn, `timed out after ${one.timeoutSec} s`);
    const end = clock.now() + stopMs;
    const stopped = await report.step("wait for its end", () => untilStopped(work, arn, end, lines));
    return { kind: "timed out", task: lastPart(arn), stopped: stopped !== undefined, lastLines: lines.last };
  } catch (error) {
    await stopAlone(
      work,
      arn,
      error instanceof InterruptedError ? "interrupted by a person or by the machine" : "not watched any more",
    );
    throw error;
  }
}

/** A task that goes on alone is what must not happen: it is told to stop, although nobody waits for that. */
async function stopAlone({ ecs, report }: ReleaseWork, arn: string, reason: string): Promise<void> {
  try {
    await ecs.stopTask(arn, reason);
    report.line(`task ${lastPart(arn)} was told to stop`);
  } catch (error) {
    report.warn(`task ${lastPart(arn)} could not be told to stop (${troubleText(error)}): it goes on, look at it`);
  }
}

/** The stopped task; none when the deadline has passed. */
async function untilStopped(
  work: ReleaseWork,
  arn: string,
  deadline: number,
  lines: WatchedLines,
): Promise<Task | undefined> {
  const { ecs, clock, interrupts, report } = work;
  const patience = new Patience(work);
  let seen = clock.now();
  for (;;) {
    const answer = await patience.ask(async () => ({ task: await ecs.task(arn) }));
    await interrupts.race(lines.look());
    const now = clock.now();
    if (answer?.task !== undefined || answer === undefined) seen = now;
    const task = answer?.task;
    if (task?.lastStatus === "STOPPED") return task;
    if (now - seen >= unknownMs) return { taskArn: arn, stoppedReason: "ECS does not know the task any more" };
    report.progress((task?.lastStatus ?? "unknown").toLowerCase());
    if (now >= deadline) return undefined;
    await interrupts.race(clock.sleep(pollMs));
  }
}
