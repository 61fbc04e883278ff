import type { WebServiceSettings } from "../settings/fargate-service";
import type { AlarmSpec, MetricSpec } from "../shared/alarm-spec";
import { lowestTasks } from "./lowest-tasks";
import type { AlarmSpecs } from "./watch-all";

export interface WebTargetAlarmsProps {
  readonly serviceName: string;
  readonly settings: WebServiceSettings;
  /** How metrics call the load balancer. */
  readonly loadBalancer: string;
  /** How metrics call the target group. */
  readonly targetGroup: string;
}

const LATENCY_PERIOD_SEC = 300;
/** Of fewer answers the 95th percentile is the slowest one. */
const LATENCY_MIN_ANSWERS = 20;

type Statistic = "Sum" | "Minimum" | "Maximum" | "p95";
type Metric = (name: string, statistic: Statistic, unit?: MetricSpec["unit"]) => MetricSpec;

/**
 * What makes somebody look at the tasks of a web service, by construct id. All metrics are those of the target group behind this
 * load balancer, so that the alarms can exist before the service that they undo deployments of. AWS recommends nothing for load
 * balancers; the thresholds are the service's own settings where it has any.
 */
export function webTargetAlarms(props: WebTargetAlarmsProps): AlarmSpecs {
  const { loadBalancer, targetGroup } = props;
  const metric: Metric = (name, statistic, unit = "count") => ({
    namespace: "AWS/ApplicationELB",
    name,
    dimensions: { LoadBalancer: loadBalancer, TargetGroup: targetGroup },
    statistic,
    unit,
  });
  return {
    ...errorAlarms(props, metric),
    Latency: latencyAlarm(props, metric),
    ...unhealthyAlarms(props, metric),
    ...livenessAlarms(props, metric),
  };
}

/**
 * More than `errorPercent` of the answers are 5xx. A minute counts as one of at least as many requests as make a single error
 * `errorPercent`: one at night is not more than that, two are.
 *
 * `Errors` looks at three of five minutes: neither a moment nor a database that fails over, which takes one to two minutes.
 * `RollbackErrors` looks at two in a row, since ECS waits for it at the end of every deployment.
 */
function errorAlarms({ serviceName, settings }: WebTargetAlarmsProps, metric: Metric) {
  const floor = Math.ceil(100 / settings.errorPercent);
  const shared = {
    section: "load balancer",
    metrics: { requests: metric("RequestCount", "Sum"), errors: metric("HTTPCode_Target_5XX_Count", "Sum") },
    // no error, no data point; no request, none at all
    expression: `100 * FILL(errors, 0) / IF(requests > ${floor}, requests, ${floor})`,
    comparison: ">",
    threshold: settings.errorPercent,
    periodSec: 60,
    missing: "notBreaching",
  } as const satisfies Partial<AlarmSpec>;
  return {
    Errors: {
      ...shared,
      name: `${serviceName}-errors`,
      meaning: `Users get errors from ${serviceName}: more than ${settings.errorPercent} % of its answers are 5xx`,
      runbook: "service-errors",
      datapoints: 3,
      of: 5,
    },
    RollbackErrors: {
      ...shared,
      name: `${serviceName}-errors-rollback`,
      meaning: `${serviceName} answers with errors; ECS undoes a deployment that is under way`,
      runbook: "rollback",
      datapoints: 2,
      of: 2,
      role: "rollback",
    },
  } as const satisfies AlarmSpecs;
}

/**
 * 95 of 100 answers took longer than `latencyP95Sec` in each of three five-minute periods: a quarter of an hour, so that neither
 * a deployment nor a cold cache counts. Periods of fewer than twenty answers do not: one slow request would be all there is.
 */
function latencyAlarm({ serviceName, settings }: WebTargetAlarmsProps, metric: Metric): AlarmSpec {
  return {
    name: `${serviceName}-latency`,
    section: "load balancer",
    meaning: `Users wait for ${serviceName}: one of twenty answers takes longer than ${settings.latencyP95Sec} s`,
    runbook: "service-latency",
    metrics: {
      requests: metric("RequestCount", "Sum"),
      latency: metric("TargetResponseTime", "p95", "seconds"),
    },
    expression: `IF(requests >= ${LATENCY_MIN_ANSWERS}, latency, 0)`,
    comparison: ">",
    threshold: settings.latencyP95Sec,
    periodSec: LATENCY_PERIOD_SEC,
    datapoints: 3,
    of: 3,
    missing: "notBreaching",
  };
}

/**
 * A task fails its health checks. One that starts may do so for `healthCheckGraceSec`, and the alarms wait for longer than that:
 * 3 minutes, or 2 for the rollback, with the default of 60 seconds. For a rollback every node of the load balancer must see it.
 */
function unhealthyAlarms({ serviceName, settings }: WebTargetAlarmsProps, metric: Metric) {
  const graceMinutes = Math.ceil(settings.healthCheckGraceSec / 60);
  const shared = {
    section: "load balancer",
    comparison: ">=",
    threshold: 1,
    periodSec: 60,
    missing: "notBreaching",
  } as const satisfies Partial<AlarmSpec>;
  const lasting = (minutes: number) => ({ datapoints: minutes, of: minutes });
  return {
    UnhealthyHosts: {
      ...shared,
      name: `${serviceName}-unhealthy-hosts`,
      meaning: `A task of ${serviceName} fails its health checks for longer than a start takes`,
      runbook: "unhealthy-hosts",
      metrics: { unhealthy: metric("UnHealthyHostCount", "Maximum") },
      ...lasting(Math.max(3, graceMinutes + 2)),
    },
    RollbackUnhealthyHosts: {
      ...shared,
      name: `${serviceName}-unhealthy-hosts-rollback`,
      meaning: `A task of ${serviceName} does not become healthy; ECS undoes a deployment that is under way`,
      runbook: "rollback",
      metrics: { unhealthy: metric("UnHealthyHostCount", "Minimum") },
      ...lasting(Math.max(2, graceMinutes + 1)),
      role: "rollback",
    },
  } as const satisfies AlarmSpecs;
}

/**
 * Too few tasks answer, or nothing is heard of them at all: a target group without tasks has no metric, so silence counts as dead.
 *
 * `NoHealthyHost`: none for three minutes, as long as one task takes to replace another. `BelowMinimum`: fewer than the service may
 * have at any hour, where that is more than one, for ten minutes: deployments keep all of them (`deploymentMinimumHealthyPercent`),
 * and a Spot task that is taken away is replaced by then. A service that may sleep has neither.
 */
function livenessAlarms({ serviceName, settings }: WebTargetAlarmsProps, metric: Metric): AlarmSpecs {
  const lowest = lowestTasks(settings);
  const graceMinutes = Math.ceil(settings.healthCheckGraceSec / 60);
  const shared = {
    section: "load balancer",
    comparison: "<",
    periodSec: 60,
    missing: "breaching",
    role: "liveness",
  } as const satisfies Partial<AlarmSpec>;
  return {
    ...(lowest < 1
      ? {}
      : {
          NoHealthyHost: {
            ...shared,
            name: `${serviceName}-no-healthy-host`,
            meaning: `${serviceName} is down: no task answers its health checks`,
            runbook: "no-healthy-host",
            metrics: { healthy: metric("HealthyHostCount", "Maximum") },
            threshold: 1,
            datapoints: 3,
            of: 3,
          },
        }),
    ...(lowest < 2
      ? {}
      : {
          BelowMinimum: {
            ...shared,
            name: `${serviceName}-below-minimum`,
            meaning: `${serviceName} has fewer than its ${lowest} tasks that answer their health checks`,
            runbook: "below-minimum",
            metrics: { healthy: metric("HealthyHostCount", "Minimum") },
            threshold: lowest,
            datapoints: 9 + graceMinutes,
            of: 9 + graceMinutes,
          },
        }),
  };
}
