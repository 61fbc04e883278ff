import { AutoscalingGroup } from "@cdktf/provider-aws/lib/autoscaling-group";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { DbEventSubscription } from "@cdktf/provider-aws/lib/db-event-subscription";
import type { TerraformStack } from "cdktf";
import { FargateSchedule } from "../../../constructs/fargate-schedule";
import { LoadBalancer } from "../../../constructs/load-balancer";
import type { Monitoring } from "../../../constructs/monitoring";
import { Network } from "../../../constructs/network";
import { PostgresDatabase } from "../../../constructs/postgres-database";
import type { NetworkInput } from "../../../constructs/settings/network";
import type { PostgresDatabaseInput } from "../../../constructs/settings/postgres-database";
import type { Context } from "../../../constructs/shared/context";
import { monitoringIn } from "../../support/spec-alarm";
import { stubNetwork } from "../../support/stubs";
import { synth, type Synthesized } from "../../support/synth";
import { existingNetwork, taskProps, withoutHash } from "../../support/tasks";

type Define = (scope: TerraformStack, context: Context, monitoring: Monitoring | undefined) => void;

const watched = (define: Define): Synthesized =>
  synth((scope, context) => define(scope, context, monitoringIn(scope, context)));
const unwatched = (define: Define): Synthesized => synth((scope, context) => define(scope, context, undefined));

/** Ids of the alarms of what is under test, without its hash. */
const alarmsOf = (stack: Synthesized): string[] =>
  stack
    .addresses()
    .filter((address) => /^aws_cloudwatch_metric_alarm\.(?!Monitoring_)/.test(address))
    .map((address) => withoutHash(`${address}.`).replace(/^aws_cloudwatch_metric_alarm\.|\.$/g, ""));

describe("a network", () => {
  const define =
    (nat: NetworkInput["nat"]): Define =>
    (scope, context, monitoring) => {
      const flowLogs = { none: true, because: "not what is tested here" } as const;
      new Network(scope, "Network", { context, monitoring, cidr: "10.10.0.0/16", nat, flowLogs });
    };

  test.each([
    [{ kind: "none" }, []],
    [{ kind: "instance" }, ["NatInstance_Alarms_Down"]],
    [{ kind: "single" }, ["NatGateways_A_Alarms_Drops", "NatGateways_A_Alarms_Ports"]],
    [
      { kind: "per-az" },
      [
        "NatGateways_A_Alarms_Drops",
        "NatGateways_A_Alarms_Ports",
        "NatGateways_B_Alarms_Drops",
        "NatGateways_B_Alarms_Ports",
      ],
    ],
  ] as const)("with NAT %j has the alarms %j", (nat, expected) => {
    expect(alarmsOf(watched(define(nat)))).toEqual(expected.map((id) => `Network_Egress_${id}`));
    expect(alarmsOf(unwatched(define(nat)))).toEqual([]);
  });

  test("asks the group of its NAT instance for the metric that is watched", () => {
    const stack = watched(define({ kind: "instance" }));
    const alarm = stack.named(CloudwatchMetricAlarm, "Network_Egress_NatInstance_Alarms_Down");
    expect(stack.one(AutoscalingGroup)["enabled_metrics"]).toEqual([alarm["metric_name"]]);
  });
});

test("a load balancer has the alarms of its own", () => {
  const define: Define = (scope, context, monitoring) => {
    const domain = { none: true } as const;
    new LoadBalancer(scope, "LoadBalancer", { context, monitoring, network: existingNetwork, domain });
  };
  expect(alarmsOf(watched(define))).toEqual(["LoadBalancer_Alarms_Errors", "LoadBalancer_Alarms_RejectedConnections"]);
  expect(alarmsOf(unwatched(define))).toEqual([]);
});

test("each schedule has an alarm, and all of them one together", () => {
  const define: Define = (scope, context, monitoring) => {
    const props = taskProps(scope, context);
    for (const serviceName of ["reports", "cleanup"]) {
      const settings = { kind: "schedule", schedule: "rate(1 hour)" } as const;
      new FargateSchedule(scope, serviceName, { ...props, serviceName, settings, monitoring });
    }
  };
  expect(alarmsOf(watched(define))).toEqual([
    "Cluster_Alarms_LostStarts",
    "cleanup_Alarms_FailedStarts",
    "reports_Alarms_FailedStarts",
  ]);
  expect(alarmsOf(unwatched(define))).toEqual([]);
});

describe("a database", () => {
  const define =
    (input: PostgresDatabaseInput): Define =>
    (scope, context, monitoring) => {
      new PostgresDatabase(scope, "Database", { context, monitoring, network: stubNetwork, ...input });
    };
  const everything: PostgresDatabaseInput = {
    masterPassword: "write-only",
    readReplicas: ["reports"],
    otherGenerations: [2],
  };

  test("has alarms for every instance, which wait for it", () => {
    const stack = watched(define(everything));
    expect(alarmsOf(stack).filter((id) => /_(Cpu|Lag|TransactionIds)$/.test(id))).toEqual([
      "Database_Generation1ReplicaReports_Alarms_Cpu",
      "Database_Generation1ReplicaReports_Alarms_Lag",
      "Database_Generation1_Alarms_Cpu",
      "Database_Generation1_Alarms_TransactionIds",
      "Database_Generation2_Alarms_Cpu",
      "Database_Generation2_Alarms_TransactionIds",
    ]);
    const alarm = stack.named(CloudwatchMetricAlarm, "Database_Generation1ReplicaReports_Alarms_Cpu");
    expect(alarm["alarm_name"]).toBe("shop-test-db-1-reports-cpu");
    expect(withoutHash(alarm["dimensions"]["DBInstanceIdentifier"])).toBe(
      "${aws_db_instance.Database_Generation1ReplicaReports.identifier}",
    );
  });

  test("tells what RDS does with each of them", () => {
    const subscription = watched(define(everything)).one(DbEventSubscription);
    expect(subscription).toMatchObject({ name: "shop-test-db", source_type: "db-instance" });
    expect((subscription["source_ids"] as string[]).map(withoutHash)).toEqual([
      "${aws_db_instance.Database_Generation1.identifier}",
      "${aws_db_instance.Database_Generation2.identifier}",
      "${aws_db_instance.Database_Generation1ReplicaReports.identifier}",
    ]);
    expect(subscription["event_categories"]).toEqual(
      expect.arrayContaining(["failover", "failure", "low storage", "maintenance", "notification"]),
    );
    expect(String(subscription["sns_topic"])).toMatch(/^\$\{aws_sns_topic/);
  });

  test("that nobody watches has neither", () => {
    const stack = unwatched(define(everything));
    expect(alarmsOf(stack)).toEqual([]);
    expect(stack.has(DbEventSubscription)).toBe(false);
  });
});
