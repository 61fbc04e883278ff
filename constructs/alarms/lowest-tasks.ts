import type { WebServiceSettings, WorkerServiceSettings } from "../settings/fargate-service";

type Scaling = Pick<WebServiceSettings | WorkerServiceSettings, "minTasks" | "scheduledScaling">;

/**
 * The fewest tasks that a released service may have at any hour: silence below it is a failure. 0 for a service that is meant to
 * sleep, by its `minTasks` or by the clock: an alarm cannot tell that from a dead one.
 */
export function lowestTasks({ minTasks, scheduledScaling }: Scaling): number {
  return Math.min(minTasks, ...scheduledScaling.map((action) => action.minTasks));
}
