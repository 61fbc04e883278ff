import type { AlarmSeries } from "./cloudwatch-alarm";
import type { Point } from "./metric-math";

/** What a metric's values depend on, beside what happens. */
export interface Scene {
  /** Fewest tasks of the service that the alarm is named after. */
  readonly tasks: number;
  /** What the database has free of its memory while nobody uses it, in bytes. */
  readonly freeMemoryBytes: number;
  /** Disk of the database, in bytes. */
  readonly diskBytes: number;
}

/** Values minute by minute since something began; none where CloudWatch gets no data point. */
export type Curve = Point | ((scene: Scene, minute: number) => Point);

/** What happens to an environment. */
export interface Scenario {
  /** Healthy, and nobody uses it. */
  readonly idle: Curve;
  /** Healthy, on a good day: what capacity was bought for. */
  readonly busy: Curve;
  /** Deployed, and no image was released yet. Default: idle. */
  readonly unreleased?: Curve;
  /** What is watched is gone, while people ask for it. */
  readonly dead: Curve;
  /** What is watched is there, and fails at everything. Default: dead. */
  readonly failing?: Curve;
  /** More is asked of it than it can do. */
  readonly overloaded: Curve;
}

/** CloudWatch has nothing to say. */
const silence = undefined;

/** A count of things that go wrong, sent only when one does; being dead does not raise it. */
const fault = (overloaded: number): Scenario => ({ idle: silence, busy: silence, dead: silence, overloaded });

/** A count of things that go wrong, sent as 0 for as long as what is watched lives. */
const faultOrZero = (overloaded: number): Scenario => ({ idle: 0, busy: 0, dead: silence, overloaded });

/** A percentage that a service's tasks report, and nobody without tasks; autoscaling lets it rise above 60 now and then. */
const taskPercent = (idle: number): Scenario => ({
  idle,
  busy: (_, minute) => 50 + (minute % 10) * 2,
  unreleased: silence,
  dead: silence,
  failing: idle,
  overloaded: 99,
});

/**
 * Every metric that an alarm reads, as `namespace name`. An alarm on another one fails the test of alarms: whoever adds it finds out,
 * from the metric's page, when CloudWatch has a data point at all.
 */
export const scenarios: Readonly<Record<string, Scenario>> = {
  // of the load balancer: what reached a task, and only in minutes with requests
  "AWS/ApplicationELB RequestCount": {
    idle: silence,
    busy: 6000,
    dead: silence,
    failing: 600,
    overloaded: 9000,
  },
  "AWS/ApplicationELB RequestCountPerTarget": { idle: silence, busy: 500, dead: silence, overloaded: 5000 },
  // a healthy service has an error now and then
  "AWS/ApplicationELB HTTPCode_Target_5XX_Count": {
    idle: silence,
    busy: (_, minute) => (minute % 3 === 0 ? 6 : silence),
    dead: silence,
    failing: 600,
    overloaded: 3000,
  },
  // what no task answers is answered by the load balancer
  "AWS/ApplicationELB HTTPCode_ELB_5XX_Count": {
    idle: silence,
    busy: (_, minute) => (minute % 10 === 0 ? 2 : silence),
    dead: 600,
    overloaded: 3000,
  },
  "AWS/ApplicationELB TargetResponseTime": { idle: silence, busy: 0.2, dead: silence, failing: 0.01, overloaded: 30 },
  // both are sent while the target group has targets
  "AWS/ApplicationELB HealthyHostCount": {
    idle: ({ tasks }) => tasks,
    busy: ({ tasks }) => tasks + 1,
    unreleased: silence,
    dead: silence,
    failing: 0,
    overloaded: ({ tasks }) => tasks - 1,
  },
  "AWS/ApplicationELB UnHealthyHostCount": {
    idle: 0,
    busy: 0,
    unreleased: silence,
    dead: silence,
    failing: ({ tasks }) => tasks,
    overloaded: 1,
  },
  "AWS/ApplicationELB RejectedConnectionCount": fault(40),

  "AWS/ECS CPUUtilization": taskPercent(2),
  "AWS/ECS MemoryUtilization": taskPercent(30),
  "ECS/ContainerInsights RunningTaskCount": {
    idle: ({ tasks }) => tasks,
    busy: ({ tasks }) => tasks + 1,
    unreleased: silence,
    dead: silence,
    failing: 0,
    overloaded: ({ tasks }) => tasks - 1,
  },
  // a queue that nobody asks for hours says nothing
  "AWS/SQS ApproximateNumberOfMessagesVisible": { ...fault(3), dead: 1 },
  "AWS/Scheduler InvocationsFailedToBeSentToDeadLetterCount": { ...fault(3), dead: 1 },

  "AWS/NATGateway ErrorPortAllocation": faultOrZero(200),
  "AWS/NATGateway PacketsDropCount": faultOrZero(4000),
  "AWS/NATGateway PacketsInFromSource": { idle: 20, busy: 50_000, dead: silence, overloaded: 5_000_000 },
  "AWS/NATGateway PacketsInFromDestination": { idle: 20, busy: 80_000, dead: silence, overloaded: 8_000_000 },
  "AWS/AutoScaling GroupInServiceInstances": { idle: 1, busy: 1, dead: silence, failing: 0, overloaded: 1 },

  "AWS/AmazonMQ CpuUtilization": { idle: 3, busy: 50, dead: silence, overloaded: 100 },
  "AWS/AmazonMQ HeapUsage": { idle: 20, busy: (_, minute) => 40 + (minute % 8) * 5, dead: silence, overloaded: 97 },
  "AWS/AmazonMQ StorePercentUsage": { idle: 1, busy: 8, dead: silence, overloaded: 95 },
  "AWS/AmazonMQ CurrentConnectionsCount": { idle: 1, busy: 150, dead: silence, overloaded: 2000 },

  // a device that was removed goes on trying for a while
  "AWS/IoT Connect.AuthError": { ...fault(300), busy: (_, minute) => (minute % 2 === 0 ? 1 : silence) },
  "AWS/IoT PublishIn.AuthError": fault(300),
  "AWS/IoT Subscribe.AuthError": fault(300),
  "AWS/IoT Connect.Throttle": fault(300),
  "AWS/IoT PublishIn.Throttle": fault(300),

  // rates are sent in minutes with requests
  "AWS/CloudFront 5xxErrorRate": { idle: silence, busy: 0.1, dead: 100, overloaded: 40 },

  "AWS/RDS CPUUtilization": { idle: 4, busy: 55, dead: silence, overloaded: 100 },
  // a new instance begins with none, and the smallest class earns 12 an hour
  "AWS/RDS CPUCreditBalance": {
    idle: 288,
    busy: 140,
    unreleased: (_, minute) => Math.min(288, minute / 5),
    dead: silence,
    overloaded: 0,
  },
  "AWS/RDS FreeableMemory": {
    idle: ({ freeMemoryBytes }) => freeMemoryBytes,
    busy: ({ freeMemoryBytes }) => freeMemoryBytes * 0.6,
    dead: silence,
    overloaded: ({ freeMemoryBytes }) => freeMemoryBytes * 0.1,
  },
  "AWS/RDS DatabaseConnections": { idle: 1, busy: 40, dead: silence, overloaded: 5000 },
  "AWS/RDS DBLoad": { idle: 0.02, busy: 1.2, dead: silence, overloaded: 60 },
  "AWS/RDS MaximumUsedTransactionIDs": { idle: 1e6, busy: 2e8, dead: silence, overloaded: 1.5e9 },
  // a source without writes sends something every five minutes, and one that is not followed at all is -1 behind
  "AWS/RDS ReplicaLag": {
    idle: (_, minute) => (minute % 5) * 60,
    busy: 0.1,
    dead: silence,
    failing: -1,
    overloaded: 3600,
  },
  // nearly full, and within 18 hours it is
  "AWS/RDS FreeStorageSpace": {
    idle: ({ diskBytes }) => diskBytes * 0.8,
    busy: ({ diskBytes }, minute) => diskBytes * (0.5 - minute * 1e-6),
    dead: silence,
    overloaded: ({ diskBytes }, minute) => diskBytes * 0.04 * Math.max(0, 1 - minute / 1100),
  },
  "AWS/RDS ReadLatency": { idle: 0, busy: 0.002, dead: silence, overloaded: 0.2 },
  "AWS/RDS WriteLatency": { idle: 0.001, busy: 0.003, dead: silence, overloaded: 0.2 },
  "AWS/RDS EBSByteBalance%": { idle: 100, busy: 70, dead: silence, overloaded: 1 },
  "AWS/RDS EBSIOBalance%": { idle: 100, busy: 70, dead: silence, overloaded: 1 },

  "AWS/SNS NumberOfNotificationsFailed": { ...fault(2), dead: 2 },
  "AWS/Events FailedInvocations": { ...fault(2), dead: 2 },
};

/** The standby of a pair of brokers says nothing, whatever happens. */
const standby: Scenario = { idle: silence, busy: silence, dead: silence, overloaded: silence };

/** How a series behaves. */
export function scenarioOf(series: AlarmSeries): Scenario {
  const scenario = scenarios[scenarioKey(series)];
  if (scenario === undefined) {
    throw new Error(`${scenarioKey(series)} has no scenario: say in test/support/metric-scenarios.ts how it behaves`);
  }
  return series.namespace === "AWS/AmazonMQ" && series.dimensions["Broker"]?.endsWith("-2") === true
    ? standby
    : scenario;
}

/** The name of a series in `scenarios`. */
export function scenarioKey({ namespace, name }: AlarmSeries): string {
  return `${namespace} ${name}`;
}
