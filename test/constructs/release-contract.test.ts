import { EcsCluster } from "@cdktf/provider-aws/lib/ecs-cluster";
import { EcsClusterCapacityProviders } from "@cdktf/provider-aws/lib/ecs-cluster-capacity-providers";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import type { TerraformStack } from "cdktf";
import { FargateCluster } from "../../constructs/fargate-cluster";
import { FargateSchedule } from "../../constructs/fargate-schedule";
import { FargateService } from "../../constructs/fargate-service";
import { MigrationTask } from "../../constructs/migration-task";
import { ReleaseContract } from "../../constructs/release-contract";
import { ServiceSecrets } from "../../constructs/service-secrets";
import type { Context } from "../../constructs/shared/context";
import type { NetworkLike } from "../../constructs/shared/network-like";
import { StubPeer } from "../support/stubs";
import { synth, type Json, type Synthesized } from "../support/synth";
import { existingLogins, existingNetwork, taskProps, withoutHash } from "../support/tasks";

const contractIn = (stack: Synthesized, id: string): Json =>
  JSON.parse(stack.named(SsmParameter, id)["value"] as string) as Json;

describe("the contract", () => {
  const define = (scope: TerraformStack, context: Context, network: NetworkLike): void => {
    const base = { ...taskProps(scope, context), network };
    const worker = new FargateService(scope, "Mailer", {
      ...base,
      serviceName: "mailer",
      settings: { kind: "worker" },
    });
    const schedule = new FargateSchedule(scope, "Reports", {
      ...base,
      serviceName: "reports",
      settings: { kind: "schedule", schedule: "rate(1 hour)" },
    });
    const migration = new MigrationTask(scope, "Migration", {
      ...base,
      settings: { command: ["npm", "run", "migrate"], spot: true, timeoutSec: 600 },
      logins: existingLogins,
    });
    new ReleaseContract(scope, "ReleaseContract", {
      context,
      cluster: base.cluster,
      services: [worker, schedule],
      migration,
      smokeUrl: "https://shop.example.com/healthz",
    });
  };
  const stack = synth((scope, context) => define(scope, context, existingNetwork));

  test("of the environment says where and how migrations run, and what must answer", () => {
    const contract = contractIn(stack, "ReleaseContract_Parameter");
    expect(contract).toMatchObject({
      version: 1,
      smokeUrl: "https://shop.example.com/healthz",
      repository: "999999999999.dkr.ecr.eu-central-1.amazonaws.com/shop/app",
    });
    expect(withoutHash(contract["cluster"])).toBe("${aws_ecs_cluster.Cluster.arn}");
    expect(contract["migration"]).toMatchObject({
      family: "shop-test-migration",
      containers: ["migrate"],
      required: ["logins", "migrate"],
      capacityProvider: "FARGATE_SPOT",
      timeoutSec: 600,
      subnets: existingNetwork.taskSubnetIds,
      assignPublicIp: false,
      streamPrefix: "ecs",
    });
    expect(contract["migration"].securityGroups).toHaveLength(1);
  });

  test("of a service stands in the scope of the service, under its name", () => {
    expect(stack.named(SsmParameter, "Mailer_ReleaseContract_Parameter")).toMatchObject({
      name: "/shop/test/release/services/mailer",
      type: "String",
      tier: "Standard",
    });
    const mailer = contractIn(stack, "Mailer_ReleaseContract_Parameter");
    expect(Object.keys(mailer).sort()).toEqual([
      "assignPublicIp",
      "container",
      "kind",
      "livenessAlarms",
      "logGroup",
      "maxTasks",
      "minTasks",
      "releasedParameter",
      "repository",
      "roles",
      "rollbackAlarms",
      "scalableTarget",
      "securityGroups",
      "serviceArn",
      "streamPrefix",
      "subnets",
      "templateTaskDefinitionArn",
      "version",
    ]);
    expect([mailer["rollbackAlarms"], mailer["livenessAlarms"]]).toEqual([[], []]);
    expect(withoutHash(mailer["serviceArn"])).toBe("${aws_ecs_service.Mailer_Service.id}");
    expect(withoutHash(mailer["templateTaskDefinitionArn"])).toBe(
      "${aws_ecs_task_definition.Mailer_Template_TaskDefinition.arn}",
    );
    expect(contractIn(stack, "Reports_ReleaseContract_Parameter")["kind"]).toBe("schedule");
  });

  test("is refused where it does not fit a free parameter", () => {
    const taskSubnetIds = Array.from({ length: 200 }, (_, i) => `subnet-${String(i).padStart(17, "0")}`);
    expect(() => synth((scope, context) => define(scope, context, { ...existingNetwork, taskSubnetIds }))).toThrow(
      /^test\/ReleaseContract:\n {2}- environment must be at most 4096 characters, got about \d{4}: shorten names, or use fewer subnets$/,
    );
  });

  test("of an environment without anything says so", () => {
    const empty = synth((scope, context) => {
      const { cluster } = taskProps(scope, context);
      new ReleaseContract(scope, "ReleaseContract", { context, cluster, services: [] });
    });
    expect(contractIn(empty, "ReleaseContract_Parameter")).toMatchObject({
      migration: null,
      smokeUrl: null,
      repository: null,
    });
  });
});

describe("the cluster", () => {
  test("has on-demand and Spot capacity, and measures what it is asked to", () => {
    const stack = synth((scope, context) => {
      new FargateCluster(scope, "Cluster", { context, containerInsights: "enhanced" });
    });
    expect(stack.one(EcsCluster)).toMatchObject({
      name: "shop-test",
      setting: [{ name: "containerInsights", value: "enhanced" }],
    });
    expect(stack.one(EcsClusterCapacityProviders)).toMatchObject({
      capacity_providers: ["FARGATE", "FARGATE_SPOT"],
      default_capacity_provider_strategy: [{ capacity_provider: "FARGATE", weight: 1 }],
    });
    const byDefault = synth((scope, context) => {
      new FargateCluster(scope, "Cluster", { context });
    });
    expect(byDefault.one(EcsCluster)["setting"]).toEqual([{ name: "containerInsights", value: "disabled" }]);
  });
});

describe("secrets of services", () => {
  const built = (
    use: (secrets: ServiceSecrets, peer: StubPeer) => void,
    overrides: Partial<Context> = {},
  ): Synthesized =>
    synth((scope, context) => {
      const names = ["STRIPE_KEY", "SMTP_PASSWORD", "STRIPE_KEY"];
      use(new ServiceSecrets(scope, "Secrets", { context, names }), new StubPeer(scope, "Api"));
    }, overrides);

  test("are empty, one per name, and recoverable where the environment is permanent", () => {
    const stack = built(() => undefined);
    expect(
      stack
        .all(SecretsmanagerSecret)
        .map((secret) => [secret["name"], secret["recovery_window_in_days"]])
        .sort(),
    ).toEqual([
      ["/shop/test/secrets/SMTP_PASSWORD", 0],
      ["/shop/test/secrets/STRIPE_KEY", 0],
    ]);
    expect(stack.json["resource"]["aws_secretsmanager_secret_version"]).toBeUndefined();
    const permanent = built(() => undefined, { lifetime: "permanent" });
    expect(permanent.all(SecretsmanagerSecret).map((secret) => secret["recovery_window_in_days"] as number)).toEqual([
      7, 7,
    ]);
  });

  test("are read by whom they are granted to, each one by name", () => {
    let peer: StubPeer | undefined;
    let variables: Record<string, string> = {};
    built((secrets, api) => {
      peer = api;
      secrets.grantRead(api, ["STRIPE_KEY"]);
      variables = secrets.variablesFor(["STRIPE_KEY"]);
    });
    expect(Object.keys(variables)).toEqual(["STRIPE_KEY"]);
    expect(peer!.allowed).toEqual({
      ReadServiceSecrets: { actions: ["secretsmanager:GetSecretValue"], resources: [variables["STRIPE_KEY"]] },
    });
  });

  test("need no permission where there are none", () => {
    let peer: StubPeer | undefined;
    built((secrets, api) => {
      peer = api;
      secrets.grantRead(api, []);
    });
    expect(peer!.allowed).toEqual({});
  });

  test("must have been asked for", () => {
    expect(() => built((secrets) => secrets.variablesFor(["OTHER"]))).toThrow(
      "test/Secrets has no secret OTHER: pass it in names",
    );
  });
});
