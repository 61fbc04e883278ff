import { AppautoscalingPolicy } from "@cdktf/provider-aws/lib/appautoscaling-policy";
import { AppautoscalingScheduledAction } from "@cdktf/provider-aws/lib/appautoscaling-scheduled-action";
import { AppautoscalingTarget } from "@cdktf/provider-aws/lib/appautoscaling-target";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { LbListenerRule } from "@cdktf/provider-aws/lib/lb-listener-rule";
import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { FargateCluster } from "../../constructs/fargate-cluster";
import { FargateService, type FargateServiceProps } from "../../constructs/fargate-service";
import { LoadBalancer } from "../../constructs/load-balancer";
import { monitoringIn } from "../support/spec-alarm";
import { synth, type Json, type Synthesized } from "../support/synth";
import { existingNetwork, permissionsOf, taskProps, withoutHash } from "../support/tasks";

type Settings = FargateServiceProps["settings"];

const web = { kind: "web", healthCheckPath: "/healthz" } as const;
const worker = { kind: "worker" } as const;

function built(
  settings: Settings,
  props: Partial<FargateServiceProps> = {},
  use: (service: FargateService) => void = () => undefined,
  watched = false,
): { readonly stack: Synthesized; readonly service: FargateService } {
  let service: FargateService | undefined;
  const stack = synth((scope, context) => {
    const loadBalancer = new LoadBalancer(scope, "LoadBalancer", {
      context,
      network: existingNetwork,
      domain: { name: "shop.example.com", zoneId: "Z1" },
      hosts: ["api.shop.example.com"],
    });
    service = new FargateService(scope, "Api", {
      ...taskProps(scope, context),
      serviceName: "api",
      settings,
      loadBalancer,
      monitoring: watched ? monitoringIn(scope, context) : undefined,
      ...props,
    });
    use(service);
  });
  return { stack, service: service! };
}

const container = (stack: Synthesized): Json =>
  (JSON.parse(stack.one(EcsTaskDefinition)["container_definitions"] as string) as Json[])[0]!;
const unreleased = '(aws_ssm_parameter.Api_ReleaseMark_Parameter.insecure_value == "no")';
const readable = (expression: unknown): string =>
  String(expression).replace(/_[0-9A-F]{8}\.insecure_value/g, ".insecure_value");

describe("a web service by default", () => {
  const { stack, service } = built(web);
  const ecs = stack.one(EcsService);

  test("runs in the private subnets, on capacity providers, and can be rolled back", () => {
    expect(ecs).toMatchObject({
      name: "shop-test-api",
      capacity_provider_strategy: [{ capacity_provider: "FARGATE", base: 1, weight: 100 }],
      force_new_deployment: true,
      deployment_circuit_breaker: { enable: true, rollback: true },
      deployment_minimum_healthy_percent: 100,
      deployment_maximum_percent: 200,
      availability_zone_rebalancing: "ENABLED",
      enable_execute_command: false,
      enable_ecs_managed_tags: true,
      propagate_tags: "SERVICE",
      wait_for_steady_state: false,
      health_check_grace_period_seconds: 60,
      network_configuration: { subnets: existingNetwork.taskSubnetIds, assign_public_ip: false },
    });
    expect(ecs["launch_type"]).toBeUndefined();
  });

  test("starts with no task, and leaves revision and number to releases and autoscaling", () => {
    expect(ecs["desired_count"]).toBe(0);
    expect(ecs["lifecycle"].ignore_changes).toEqual(["task_definition", "desired_count"]);
    const target = stack.one(AppautoscalingTarget);
    expect(readable(target["min_capacity"])).toBe(`\${${unreleased} ? 0 : 1}`);
    expect(target["max_capacity"]).toBe(4);
    for (const suspended of Object.values(target["suspended_state"] as Json)) {
      expect(readable(suspended)).toBe(`\${${unreleased}}`);
    }
    expect(target["lifecycle"]).toBeUndefined();
    expect(stack.named(SsmParameter, "Api_ReleaseMark_Parameter")).toMatchObject({
      name: "/shop/test/released/api",
      insecure_value: "no",
      lifecycle: { ignore_changes: ["insecure_value"] },
    });
  });

  test("scales by CPU and memory", () => {
    const policies = stack
      .all(AppautoscalingPolicy)
      .map((policy) => policy["target_tracking_scaling_policy_configuration"] as Json);
    expect(
      policies
        .map((policy) => [policy["predefined_metric_specification"].predefined_metric_type, policy["target_value"]])
        .sort(),
    ).toEqual([
      ["ECSServiceAverageCPUUtilization", 60],
      ["ECSServiceAverageMemoryUtilization", 75],
    ]);
    expect(stack.has(AppautoscalingScheduledAction)).toBe(false);
  });

  test("has a target group that another one can stand beside, and checks its health", () => {
    expect(stack.one(LbTargetGroup)).toMatchObject({
      name_prefix: "api-",
      lifecycle: { create_before_destroy: true },
      target_type: "ip",
      port: 8080,
      protocol: "HTTP",
      deregistration_delay: "30",
      health_check: {
        path: "/healthz",
        matcher: "200",
        interval: 15,
        timeout: 5,
        healthy_threshold: 2,
        unhealthy_threshold: 3,
      },
      stickiness: { type: "lb_cookie", enabled: false },
    });
    expect((ecs["depends_on"] as string[]).map(withoutHash)).toEqual([
      "aws_ecs_cluster_capacity_providers.Cluster_CapacityProviders",
      "aws_lb_listener_rule.Api_Web_Route",
    ]);
  });

  test("is reached by the load balancer alone, on its port, and reaches HTTPS alone", () => {
    const own = (rule: Json): boolean =>
      withoutHash(rule["security_group_id"]) === "${aws_security_group.Api_SecurityGroup.id}";
    const ingress = stack.all(VpcSecurityGroupIngressRule).filter(own);
    expect(
      ingress.map((rule) => [rule["from_port"], rule["to_port"], withoutHash(rule["referenced_security_group_id"])]),
    ).toEqual([[8080, 8080, "${aws_security_group.LoadBalancer_SecurityGroup.id}"]]);
    const egress = stack.all(VpcSecurityGroupEgressRule).filter(own);
    expect(egress.map((rule) => [rule["from_port"], rule["to_port"], rule["cidr_ipv4"]])).toEqual([
      [443, 443, "0.0.0.0/0"],
    ]);
  });

  test("gets its port, and no rights of its own", () => {
    expect(container(stack)["environment"]).toEqual([{ name: "PORT", value: "8080" }]);
    expect(permissionsOf(stack, "Api_Template_TaskRole")).toEqual({});
  });

  test("tells a release all it needs", () => {
    expect(service.contract).toMatchObject({
      version: 1,
      kind: "web",
      container: "app",
      minTasks: 1,
      maxTasks: 4,
      releasedParameter: "/shop/test/released/api",
      subnets: existingNetwork.taskSubnetIds,
      assignPublicIp: false,
      streamPrefix: "ecs",
      repository: "999999999999.dkr.ecr.eu-central-1.amazonaws.com/shop/app",
    });
    expect(service.contract.scalableTarget).not.toBeNull();
  });
});

describe("a web service with everything set", () => {
  const { stack } = built(
    {
      ...web,
      minTasks: 2,
      maxTasks: 8,
      port: 3000,
      healthCheckGraceSec: 120,
      deregistrationDelaySec: 5,
      stickySessionSec: 3600,
      route: { host: "api.shop.example.com", path: "/v1" },
      targetRequestsPerTask: 600,
      capacity: { onDemandBase: 2, spotPercent: 75 },
      outboundPorts: [587, 443],
      scheduledScaling: [
        {
          name: "early-morning",
          schedule: "cron(0 6 ? * MON-FRI *)",
          timezone: "Europe/Berlin",
          minTasks: 4,
          maxTasks: 8,
        },
      ],
    },
    { exec: true, network: { ...existingNetwork, taskSubnetIds: ["subnet-public-a"], assignPublicIp: true } },
  );
  const ecs = stack.one(EcsService);

  test("runs on its base and on Spot, with a public address where there is no NAT", () => {
    expect(ecs).toMatchObject({
      capacity_provider_strategy: [
        { capacity_provider: "FARGATE", base: 2, weight: 25 },
        { capacity_provider: "FARGATE_SPOT", base: 0, weight: 75 },
      ],
      network_configuration: { subnets: ["subnet-public-a"], assign_public_ip: true },
      load_balancer: [{ container_name: "app", container_port: 3000 }],
      health_check_grace_period_seconds: 120,
      enable_execute_command: true,
    });
  });

  test("is found by its host and path, with sticky sessions", () => {
    expect(stack.one(LbListenerRule)["condition"]).toEqual([
      { host_header: { values: ["api.shop.example.com"] } },
      { path_pattern: { values: ["/v1", "/v1/*"] } },
    ]);
    expect(stack.one(LbTargetGroup)).toMatchObject({
      port: 3000,
      deregistration_delay: "5",
      stickiness: { enabled: true, cookie_duration: 3600 },
    });
  });

  test("scales by requests too", () => {
    const policy = stack.named(AppautoscalingPolicy, "Api_Autoscaling_Requests");
    const specification = policy["target_tracking_scaling_policy_configuration"]
      .predefined_metric_specification as Json;
    expect(specification["predefined_metric_type"]).toBe("ALBRequestCountPerTarget");
    expect(withoutHash(specification["resource_label"])).toBe(
      "${aws_lb.LoadBalancer.arn_suffix}/${aws_lb_target_group.Api_Web_TargetGroup.arn_suffix}",
    );
    // AWS knows no requests of a target group that no listener leads to
    expect((policy["depends_on"] as string[]).map(withoutHash)).toEqual(["aws_lb_listener_rule.Api_Web_Route"]);
  });

  test("leaves its limits to the clock", () => {
    expect(stack.named(AppautoscalingScheduledAction, "Api_Autoscaling_Schedule_EarlyMorning")).toMatchObject({
      name: "early-morning",
      schedule: "cron(0 6 ? * MON-FRI *)",
      timezone: "Europe/Berlin",
      scalable_target_action: { min_capacity: "4", max_capacity: "8" },
    });
    expect(stack.one(AppautoscalingTarget)["lifecycle"].ignore_changes).toEqual(["min_capacity", "max_capacity"]);
  });

  test("may connect to the ports it asks for, each once", () => {
    const ports = stack
      .all(VpcSecurityGroupEgressRule)
      .filter((rule) => rule["cidr_ipv4"] === "0.0.0.0/0")
      .map((rule) => [rule["from_port"], rule["to_port"]]);
    expect(ports).toEqual([
      [443, 443],
      [587, 587],
    ]);
  });

  test("can be entered", () => {
    const [enter] = permissionsOf(stack, "Api_Template_TaskRole")["Baseline"]!;
    expect(enter!["Action"]).toEqual([
      "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ]);
  });
});

describe("a worker", () => {
  test("has neither route nor port nor grace", () => {
    const { stack } = built(worker);
    expect(stack.has(LbTargetGroup)).toBe(false);
    expect(stack.has(LbListenerRule)).toBe(false);
    const ecs = stack.one(EcsService);
    expect(ecs["load_balancer"]).toBeUndefined();
    expect(ecs["health_check_grace_period_seconds"]).toBeUndefined();
    expect(container(stack)["portMappings"]).toEqual([]);
    expect(container(stack)["environment"]).toEqual([]);
  });

  test("of fixed size has its number from here, once it is released", () => {
    const { stack, service } = built({ ...worker, minTasks: 3, maxTasks: 3 });
    const ecs = stack.one(EcsService);
    expect(readable(ecs["desired_count"])).toBe(`\${${unreleased} ? 0 : 3}`);
    expect(ecs["lifecycle"].ignore_changes).toEqual(["task_definition"]);
    expect(stack.has(AppautoscalingTarget)).toBe(false);
    expect(service.contract.scalableTarget).toBeNull();
  });

  test("can run on Spot alone", () => {
    const { stack } = built({ ...worker, capacity: { onDemandBase: 0, spotPercent: 100 } });
    expect(stack.one(EcsService)["capacity_provider_strategy"]).toEqual([
      { capacity_provider: "FARGATE_SPOT", base: 0, weight: 100 },
    ]);
  });

  test("can have an on-demand base under Spot alone", () => {
    const { stack } = built({ ...worker, capacity: { onDemandBase: 1, spotPercent: 100 } });
    expect(stack.one(EcsService)["capacity_provider_strategy"]).toEqual([
      { capacity_provider: "FARGATE", base: 1, weight: 0 },
      { capacity_provider: "FARGATE_SPOT", base: 0, weight: 100 },
    ]);
  });
});

describe("watched", () => {
  const watched = (settings: Settings, props: Partial<FargateServiceProps> = {}): ReturnType<typeof built> =>
    built(settings, props, undefined, true);
  const ownAlarms = (stack: Synthesized): string[] =>
    stack.addresses().flatMap((address) => {
      const [, id] = /^aws_cloudwatch_metric_alarm\.Api_(\w+)_[0-9A-F]{8}$/.exec(address) ?? [];
      return id === undefined ? [] : [id];
    });

  test("a web service has its own alarms and those of its target group", () => {
    const { stack, service } = watched({ ...web, minTasks: 2 });
    expect(ownAlarms(stack)).toEqual([
      "Alarms_AtMaximum",
      "Alarms_Cpu",
      "Alarms_Memory",
      "Web_Alarms_BelowMinimum",
      "Web_Alarms_Errors",
      "Web_Alarms_Latency",
      "Web_Alarms_NoHealthyHost",
      "Web_Alarms_RollbackErrors",
      "Web_Alarms_RollbackUnhealthyHosts",
      "Web_Alarms_UnhealthyHosts",
    ]);
    expect(service.contract).toMatchObject({
      rollbackAlarms: ["shop-test-api-errors-rollback", "shop-test-api-unhealthy-hosts-rollback"],
      livenessAlarms: ["shop-test-api-no-healthy-host", "shop-test-api-below-minimum"],
    });
  });

  test("its rollback alarms undo a deployment, and are there before the service", () => {
    const { stack } = watched(web);
    const ecs = stack.one(EcsService);
    expect(ecs["alarms"]).toEqual({
      alarm_names: ["shop-test-api-errors-rollback", "shop-test-api-unhealthy-hosts-rollback"],
      enable: true,
      rollback: true,
    });
    expect((ecs["depends_on"] as string[]).map(withoutHash)).toEqual(
      expect.arrayContaining([
        "aws_cloudwatch_metric_alarm.Api_Web_Alarms_RollbackErrors",
        "aws_cloudwatch_metric_alarm.Api_Web_Alarms_RollbackUnhealthyHosts",
      ]),
    );
    // so none of them may refer to the service
    for (const id of ["RollbackErrors", "RollbackUnhealthyHosts"]) {
      const alarm = JSON.stringify(stack.named(CloudwatchMetricAlarm, `Api_Web_Alarms_${id}`));
      expect(alarm).toContain("aws_lb_target_group.");
      expect(alarm).not.toContain("aws_ecs_service.");
    }
  });

  test("a worker has its own, and nothing that undoes a deployment", () => {
    const { stack, service } = watched(worker);
    expect(ownAlarms(stack)).toEqual(["Alarms_AtMaximum", "Alarms_Cpu", "Alarms_Memory", "Alarms_NoTask"]);
    expect(stack.one(EcsService)["alarms"]).toBeUndefined();
    expect(service.contract).toMatchObject({ rollbackAlarms: [], livenessAlarms: ["shop-test-api-no-task"] });
    expect(stack.named(CloudwatchMetricAlarm, "Api_Alarms_Cpu")["dimensions"]).toEqual({
      ClusterName: expect.stringMatching(/^\$\{aws_ecs_cluster\./) as string,
      ServiceName: expect.stringMatching(/^\$\{aws_ecs_service\./) as string,
    });
  });

  test("its tasks are counted where Container Insights does", () => {
    const stack = synth((scope, context) => {
      const cluster = new FargateCluster(scope, "Insights", { context, containerInsights: "enabled" });
      new FargateService(scope, "Api", {
        ...taskProps(scope, context),
        cluster,
        serviceName: "api",
        settings: { ...worker, minTasks: 2 },
        monitoring: monitoringIn(scope, context),
      });
    });
    expect(ownAlarms(stack)).toContain("Alarms_BelowMinimum");
  });

  test("by nobody it has no alarm, and none undoes a deployment", () => {
    const { stack, service } = built({ ...web, minTasks: 2 });
    expect(stack.has(CloudwatchMetricAlarm)).toBe(false);
    expect(stack.one(EcsService)["alarms"]).toBeUndefined();
    expect(service.contract).toMatchObject({ rollbackAlarms: [], livenessAlarms: [] });
  });
});

test("what the container is allowed goes to the task role, what starts it to the execution role", () => {
  const { stack } = built(worker, {}, (service) => {
    service.allow("UseQueue", ["sqs:SendMessage"], ["arn:aws:sqs:eu-west-1:123456789012:orders"]);
    service.executionRole.allow("ReadSecret", ["secretsmanager:GetSecretValue"], ["arn:secret"]);
  });
  expect(permissionsOf(stack, "Api_Template_TaskRole")).toEqual({
    UseQueue: [
      {
        Sid: "UseQueue",
        Effect: "Allow",
        Action: ["sqs:SendMessage"],
        Resource: ["arn:aws:sqs:eu-west-1:123456789012:orders"],
      },
    ],
  });
  expect(Object.keys(permissionsOf(stack, "Api_Template_ExecutionRole")).sort()).toEqual(["Baseline", "ReadSecret"]);
});

test("a web service needs a load balancer", () => {
  expect(() =>
    synth((scope, context) => {
      new FargateService(scope, "Api", { ...taskProps(scope, context), serviceName: "api", settings: web });
    }),
  ).toThrow('test/Api:\n  - loadBalancer is required by kind "web": pass it, or make it a worker');
});

test("all problems of the settings are told at once", () => {
  expect(() => built({ ...web, cpu: 256, memoryMiB: 4096, deregistrationDelaySec: 90 })).toThrow(
    [
      "test/Api:",
      "  - memoryMiB must be a size that Fargate offers with cpu 256, got 4096: use 512, 1024, 2048",
      "  - deregistrationDelaySec must be at most stopTimeoutSec (60), got 90: a task would be killed while it still answers",
    ].join("\n"),
  );
});
