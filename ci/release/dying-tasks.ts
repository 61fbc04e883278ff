import type { Task } from "../aws/ecs";
import { lastPart } from "./arn";

/** So many deaths of new tasks are no accident. */
export const manyDeaths = 3;

/** A task that did not end of itself, or because there were too many. */
export interface DeadTask {
  readonly arn: string;
  /** Why, in one line. */
  readonly text: string;
}

/** Those of a revision that were made since then and have died: crashed, were never started, or were taken down because their health check failed. */
export function deadTasks(stopped: readonly Task[], revision: string, since: Date): DeadTask[] {
  return stopped
    .filter((task) => task.taskDefinitionArn === revision && (task.createdAt ?? since) >= since && hasDied(task))
    .flatMap((task) => (task.taskArn === undefined ? [] : { arn: task.taskArn, text: deathOf(task) }));
}

function hasDied({ stopCode, stoppedReason = "" }: Task): boolean {
  if (stopCode === "EssentialContainerExited" || stopCode === "TaskFailedToStart") return true;
  return /health check/i.test(stoppedReason);
}

function deathOf({ taskArn = "", stoppedReason, containers = [] }: Task): string {
  const ends = containers.flatMap(({ name = "", exitCode, reason }) => {
    const said = [exitCode === undefined ? undefined : `exit code ${exitCode}`, reason].filter(
      (text) => text !== undefined,
    );
    // the sidecars that were stopped along with it explain nothing
    return said.length === 0 || exitCode === 0 ? [] : `${name}: ${said.join(", ")}`;
  });
  return [`task ${lastPart(taskArn)} stopped`, stoppedReason, ...ends]
    .filter((text) => text !== undefined && text !== "")
    .join("; ");
}
