import type { Failure, Task } from "@aws-sdk/client-ecs";
import { lastPart } from "./arn";

/** What became of a container; an exit code that is missing is a failure. */
export interface ContainerOutcome {
  readonly name: string;
  readonly exitCode: number | null;
  readonly reason: string | null;
}

/** A task that has come to its end. */
export interface EndedTask {
  readonly kind: "ended";
  /** It ended by itself, and every watched container with 0. */
  readonly ok: boolean;
  readonly task: string;
  readonly containers: readonly ContainerOutcome[];
  readonly stopCode: string | null;
  readonly stoppedReason: string | null;
  /** The last lines of its log, each with its container. */
  readonly lastLines: readonly string[];
}

/** How a task ended. */
export type TaskOutcome =
  | EndedTask
  | {
      readonly kind: "timed out";
      readonly task: string;
      readonly stopped: boolean;
      readonly lastLines: readonly string[];
    }
  | { readonly kind: "not started"; readonly reasons: readonly string[] };

/** A program that is told to stop, and says 0 to that, has not done what it was there for. */
const stoppedFromOutside: ReadonlySet<string> = new Set([
  "SpotInterruption",
  "UserInitiated",
  "TerminationNotice",
  "InfrastructureHealth",
  "ServiceSchedulerInitiated",
]);

/** @param watched containers that must have ended with 0 */
export function outcomeOf(task: Task, watched: readonly string[], lastLines: readonly string[]): EndedTask {
  const containers = (task.containers ?? []).map(({ name = "", exitCode, reason }) => ({
    name,
    exitCode: exitCode ?? null,
    reason: reason ?? null,
  }));
  return {
    kind: "ended",
    ok:
      !stoppedFromOutside.has(task.stopCode ?? "") &&
      watched.every((name) => containers.find((container) => container.name === name)?.exitCode === 0),
    task: lastPart(task.taskArn ?? ""),
    containers,
    stopCode: task.stopCode ?? null,
    stoppedReason: task.stoppedReason ?? null,
    lastLines,
  };
}

/** Whether AWS had no room, which it may have in another zone or a minute later. */
export function lacksCapacity(failures: readonly Failure[]): boolean {
  return failures.some(({ reason = "", detail = "" }) => noRoom.test(reason) || noRoom.test(detail));
}

/** Whether a task was taken and then given up before any container began, for want of room. */
export function gaveUpForCapacity({ stopCode, stoppedReason = "" }: Task): boolean {
  return stopCode === "TaskFailedToStart" && noRoom.test(stoppedReason);
}

/** Why ECS has started nothing. */
export function failureReasons(failures: readonly Failure[]): string[] {
  if (failures.length === 0) return ["ECS has started nothing and not said why"];
  return failures.map(({ reason, detail }) =>
    [reason, detail].filter((text) => text !== undefined && text !== "").join(": "),
  );
}

const noRoom = /capacity is unavailable|^RESOURCE:/i;
