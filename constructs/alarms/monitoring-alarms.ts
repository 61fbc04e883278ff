import type { AlarmSpec } from "../shared/alarm-spec";

/**
 * An alert that did not arrive. It is told by the very topic, which works as long as one way is open: CloudWatch publishes with a
 * permission of its own when EventBridge cannot, and an e-mail arrives when an endpoint does not answer. Where nothing at all
 * arrives nobody can be told; the dashboard shows it.
 *
 * AWS recommends a threshold by need for failed notifications; any is too many here. It looks at an hour, since messages are rare,
 * and it must not say when it ends: that message could fail too, and the alarm would feed itself.
 */
export function notDeliveredAlarm(topicName: string, ruleNames: readonly string[]): AlarmSpec {
  const failed = ruleNames.map((RuleName, i) => [
    `rule${i + 1}`,
    {
      namespace: "AWS/Events",
      name: "FailedInvocations",
      dimensions: { RuleName },
      statistic: "Sum",
      unit: "count",
    } as const,
  ]);
  const metrics: AlarmSpec["metrics"] = {
    topic: {
      namespace: "AWS/SNS",
      name: "NumberOfNotificationsFailed",
      dimensions: { TopicName: topicName },
      statistic: "Sum",
      unit: "count",
    },
    ...(Object.fromEntries(failed) as AlarmSpec["metrics"]),
  };
  return {
    name: "alerts-not-delivered",
    section: "network",
    meaning: "An alert did not reach one of its subscribers",
    runbook: "alerts-not-delivered",
    metrics,
    // none of them is sent while nothing fails
    expression: Object.keys(metrics)
      .map((id) => `FILL(${id}, 0)`)
      .join(" + "),
    comparison: ">",
    threshold: 0,
    periodSec: 3600,
    datapoints: 1,
    of: 1,
    missing: "notBreaching",
  };
}
