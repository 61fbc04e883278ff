import type { AlarmSpec, MetricSpec } from "../shared/alarm-spec";

export interface LoadBalancerAlarmsProps {
  /** How metrics call the load balancer. */
  readonly arnSuffix: string;
}

/** Share of answers that may be the load balancer's own errors; the default of a service's `errorPercent`. */
const ERROR_PERCENT = 5;

/**
 * What makes somebody look at the load balancer itself, by construct id. AWS recommends nothing for load balancers.
 *
 * `Errors`: 502, 503 and 504, which it answers with when no task can. More than 5 % in three of five minutes: long enough for a
 * task that is replaced, short enough to be the first to say that a service is down. `RequestCount` leaves out what never found
 * a task, which a dead service is all of, so the errors are added to it. A minute counts as one of at least twenty requests:
 * a single error at night is then 5 %, which is not more, while two are. Minutes without an error have no data point.
 *
 * `RejectedConnections`: it has as many connections as it can, and turns clients away. That is never normal; twice in five minutes,
 * since it grows by itself when load comes suddenly.
 */
export function loadBalancerAlarms({ arnSuffix }: LoadBalancerAlarmsProps) {
  const sum = (name: string): MetricSpec => ({
    namespace: "AWS/ApplicationELB",
    name,
    dimensions: { LoadBalancer: arnSuffix },
    statistic: "Sum",
    unit: "count",
  });
  const answers = "(FILL(requests, 0) + errors)";
  const floor = 100 / ERROR_PERCENT;
  return {
    Errors: {
      name: "load-balancer-errors",
      section: "load balancer",
      meaning: "Users get errors from the load balancer, because no task answers it",
      runbook: "load-balancer-errors",
      metrics: { requests: sum("RequestCount"), errors: sum("HTTPCode_ELB_5XX_Count") },
      expression: `100 * errors / IF(${answers} > ${floor}, ${answers}, ${floor})`,
      comparison: ">",
      threshold: ERROR_PERCENT,
      periodSec: 60,
      datapoints: 3,
      of: 5,
      missing: "notBreaching",
    },
    RejectedConnections: {
      name: "load-balancer-rejected-connections",
      section: "load balancer",
      meaning: "The load balancer turns clients away, because it holds as many connections as it can",
      runbook: "load-balancer-rejected-connections",
      metrics: { rejected: sum("RejectedConnectionCount") },
      comparison: ">",
      threshold: 0,
      periodSec: 60,
      datapoints: 2,
      of: 5,
      missing: "notBreaching",
    },
  } as const satisfies Readonly<Record<string, AlarmSpec>>;
}
