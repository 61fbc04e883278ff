import type { AlarmSpec } from "../shared/alarm-spec";

/**
 * What makes somebody look at a task that runs by the clock, by construct id. How the task itself ends is an event, see
 * `deployment-events.ts`.
 *
 * `FailedStarts`: the queue of starts that were given up is not empty, and stays so until somebody has looked and emptied it. An
 * empty queue that nobody asks has no metric, which is fine.
 */
export function fargateScheduleAlarms(serviceName: string, queueName: string) {
  return {
    FailedStarts: {
      name: `${serviceName}-failed-starts`,
      section: "services",
      meaning: `${serviceName} did not run when it should have: a start was given up after its retries`,
      runbook: "failed-starts",
      metrics: {
        kept: {
          namespace: "AWS/SQS",
          name: "ApproximateNumberOfMessagesVisible",
          dimensions: { QueueName: queueName },
          statistic: "Maximum",
          unit: "count",
        },
      },
      comparison: ">",
      threshold: 0,
      periodSec: 300,
      datapoints: 1,
      of: 1,
      missing: "notBreaching",
    },
  } as const satisfies Readonly<Record<string, AlarmSpec>>;
}

/**
 * What makes somebody look at the group of all schedules, by construct id; its metrics know no single schedule.
 *
 * `LostStarts`: a start was given up and did not reach its queue either, so that no alarm of a schedule can tell. AWS recommends
 * `InvocationDroppedCount` above 0 in one minute; that counts every start that was given up, which the queues tell already, by
 * the schedule. `TargetErrorCount` counts tries that a later one makes up for.
 */
export function scheduleGroupAlarms(groupName: string) {
  return {
    LostStarts: {
      name: "schedules-lost-starts",
      section: "services",
      meaning: "A scheduled task did not run when it should have, and its start was not kept in its queue either",
      runbook: "failed-starts",
      metrics: {
        lost: {
          namespace: "AWS/Scheduler",
          name: "InvocationsFailedToBeSentToDeadLetterCount",
          dimensions: { ScheduleGroup: groupName },
          statistic: "Sum",
          unit: "count",
        },
      },
      comparison: ">",
      threshold: 0,
      periodSec: 60,
      datapoints: 1,
      of: 1,
      missing: "notBreaching",
    },
  } as const satisfies Readonly<Record<string, AlarmSpec>>;
}
