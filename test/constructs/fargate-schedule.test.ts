import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { SchedulerSchedule } from "@cdktf/provider-aws/lib/scheduler-schedule";
import { SchedulerScheduleGroup } from "@cdktf/provider-aws/lib/scheduler-schedule-group";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { FargateSchedule, type FargateScheduleProps } from "../../constructs/fargate-schedule";
import { synth, type Json, type Synthesized } from "../support/synth";
import { existingNetwork, permissionsOf, taskProps, withoutHash } from "../support/tasks";

function built(
  settings: Partial<FargateScheduleProps["settings"]> = {},
  use: (schedule: FargateSchedule) => void = () => undefined,
): { readonly stack: Synthesized; readonly schedule: FargateSchedule } {
  let schedule: FargateSchedule | undefined;
  const stack = synth((scope, context) => {
    schedule = new FargateSchedule(scope, "Reports", {
      ...taskProps(scope, context),
      serviceName: "reports",
      settings: { kind: "schedule", schedule: "rate(1 hour)", ...settings },
    });
    use(schedule);
  });
  return { stack, schedule: schedule! };
}

describe("by default", () => {
  const { stack, schedule } = built();
  const created = stack.one(SchedulerSchedule);

  test("it is off until something was released, and its revision is the release's", () => {
    expect(String(created["state"]).replace(/_[0-9A-F]{8}/, "")).toBe(
      '${(aws_ssm_parameter.Reports_ReleaseMark_Parameter.insecure_value == "no") ? "DISABLED" : "ENABLED"}',
    );
    expect(created["lifecycle"].ignore_changes).toEqual(["target[0].ecs_parameters[0].task_definition_arn"]);
  });

  test("it runs one task on demand, in the private subnets, in the environment's group", () => {
    expect(created).toMatchObject({
      name: "shop-test-reports",
      schedule_expression: "rate(1 hour)",
      schedule_expression_timezone: "UTC",
      flexible_time_window: { mode: "OFF" },
    });
    expect(withoutHash(created["group_name"])).toBe("${aws_scheduler_schedule_group.Cluster_ScheduleGroup.name}");
    expect(stack.one(SchedulerScheduleGroup)["name"]).toBe("shop-test");
    expect(created["target"].ecs_parameters).toMatchObject({
      task_count: 1,
      capacity_provider_strategy: [{ capacity_provider: "FARGATE", weight: 1 }],
      network_configuration: { subnets: existingNetwork.taskSubnetIds, assign_public_ip: false },
    });
  });

  test("a start that fails is tried again, and kept in an encrypted queue when it fails for good", () => {
    expect(created["target"].retry_policy).toEqual({ maximum_event_age_in_seconds: 3600, maximum_retry_attempts: 2 });
    expect(withoutHash(created["target"].dead_letter_config.arn)).toBe("${aws_sqs_queue.Reports_FailedStarts.arn}");
    expect(stack.one(SqsQueue)).toMatchObject({
      name: "shop-test-reports-failed-starts",
      sqs_managed_sse_enabled: true,
      message_retention_seconds: 1_209_600,
    });
  });

  test("its role starts tasks of this family in this cluster, and is for this group's schedules alone", () => {
    const role = stack.named(IamRole, "Reports_Role");
    expect(role["name"]).toBe("shop-test-reports-schedule");
    const [trust] = (JSON.parse(role["assume_role_policy"] as string) as Json)["Statement"] as Json[];
    expect(trust!["Principal"]).toEqual({ Service: "scheduler.amazonaws.com" });
    expect(trust!["Condition"].StringEquals["aws:SourceAccount"]).toBe("123456789012");
    expect(withoutHash(trust!["Condition"].StringEquals["aws:SourceArn"])).toBe(
      "${aws_scheduler_schedule_group.Cluster_ScheduleGroup.arn}",
    );
    const { Start: statements } = permissionsOf(stack, "Reports_Role");
    const readable = statements!.map(
      ({ Sid, Action, Resource }) => [Sid, Action, (Resource as string[]).map(withoutHash)] as unknown[],
    );
    expect(readable).toEqual([
      ["RunTask", ["ecs:RunTask"], ["arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-test-reports:*"]],
      ["TagTask", ["ecs:TagResource"], ["arn:aws:ecs:eu-west-1:123456789012:task/shop-test/*"]],
      [
        "PassRoles",
        ["iam:PassRole"],
        ["${aws_iam_role.Reports_Template_TaskRole.arn}", "${aws_iam_role.Reports_Template_ExecutionRole.arn}"],
      ],
      ["KeepFailedStarts", ["sqs:SendMessage"], ["${aws_sqs_queue.Reports_FailedStarts.arn}"]],
    ]);
    expect(statements!.map(({ Condition }) => Object.keys((Condition ?? {}) as Json))).toEqual([
      ["ArnEquals"],
      ["StringEquals"],
      ["StringEquals"],
      [],
    ]);
  });

  test("nothing reaches it", () => {
    expect(stack.has(VpcSecurityGroupIngressRule)).toBe(false);
  });

  test("it tells a release all it needs", () => {
    expect(schedule.contract).toMatchObject({
      version: 1,
      kind: "schedule",
      container: "app",
      releasedParameter: "/shop/test/released/reports",
      subnets: existingNetwork.taskSubnetIds,
    });
  });
});

test("everything that is a field can be set", () => {
  const { stack } = built({
    schedule: "cron(0 3 * * ? *)",
    timezone: "Europe/Berlin",
    spot: true,
    retries: 0,
    cpu: 512,
    memoryMiB: 1024,
  });
  const created = stack.one(SchedulerSchedule);
  expect(created).toMatchObject({
    schedule_expression: "cron(0 3 * * ? *)",
    schedule_expression_timezone: "Europe/Berlin",
  });
  expect(created["target"].ecs_parameters.capacity_provider_strategy).toEqual([
    { capacity_provider: "FARGATE_SPOT", weight: 1 },
  ]);
  expect(created["target"].retry_policy.maximum_retry_attempts).toBe(0);
  expect(stack.one(EcsTaskDefinition)["cpu"]).toBe("512");
});

test("what the container is allowed goes to the task role", () => {
  const { stack } = built({}, (schedule) => {
    schedule.allow("ReadOrders", ["s3:GetObject"], ["arn:aws:s3:::orders/*"]);
  });
  expect(Object.keys(permissionsOf(stack, "Reports_Template_TaskRole"))).toEqual(["ReadOrders"]);
});

test("all problems of the settings are told at once", () => {
  expect(() => built({ schedule: "at noon", retries: 186 })).toThrow(
    [
      "test/Reports:",
      '  - schedule must be a cron(...) or rate(...) expression, got "at noon"',
      "  - retries must be a whole number from 0 to 185, got 186",
    ].join("\n"),
  );
});
