import type { WebServiceSettings, WorkerServiceSettings } from "../settings/fargate-service";
import type { AlarmSpec, MetricSpec } from "../shared/alarm-spec";
import { lowestTasks } from "./lowest-tasks";
import type { AlarmSpecs } from "./watch-all";

export interface FargateServiceAlarmsProps {
  /** As the environment calls it. */
  readonly serviceName: string;
  readonly settings: WebServiceSettings | WorkerServiceSettings;
  /** How metrics call the cluster. */
  readonly ecsCluster: string;
  /** How metrics call the service. */
  readonly ecsService: string;
  /** Whether Container Insights counts tasks. */
  readonly countsTasks: boolean;
  /** How metrics call the target group of a web service. */
  readonly targetGroup?: string | undefined;
}

/** What AWS recommends for CPU and memory of a service. */
const RECOMMENDED_PERCENT = 80;
/** Scaling out takes about five minutes: three for its alarm, two for the task. Three times that, and it did not help. */
const SCALING_MINUTES = 15;

/**
 * What makes somebody look at the tasks of a service, by construct id; what the load balancer sees of them is in
 * `web-target-alarms.ts`.
 *
 * AWS counts silence as too much CPU and memory. Here it is neither: a service without tasks has no metrics, which is right before
 * its first release and wrong afterwards; telling these apart is what liveness alarms are for.
 */
export function fargateServiceAlarms(props: FargateServiceAlarmsProps): AlarmSpecs {
  return { ...loadAlarms(props), ...atMaximumAlarm(props), ...livenessAlarms(props) };
}

/** True where autoscaling decides about the number of tasks. */
function scales({ minTasks, maxTasks }: FargateServiceAlarmsProps["settings"]): boolean {
  return maxTasks > minTasks;
}

/**
 * `Cpu` and `Memory`: above 80 % on average for five minutes, as AWS recommends. Where autoscaling keeps the average at a target
 * that 80 % is near to or below, the alarm is halfway between the target and 100 %: memory that is kept at 75 % is not short at 81.
 */
function loadAlarms(props: FargateServiceAlarmsProps) {
  const { serviceName, settings } = props;
  const alarm = (what: string, metricName: string, targetPercent: number): AlarmSpec => {
    const threshold = scales(settings) ? Math.max(RECOMMENDED_PERCENT, (targetPercent + 100) / 2) : RECOMMENDED_PERCENT;
    return {
      name: `${serviceName}-${what.toLowerCase()}`,
      section: "services",
      meaning: `Tasks of ${serviceName} use more than ${threshold} % of their ${what}`,
      runbook: `service-${what.toLowerCase()}`,
      metrics: { used: ecsMetric(props, metricName, "Average", "percent") },
      comparison: ">",
      threshold,
      periodSec: 60,
      datapoints: 5,
      of: 5,
      missing: "notBreaching",
    };
  };
  return {
    Cpu: alarm("CPU", "CPUUtilization", settings.targetCpuPercent),
    Memory: alarm("memory", "MemoryUtilization", settings.targetMemoryPercent),
  };
}

/**
 * `AtMaximum`: autoscaling cannot keep up. The number of tasks is known to Container Insights alone, but nothing else looks the
 * same: a target that is missed makes it add tasks within minutes, so one that is missed for a quarter of an hour means that there
 * are `maxTasks`, or that AWS has no capacity. It covers all targets of the service, as any of them adds tasks.
 */
function atMaximumAlarm(props: FargateServiceAlarmsProps): AlarmSpecs {
  const { serviceName, settings, targetGroup } = props;
  if (!scales(settings)) return {};
  const requestsPerTask = settings.kind === "web" ? settings.targetRequestsPerTask : undefined;
  const requests =
    requestsPerTask === undefined || targetGroup === undefined
      ? undefined
      : ({
          namespace: "AWS/ApplicationELB",
          name: "RequestCountPerTarget",
          dimensions: { TargetGroup: targetGroup },
          statistic: "Sum",
          unit: "count",
        } as const);
  const missed = [
    `cpu > ${settings.targetCpuPercent}`,
    `memory > ${settings.targetMemoryPercent}`,
    // without requests there is no data point
    ...(requests === undefined ? [] : [`FILL(requests, 0) > ${requestsPerTask}`]),
  ];
  return {
    AtMaximum: {
      name: `${serviceName}-at-maximum`,
      section: "services",
      meaning: `${serviceName} needs more tasks than the ${settings.maxTasks} that it may have`,
      runbook: "at-maximum",
      metrics: {
        cpu: ecsMetric(props, "CPUUtilization", "Average", "percent"),
        memory: ecsMetric(props, "MemoryUtilization", "Average", "percent"),
        ...(requests === undefined ? {} : { requests }),
      },
      expression: `IF(${missed.join(" OR ")}, 1, 0)`,
      comparison: ">",
      threshold: 0,
      periodSec: 60,
      datapoints: SCALING_MINUTES,
      of: SCALING_MINUTES,
      missing: "notBreaching",
    },
  };
}

/**
 * Whether a worker runs; of a web service the load balancer knows. A service without tasks has no metrics, so silence counts as
 * dead, where AWS's own alarm for running tasks stays quiet. A worker that may sleep has no such alarm.
 *
 * `NoTask`: no sample of CPU for five minutes; a task that is replaced, on Spot too, is back by then. `BelowMinimum`: fewer tasks than
 * the worker may have at any hour, where that is more than one and Container Insights counts them, for ten minutes.
 */
function livenessAlarms(props: FargateServiceAlarmsProps): AlarmSpecs {
  const { serviceName, settings, ecsCluster, ecsService, countsTasks } = props;
  const lowest = lowestTasks(settings);
  if (settings.kind !== "worker" || lowest < 1) return {};
  const shared = {
    section: "services",
    comparison: "<",
    periodSec: 60,
    missing: "breaching",
    role: "liveness",
  } as const satisfies Partial<AlarmSpec>;
  return {
    NoTask: {
      ...shared,
      name: `${serviceName}-no-task`,
      meaning: `${serviceName} is down: nothing is heard of any task`,
      runbook: "no-task",
      metrics: { samples: ecsMetric(props, "CPUUtilization", "SampleCount", "count") },
      threshold: 1,
      datapoints: 5,
      of: 5,
    },
    ...(lowest < 2 || !countsTasks
      ? {}
      : {
          BelowMinimum: {
            ...shared,
            name: `${serviceName}-below-minimum`,
            meaning: `${serviceName} has fewer than its ${lowest} tasks`,
            runbook: "below-minimum",
            metrics: {
              running: {
                namespace: "ECS/ContainerInsights",
                name: "RunningTaskCount",
                dimensions: { ClusterName: ecsCluster, ServiceName: ecsService },
                statistic: "Average",
                unit: "count",
              },
            },
            threshold: lowest,
            datapoints: 10,
            of: 10,
          },
        }),
  };
}

function ecsMetric(
  { ecsCluster, ecsService }: FargateServiceAlarmsProps,
  name: string,
  statistic: "Average" | "SampleCount",
  unit: MetricSpec["unit"],
): MetricSpec {
  return {
    namespace: "AWS/ECS",
    name,
    dimensions: { ClusterName: ecsCluster, ServiceName: ecsService },
    statistic,
    unit,
  };
}
