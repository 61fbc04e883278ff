import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
} from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { Construct } from "constructs";
import { AlertSubscriptions, type AlertTargets } from "./alert-subscriptions";
import { AlertTopic } from "./alert-topic";
import { notDeliveredAlarm } from "./alarms/monitoring-alarms";
import { DeploymentEvents } from "./deployment-events";
import { EnvironmentBudget } from "./environment-budget";
import { alarmDescription, alarmProblems, RESULT_ID } from "./shared/alarm-problems";
import type { AlarmSpec, MetricSpec } from "./shared/alarm-spec";
import { BlueprintError } from "./shared/blueprint-error";
import type { Context } from "./shared/context";
import { exceptFromScan } from "./shared/scan-exception";
import { terraformLiteral } from "./shared/terraform-literal";
import { usEast1 } from "./shared/us-east-1";
import { SlackChannel } from "./slack-channel";

const GLOBAL_REGION = "us-east-1";

export interface MonitoringProps {
  readonly context: Context;
  readonly alerts: AlertTargets;
  /** What may be spent in a month, and whether everything in the account counts: it does where the environment is alone in it. */
  readonly budget: { readonly monthlyUsd: number; readonly wholeAccount: boolean };
}

/** An alarm that was made, for the dashboard. */
export interface Watched extends AlarmSpec {
  readonly alarmName: string;
  readonly alarmArn: string;
}

const comparisons: Readonly<Record<AlarmSpec["comparison"], string>> = {
  ">": "GreaterThanThreshold",
  ">=": "GreaterThanOrEqualToThreshold",
  "<": "LessThanThreshold",
  "<=": "LessThanOrEqualToThreshold",
};

/**
 * Alarms of an environment, and who learns of them: e-mail, https endpoints and Slack, of alarms as they start and end, of what ECS
 * gives up, and of money. An alarm costs $0.10 a month for each metric that it reads (us-east-1, 2026-11).
 *
 * What is `global` goes to a topic of its own in us-east-1 where the environment is elsewhere: each e-mail address confirms twice.
 */
export class Monitoring extends Construct {
  /** Takes alarms and RDS events of the environment's region; whoever refers to it is made once it may publish. */
  public readonly topicArn: string;

  private readonly all: Watched[] = [];
  private readonly alerts: AlertTargets;
  private readonly context: Context;
  private globalTopic: AlertTopic | undefined;

  constructor(scope: Construct, id: string, { context, alerts, budget }: MonitoringProps) {
    super(scope, id);
    this.alerts = alerts;
    this.context = context;
    const topic = new AlertTopic(this, "Topic", {
      context,
      region: context.region,
      publishers: ["alarms", "rules", "databases"],
    });
    this.topicArn = topic.arn;
    new AlertSubscriptions(this, "Subscriptions", { topicArn: topic.arn, targets: alerts });
    const events = new DeploymentEvents(this, "Events", {
      context,
      topicArn: topic.arn,
      forSlack: alerts.slack !== undefined,
    });
    new EnvironmentBudget(this, "Budget", { context, ...budget, emails: alerts.emails });
    if (alerts.slack !== undefined) {
      new SlackChannel(this, "Slack", { context, ...alerts.slack, topicArns: () => this.topicArns() });
    }
    this.add(this, "NotDelivered", notDeliveredAlarm(topic.name, events.ruleNames), { okActions: [] });
  }

  /** Every alarm so far. */
  public get watched(): readonly Watched[] {
    return this.all;
  }

  /**
   * Make an alarm in `scope`, the construct that owns the metric. It says when it starts and when it ends; that it knows nothing
   * yet is no news. A liveness alarm is silent until a release turns its actions on, which Terraform leaves alone.
   *
   * @throws BlueprintError with everything that is wrong with `spec`
   */
  public watch(scope: Construct, id: string, spec: AlarmSpec): Watched {
    return this.add(scope, id, spec, {});
  }

  private add(
    scope: Construct,
    id: string,
    spec: AlarmSpec,
    overrides: Pick<CloudwatchMetricAlarmConfig, "okActions">,
  ): Watched {
    const problems = [
      ...alarmProblems(spec),
      ...(this.all.some(({ name }) => name === spec.name)
        ? [`name must be that of one alarm, got "${spec.name}" twice: rename one`]
        : []),
    ];
    if (problems.length > 0) throw new BlueprintError(`${scope.node.path}/${id}`, problems);
    const { topicArn, ...placement } = spec.global === true ? this.globally() : { topicArn: this.topicArn };
    const alarm = new CloudwatchMetricAlarm(scope, id, {
      ...placement,
      alarmName: `${this.context.name}-${spec.name}`,
      alarmDescription: terraformLiteral(alarmDescription(spec)),
      comparisonOperator: comparisons[spec.comparison],
      threshold: spec.threshold,
      evaluationPeriods: spec.of,
      datapointsToAlarm: spec.datapoints,
      treatMissingData: spec.missing,
      alarmActions: [topicArn],
      okActions: [topicArn],
      ...metricsOf(spec),
      ...(spec.role === "liveness" ? { actionsEnabled: false, lifecycle: { ignoreChanges: ["actions_enabled"] } } : {}),
      ...overrides,
    });
    if (spec.role === "liveness") {
      exceptFromScan(
        alarm,
        "CKV_AWS_319",
        "silent until something was released: the first release turns its actions on",
      );
    }
    const watched = { ...spec, alarmName: `${this.context.name}-${spec.name}`, alarmArn: alarm.arn };
    this.all.push(watched);
    return watched;
  }

  /** Where a global alarm is and whom it tells; a topic beside the environment's is made with the first one that needs it. */
  private globally() {
    const { context } = this;
    const placement = usEast1(this, context);
    if (context.region === GLOBAL_REGION) return { ...placement, topicArn: this.topicArn };
    if (this.globalTopic === undefined) {
      const scope = new Construct(this, "Global");
      this.globalTopic = new AlertTopic(scope, "Topic", {
        context,
        region: GLOBAL_REGION,
        ...placement,
        publishers: ["alarms"],
      });
      new AlertSubscriptions(scope, "Subscriptions", {
        topicArn: this.globalTopic.arn,
        ...placement,
        targets: this.alerts,
      });
    }
    return { ...placement, topicArn: this.globalTopic.arn };
  }

  private topicArns(): readonly string[] {
    return this.globalTopic === undefined ? [this.topicArn] : [this.topicArn, this.globalTopic.arn];
  }
}

function metricsOf({ name, metrics, expression, periodSec }: AlarmSpec): Partial<CloudwatchMetricAlarmConfig> {
  const period = periodSec;
  const [only] = Object.values(metrics);
  if (expression === undefined && only !== undefined) {
    const { namespace, name: metricName, dimensions } = only;
    return { namespace, metricName, dimensions: { ...dimensions }, period, ...statisticOf(only) };
  }
  return {
    metricQuery: [
      { id: RESULT_ID, ...(expression === undefined ? {} : { expression }), label: name, returnData: true },
      ...Object.entries(metrics).map(([id, metric]) => ({
        id,
        metric: {
          namespace: metric.namespace,
          metricName: metric.name,
          dimensions: { ...metric.dimensions },
          stat: metric.statistic,
          period,
        },
      })),
    ],
  };
}

/**
 * A percentile is an extended statistic. It counts with few samples too: AWS would otherwise wait for 200 requests a period before
 * it looks at p95, and stay blind in a small environment; that several data points must be over the threshold guards against
 * accidents.
 */
function statisticOf({ statistic }: MetricSpec): Partial<CloudwatchMetricAlarmConfig> {
  return statistic.startsWith("p")
    ? { extendedStatistic: statistic, evaluateLowSampleCountPercentiles: "evaluate" }
    : { statistic };
}
