import type { ServiceContract } from "../../constructs/shared/release-contract-v1";
import { CommandError, exitCodes } from "../exit-codes";

/** How many tasks are to run; the same number twice is a fixed one. */
export interface TaskCount {
  readonly min: number;
  readonly max: number;
}

/** More tasks than that are a slip of the finger: an ECS service has at most 5,000. */
const most = 5000;

/**
 * The numbers of `3` or `2-6`.
 *
 * @throws CommandError for anything else
 */
export function taskCount(text: string): TaskCount {
  const [, first, second] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const min = Number(first);
  const max = Number(second ?? first);
  if (first === undefined || min > max || max > most) {
    throw new CommandError(
      `the number of tasks must be a number such as 3, or the least and the most such as 2-6, at most ${most}, got ${text}`,
      exitCodes.usage,
    );
  }
  return { min, max };
}

/** Why a service cannot be scaled to this; none when it can. */
export function countProblem(
  name: string,
  environment: string,
  { scalableTarget, minTasks }: Pick<ServiceContract, "scalableTarget" | "minTasks">,
  { min, max }: TaskCount,
): string | undefined {
  if (scalableTarget !== null || min === max) return undefined;
  return `${name} has a fixed size (${minTasks}) and takes one number: for a range raise maxTasks above minTasks in environments/${environment}.ts, and deploy`;
}

/** The desired count that fits: as it is, or the nearest end of the range. */
export function desiredWithin(desired: number, { min, max }: TaskCount): number {
  return Math.min(Math.max(desired, min), max);
}

/** `3`, `2 to 6`. */
export function countText({ min, max }: TaskCount): string {
  return min === max ? String(min) : `${min} to ${max}`;
}
