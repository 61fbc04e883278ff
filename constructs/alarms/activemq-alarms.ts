import type { ActiveMqSettings } from "../settings/mqtt-broker";
import type { AlarmSpec, MetricSpec } from "../shared/alarm-spec";

/** Clients at once on one wire protocol. https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/amazon-mq-limits.html */
const CONNECTIONS: Readonly<Record<ActiveMqSettings["instanceType"], number>> = {
  "mq.t3.micro": 300,
  "mq.m5.large": 2000,
  "mq.m5.xlarge": 2000,
  "mq.m5.2xlarge": 2000,
  "mq.m5.4xlarge": 2000,
};

export interface ActiveMqAlarmsProps {
  /** How metrics call the broker, before the number of its instance. */
  readonly brokerName: string;
  readonly settings: Pick<ActiveMqSettings, "deployment" | "instanceType">;
}

/**
 * What makes somebody look at the broker, by construct id. Amazon MQ counts each instance for itself; of a pair the standby counts
 * nothing, so that the larger of the two is the one in use. AWS recommends no thresholds.
 *
 * `Silent`: no instance has told its CPU for a quarter of an hour, which is longer than a restart takes.
 * `Cpu`: 75 % for a quarter of an hour, with room for the clients that connect again after a restart.
 * `Heap`: 80 % for a quarter of an hour; beyond 90 the broker collects garbage instead of messages.
 * `Store`: 70 % for five minutes: at 100 it takes no message any more.
 * `Connections`: 80 % of what the instance type takes, for five minutes; the next ones beyond all of it are refused.
 */
export function activeMqAlarms({
  brokerName,
  settings,
}: ActiveMqAlarmsProps): Readonly<Record<"Silent" | "Cpu" | "Heap" | "Store" | "Connections", AlarmSpec>> {
  const instances = settings.deployment === "single" ? [1] : [1, 2];
  const limit = CONNECTIONS[settings.instanceType];
  const metrics = (name: string, statistic: string, unit: MetricSpec["unit"]) =>
    Object.fromEntries(
      instances.map((instance) => [
        `m${instance}`,
        {
          namespace: "AWS/AmazonMQ",
          name,
          dimensions: { Broker: `${brokerName}-${instance}` },
          statistic,
          unit,
        } satisfies MetricSpec,
      ]),
    );
  const over = (name: string, unit: MetricSpec["unit"], minutes: number) =>
    ({
      section: "broker",
      metrics: metrics(name, "Average", unit),
      ...(instances.length === 1 ? {} : { expression: "IF(FILL(m1, 0) > FILL(m2, 0), FILL(m1, 0), FILL(m2, 0))" }),
      comparison: ">",
      periodSec: 60,
      datapoints: minutes,
      of: minutes,
      missing: "notBreaching",
    }) as const;
  return {
    Silent: {
      section: "broker",
      name: "mqtt-silent",
      meaning: "The broker is down: nothing has been heard of it for a quarter of an hour, and devices cannot connect",
      runbook: "broker-silent",
      metrics: metrics("CpuUtilization", "SampleCount", "count"),
      ...(instances.length === 1 ? {} : { expression: "FILL(m1, 0) + FILL(m2, 0)" }),
      comparison: "<",
      threshold: 1,
      periodSec: 60,
      datapoints: 15,
      of: 15,
      missing: "breaching",
    },
    Cpu: {
      ...over("CpuUtilization", "percent", 15),
      name: "mqtt-cpu",
      meaning: "The broker is short of CPU: messages come late, and a restart would take longer than it should",
      runbook: "broker-cpu",
      threshold: 75,
    },
    Heap: {
      ...over("HeapUsage", "percent", 15),
      name: "mqtt-heap",
      meaning: "The broker is short of memory: messages come late, and it may end",
      runbook: "broker-heap",
      threshold: 80,
    },
    Store: {
      ...over("StorePercentUsage", "percent", 5),
      name: "mqtt-store",
      meaning: "The broker's disk fills with messages that nobody fetches; when it is full, nobody can send",
      runbook: "broker-store",
      threshold: 70,
    },
    Connections: {
      ...over("CurrentConnectionsCount", "count", 5),
      name: "mqtt-connections",
      meaning: `The broker has 80 % of the ${limit} clients that its size takes; beyond all of them clients are refused`,
      runbook: "broker-connections",
      threshold: limit * 0.8,
    },
  };
}
