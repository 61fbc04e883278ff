import { BudgetsBudget } from "@cdktf/provider-aws/lib/budgets-budget";
import { ChatbotSlackChannelConfiguration } from "@cdktf/provider-aws/lib/chatbot-slack-channel-configuration";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";
import { Monitoring, type MonitoringProps } from "../../constructs/monitoring";
import type { AlarmSpec, MetricSpec } from "../../constructs/shared/alarm-spec";
import type { Context } from "../../constructs/shared/context";
import { synth, type Json, type Synthesized } from "../support/synth";
import { permissionsOf, withoutHash } from "../support/tasks";

const slack = { workspaceId: "T012AB3C4", channelId: "C012AB3C4" };

function built(
  props: Partial<MonitoringProps> = {},
  use: (monitoring: Monitoring, owner: Construct) => void = () => undefined,
  overrides: Partial<Context> = {},
): Synthesized {
  return synth((scope, context) => {
    const monitoring = new Monitoring(scope, "Monitoring", {
      context,
      alerts: { emails: ["on-call@example.com"], https: [] },
      budget: { monthlyUsd: 60, wholeAccount: true },
      ...props,
    });
    use(monitoring, new Construct(scope, "Owner"));
  }, overrides);
}

function metric(rest: Partial<MetricSpec> = {}): MetricSpec {
  return {
    namespace: "AWS/ApplicationELB",
    name: "HealthyHostCount",
    dimensions: { LoadBalancer: "app/api/1" },
    statistic: "Minimum",
    unit: "count",
    ...rest,
  };
}

function spec(rest: Partial<AlarmSpec> = {}): AlarmSpec {
  return {
    name: "api-no-healthy-host",
    section: "services",
    meaning: "Nobody answers requests of api",
    runbook: "no-healthy-host",
    metrics: { hosts: metric() },
    comparison: "<",
    threshold: 1,
    periodSec: 60,
    datapoints: 2,
    of: 3,
    missing: "breaching",
    ...rest,
  };
}

const alarmOf = (rest: Partial<AlarmSpec>, props: Partial<MonitoringProps> = {}): Json =>
  built(props, (monitoring, owner) => monitoring.watch(owner, "Alarm", spec(rest))).named(
    CloudwatchMetricAlarm,
    "Owner_Alarm",
  );
const statementsOf = (policy: unknown): Json[] => (JSON.parse(String(policy)) as Json)["Statement"] as Json[];
const MAIN_TOPIC = "${aws_sns_topic_policy.Monitoring_Topic_Policy.arn}";

describe("the topic", () => {
  const stack = built();

  test("is named after the environment, which signs the e-mails, and encrypted with a key that is rotated", () => {
    expect(stack.one(SnsTopic)).toMatchObject({ name: "shop-test-alerts", display_name: "shop-test alerts" });
    expect(withoutHash(stack.one(SnsTopic)["kms_master_key_id"])).toBe("${aws_kms_key.Monitoring_Topic_Key.arn}");
    expect(stack.one(KmsKey)).toMatchObject({ enable_key_rotation: true, deletion_window_in_days: 7 });
    expect(stack.one(KmsAlias)["name"]).toBe("alias/shop-test-alerts");
  });

  test("has a key for its publishers, of this account where they say whose they are", () => {
    const use = { Effect: "Allow", Action: ["kms:GenerateDataKey*", "kms:Decrypt"], Resource: "*" };
    const ours = { Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } } };
    expect(statementsOf(stack.one(KmsKey)["policy"])).toEqual([
      {
        Sid: "Account",
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::123456789012:root" },
        Action: "kms:*",
        Resource: "*",
      },
      { Sid: "Alarms", Principal: { Service: "cloudwatch.amazonaws.com" }, ...use, ...ours },
      // EventBridge is refused with a condition
      { Sid: "Rules", Principal: { Service: "events.amazonaws.com" }, ...use },
      { Sid: "Databases", Principal: { Service: "events.rds.amazonaws.com" }, ...use, ...ours },
    ]);
  });

  test("takes alarms of this environment, its events and those of databases, by TLS alone", () => {
    const statements = statementsOf(stack.one(SnsTopicPolicy)["policy"]);
    const topics = statements.map(({ Resource }) => withoutHash(Resource));
    expect(new Set(topics)).toEqual(new Set(["${aws_sns_topic.Monitoring_Topic.arn}"]));
    expect(
      statements.map((statement) =>
        Object.fromEntries(Object.entries(statement).filter(([field]) => field !== "Resource")),
      ),
    ).toEqual([
      {
        Sid: "Alarms",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Condition: {
          StringEquals: { "aws:SourceAccount": "123456789012" },
          ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:shop-test-*" },
        },
      },
      { Sid: "Rules", Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "sns:Publish" },
      {
        Sid: "Databases",
        Effect: "Allow",
        Principal: { Service: "events.rds.amazonaws.com" },
        Action: "sns:Publish",
        Condition: {
          StringEquals: { "aws:SourceAccount": "123456789012" },
          ArnLike: { "aws:SourceArn": "arn:aws:rds:eu-west-1:123456789012:*" },
        },
      },
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "sns:Publish",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });

  test("is told by its policy, so that nothing that publishes is made before it may", () => {
    const stack = built({}, ({ topicArn }, owner) => {
      new SnsTopicSubscription(owner, "Refers", { topicArn, protocol: "email", endpoint: "x@example.com" });
    });
    expect(withoutHash(stack.named(SnsTopicSubscription, "Owner_Refers")["topic_arn"])).toBe(MAIN_TOPIC);
    expect(withoutHash(alarmOf({})["alarm_actions"])).toBe(MAIN_TOPIC);
  });

  test("keeps nothing that has to be guarded, in a permanent environment neither", () => {
    const key = built({}, () => undefined, { lifetime: "permanent" }).one(KmsKey);
    expect(key["lifecycle"]).toBeUndefined();
  });
});

describe("who learns of it", () => {
  test("e-mail addresses alone, by default", () => {
    const stack = built();
    expect(stack.one(SnsTopicSubscription)).toMatchObject({ protocol: "email", endpoint: "on-call@example.com" });
    expect(stack.has(ChatbotSlackChannelConfiguration)).toBe(false);
    expect(stack.has(IamRole)).toBe(false);
  });

  test("everything can be set", () => {
    const stack = built({
      alerts: { emails: ["a@example.com", "b@example.com"], https: ["https://events.example.com/x"], slack },
    });
    expect(
      stack
        .all(SnsTopicSubscription)
        .map(({ protocol, endpoint, endpoint_auto_confirms, topic_arn }) => [
          protocol,
          endpoint,
          endpoint_auto_confirms,
          withoutHash(topic_arn),
        ]),
    ).toEqual([
      ["email", "a@example.com", undefined, MAIN_TOPIC],
      ["email", "b@example.com", undefined, MAIN_TOPIC],
      ["https", "https://events.example.com/x", true, MAIN_TOPIC],
    ]);
    const channel = stack.one(ChatbotSlackChannelConfiguration);
    expect(channel).toMatchObject({
      configuration_name: "shop-test-alerts",
      slack_team_id: "T012AB3C4",
      slack_channel_id: "C012AB3C4",
      guardrail_policy_arns: ["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"],
      logging_level: "NONE",
      user_authorization_required: false,
    });
    expect((channel["sns_topic_arns"] as string[]).map(withoutHash)).toEqual([MAIN_TOPIC]);
  });

  test("one more address leaves the others at their places", () => {
    const addresses = (emails: string[]): string[] =>
      built({ alerts: { emails, https: [] } })
        .addresses()
        .filter((address) => address.startsWith("aws_sns_topic_subscription"));
    const one = addresses(["b@example.com"]);
    expect(one).toHaveLength(1);
    expect(addresses(["a@example.com", "b@example.com"])).toEqual(expect.arrayContaining(one));
  });

  test("Slack reads alarms and metrics of this account and nothing else", () => {
    const stack = built({ alerts: { emails: ["a@example.com"], https: [], slack } });
    const role = stack.one(IamRole);
    expect(role).toMatchObject({ name: "shop-test-alerts-slack", path: "/shop/test/" });
    expect(statementsOf(role["assume_role_policy"])).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "chatbot.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      },
    ]);
    const { Read } = permissionsOf(stack, "Monitoring_Slack_Role");
    expect(Read!.map(({ Action, Resource }) => [Action, Resource] as unknown[])).toEqual([
      [
        ["cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"],
        ["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:*", "arn:aws:cloudwatch:us-east-1:123456789012:alarm:*"],
      ],
      [
        [
          "cloudwatch:GetMetricData",
          "cloudwatch:GetMetricStatistics",
          "cloudwatch:GetMetricWidgetImage",
          "cloudwatch:ListMetrics",
        ],
        "*",
      ],
    ]);
  });
});

describe("the budget", () => {
  test("e-mails at half, 80 % and all of it, and when the forecast is above it, without what credits pay", () => {
    const budget = built({ alerts: { emails: ["a@example.com", "b@example.com"], https: [] } }).one(BudgetsBudget);
    expect(budget).toMatchObject({
      name: "shop-test",
      budget_type: "COST",
      time_unit: "MONTHLY",
      limit_amount: "60",
      limit_unit: "USD",
      cost_types: { include_credit: false, include_refund: false },
    });
    const notifications = budget["notification"] as Json[];
    expect(notifications.map((one) => [one["notification_type"], one["threshold"], one["threshold_type"]])).toEqual([
      ["ACTUAL", 50, "PERCENTAGE"],
      ["ACTUAL", 80, "PERCENTAGE"],
      ["ACTUAL", 100, "PERCENTAGE"],
      ["FORECASTED", 100, "PERCENTAGE"],
    ]);
    for (const one of notifications) {
      expect(one["comparison_operator"]).toBe("GREATER_THAN");
      expect(one["subscriber_email_addresses"]).toEqual(["a@example.com", "b@example.com"]);
    }
  });

  test("counts the whole account, or what carries the environment's tag", () => {
    expect(built().one(BudgetsBudget)["cost_filter"]).toBeUndefined();
    const shared = built({ budget: { monthlyUsd: 60, wholeAccount: false } }).one(BudgetsBudget);
    expect(shared["cost_filter"]).toEqual([{ name: "TagKeyValue", values: ["user:environment$test"] }]);
  });
});

describe("an alarm", () => {
  test("tells when it starts and when it ends, and says what it means and where to read on", () => {
    const alarm = alarmOf({});
    expect(alarm).toMatchObject({
      alarm_name: "shop-test-api-no-healthy-host",
      alarm_description: "Nobody answers requests of api. What to do: docs/alarms.md#no-healthy-host",
      comparison_operator: "LessThanThreshold",
      threshold: 1,
      evaluation_periods: 3,
      datapoints_to_alarm: 2,
      treat_missing_data: "breaching",
      namespace: "AWS/ApplicationELB",
      metric_name: "HealthyHostCount",
      dimensions: { LoadBalancer: "app/api/1" },
      statistic: "Minimum",
      period: 60,
    });
    expect(withoutHash(alarm["alarm_actions"])).toBe(MAIN_TOPIC);
    expect(withoutHash(alarm["ok_actions"])).toBe(MAIN_TOPIC);
    for (const field of ["insufficient_data_actions", "actions_enabled", "lifecycle", "metric_query"]) {
      expect([field, alarm[field]]).toEqual([field, undefined]);
    }
  });

  test.each([
    [">", "GreaterThanThreshold"],
    [">=", "GreaterThanOrEqualToThreshold"],
    ["<", "LessThanThreshold"],
    ["<=", "LessThanOrEqualToThreshold"],
  ] as const)("compares by %s", (comparison, operator) => {
    expect(alarmOf({ comparison })["comparison_operator"]).toBe(operator);
  });

  test("looks at a percentile, also when there are few samples", () => {
    const alarm = alarmOf({ metrics: { time: metric({ name: "TargetResponseTime", statistic: "p95" }) } });
    expect(alarm).toMatchObject({ extended_statistic: "p95", evaluate_low_sample_count_percentiles: "evaluate" });
    expect(alarm["statistic"]).toBeUndefined();
  });

  test("calculates with several metrics", () => {
    const alarm = alarmOf({
      metrics: {
        time: metric({ name: "TargetResponseTime", statistic: "p95" }),
        requests: metric({ name: "RequestCount", statistic: "Sum" }),
      },
      expression: "IF(requests > 20, time, 0)",
    });
    const of = (metric_name: string, stat: string): Json => ({
      namespace: "AWS/ApplicationELB",
      metric_name,
      dimensions: { LoadBalancer: "app/api/1" },
      period: 60,
      stat,
    });
    expect(alarm["metric_query"]).toEqual([
      { id: "result", expression: "IF(requests > 20, time, 0)", label: "api-no-healthy-host", return_data: true },
      { id: "time", metric: of("TargetResponseTime", "p95") },
      { id: "requests", metric: of("RequestCount", "Sum") },
    ]);
    expect([alarm["period"], alarm["statistic"], alarm["metric_name"]]).toEqual([undefined, undefined, undefined]);
  });

  test("of liveness is silent until a release turns its actions on, which Terraform leaves alone", () => {
    const alarm = alarmOf({ role: "liveness" });
    expect(alarm["actions_enabled"]).toBe(false);
    expect(alarm["lifecycle"]).toEqual({ ignore_changes: ["actions_enabled"] });
    expect(alarmOf({ role: "rollback" })["actions_enabled"]).toBeUndefined();
  });

  test("takes its words as they stand", () => {
    expect(alarmOf({ meaning: "The rate of ${x} is 100%{" })["alarm_description"]).toContain("$${x} is 100%%{");
  });

  test("comes back with its name, for the release contract and the dashboard", () => {
    built({}, (monitoring, owner) => {
      const watched = monitoring.watch(owner, "Alarm", spec());
      expect(watched).toMatchObject({ ...spec(), alarmName: "shop-test-api-no-healthy-host" });
      expect(watched.alarmArn).toMatch(/^\$\{TfToken\[/);
      expect(monitoring.watched.map(({ name }) => name)).toEqual(["alerts-not-delivered", "api-no-healthy-host"]);
    });
  });
});

describe("a global alarm", () => {
  const global = (monitoring: Monitoring, owner: Construct): void => {
    monitoring.watch(owner, "Alarm", spec({ global: true }));
    monitoring.watch(owner, "Other", spec({ global: true, name: "other" }));
  };

  test("is in us-east-1 and tells a topic there, which is made once, with a key and the same addresses", () => {
    const stack = built({ alerts: { emails: ["a@example.com"], https: ["https://x.example.com"], slack } }, global);
    const provider = "aws.us_east_1";
    const alarm = stack.named(CloudwatchMetricAlarm, "Owner_Alarm");
    const topic = "${aws_sns_topic_policy.Monitoring_Global_Topic_Policy.arn}";
    expect(alarm["provider"]).toBe(provider);
    expect(withoutHash(alarm["alarm_actions"])).toBe(topic);
    for (const [type, id] of [
      [KmsKey, "Monitoring_Global_Topic_Key"],
      [KmsAlias, "Monitoring_Global_Topic_Alias"],
      [SnsTopic, "Monitoring_Global_Topic"],
      [SnsTopicPolicy, "Monitoring_Global_Topic_Policy"],
    ] as const) {
      expect([id, stack.named(type, id)["provider"]]).toEqual([id, provider]);
    }
    const statements = statementsOf(stack.named(SnsTopicPolicy, "Monitoring_Global_Topic_Policy")["policy"]);
    expect(statements.map(({ Sid }) => Sid as string)).toEqual(["Alarms", "TlsOnly"]);
    expect(statements[0]!["Condition"].ArnLike["aws:SourceArn"]).toBe(
      "arn:aws:cloudwatch:us-east-1:123456789012:alarm:shop-test-*",
    );
    expect(
      statementsOf(stack.named(KmsKey, "Monitoring_Global_Topic_Key")["policy"]).map(({ Sid }) => Sid as string),
    ).toEqual(["Account", "Alarms"]);
    const there = stack.all(SnsTopicSubscription).filter((one) => one["provider"] === provider);
    expect(there.map(({ endpoint, topic_arn }) => [endpoint, withoutHash(topic_arn)])).toEqual([
      ["a@example.com", topic],
      ["https://x.example.com", topic],
    ]);
    const [channel] = stack.all(ChatbotSlackChannelConfiguration);
    expect((channel!["sns_topic_arns"] as string[]).map(withoutHash)).toEqual([MAIN_TOPIC, topic]);
  });

  test("tells the environment's topic where that is in us-east-1", () => {
    const stack = built({}, global, { region: "us-east-1" });
    expect(stack.all(SnsTopic)).toHaveLength(1);
    expect(stack.named(CloudwatchMetricAlarm, "Owner_Alarm")["provider"]).toBeUndefined();
  });

  test("costs nothing where there is none", () => {
    expect(built().all(KmsKey)).toHaveLength(1);
    expect(built().json["provider"]["aws"]).toHaveLength(1);
  });
});

describe("an alert that is not delivered", () => {
  const alarm = built().named(CloudwatchMetricAlarm, "Monitoring_NotDelivered");

  test("is an alarm over the topic and both rules", () => {
    expect(
      (alarm["metric_query"] as Json[]).slice(1).map(({ id, metric }) => [id, metric.metric_name, metric.stat]),
    ).toEqual([
      ["topic", "NumberOfNotificationsFailed", "Sum"],
      ["rule1", "FailedInvocations", "Sum"],
      ["rule2", "FailedInvocations", "Sum"],
    ]);
    expect((alarm["metric_query"] as Json[])[0]!["expression"]).toBe(
      "FILL(topic, 0) + FILL(rule1, 0) + FILL(rule2, 0)",
    );
  });

  test("does not tell when it ends: that could fail too, and so on for ever", () => {
    expect(alarm["ok_actions"]).toEqual([]);
    expect(withoutHash(alarm["alarm_actions"])).toBe(MAIN_TOPIC);
  });
});

describe("problems", () => {
  const told = (rest: Partial<AlarmSpec>): (() => unknown) => {
    return () => alarmOf(rest);
  };

  test.each<[Partial<AlarmSpec>, string]>([
    [{ name: "API 5xx" }, 'name must be lower-case words joined by hyphens, got "API 5xx": rename it'],
    [{ runbook: "No host" }, 'runbook must be lower-case words joined by hyphens, got "No host": rename it'],
    [{ meaning: " " }, "meaning must say what the alarm means, got nothing: write a sentence"],
    [
      { meaning: "x".repeat(1000) },
      "meaning must leave a description of at most 1024 characters, got 1044: shorten it",
    ],
    [{ metrics: {} }, "metrics must name a metric, got none: an alarm needs something to watch"],
    [
      { metrics: { a: metric(), b: metric() } },
      "metrics must be one without an expression, got a, b: add an expression over them",
    ],
    [
      { metrics: { Hosts: metric() } },
      'metrics.Hosts must have an id that starts with a lower-case letter and is not "result", got "Hosts": rename it',
    ],
    [
      { metrics: { result: metric() } },
      'metrics.result must have an id that starts with a lower-case letter and is not "result", got "result": rename it',
    ],
    [
      { metrics: { a: metric({ statistic: "Median" }) } },
      'metrics.a.statistic must be Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p95, got "Median"',
    ],
    [
      { metrics: { a: metric(), b: metric() }, expression: "a * 100" },
      'metrics.b must be used by the expression, got "a * 100": use it or remove it',
    ],
    [
      { metrics: { a: metric() }, expression: "IF(a > b, a, 0)" },
      'expression must use ids of metrics (a), got "b": add that metric',
    ],
    [{ threshold: Number.NaN }, "threshold must be a number, got NaN"],
    [{ of: 0, datapoints: 1 }, "of must be a whole number of 1 or more, got 0"],
    [{ of: 3, datapoints: 4 }, "datapoints must be a whole number from 1 to of (3), got 4: raise of, or lower it"],
    [{ periodSec: 90 }, "periodSec must be a multiple of 60, got 90: AWS's own metrics are no finer"],
    [
      { periodSec: 1800, of: 50 },
      "periodSec times of must be at most 86400, got 90000: CloudWatch looks back a day, or a week by the hour",
    ],
    [
      { role: "liveness", global: true },
      'role must not be set on a global alarm, got "liveness": a release reads alarms of its own region',
    ],
  ])("of %j", (rest, sentence) => {
    expect(told(rest)).toThrow(`test/Owner/Alarm:`);
    expect(told(rest)).toThrow(`  - ${sentence}`);
  });

  test("are told all at once", () => {
    expect(told({ name: "A", datapoints: 9, metrics: {} })).toThrow(
      [
        "test/Owner/Alarm:",
        '  - name must be lower-case words joined by hyphens, got "A": rename it',
        "  - metrics must name a metric, got none: an alarm needs something to watch",
        "  - datapoints must be a whole number from 1 to of (3), got 9: raise of, or lower it",
      ].join("\n"),
    );
  });

  test("a name is that of one alarm", () => {
    expect(() =>
      built({}, (monitoring, owner) => {
        monitoring.watch(owner, "One", spec());
        monitoring.watch(owner, "Two", spec());
      }),
    ).toThrow('test/Owner/Two:\n  - name must be that of one alarm, got "api-no-healthy-host" twice: rename one');
  });

  test("a week by the hour is fine, and so is a text in an expression", () => {
    expect(alarmOf({ periodSec: 3600, of: 168, datapoints: 1 })["evaluation_periods"]).toBe(168);
    expect(
      alarmOf({ metrics: { a: metric() }, expression: "FILL(a, REPEAT) + SUM(METRICS('other'))" })["metric_query"],
    ).toHaveLength(2);
  });
});
