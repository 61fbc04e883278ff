import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { migrationSettings, type MigrationInput } from "../../constructs/settings/fargate-service";
import type { Context } from "../../constructs/shared/context";
import { repositoryArn } from "../../constructs/shared/repository-arn";
import { TaskTemplate, type TaskTemplateProps } from "../../constructs/task-template";
import { synth, type Json, type Synthesized } from "../support/synth";
import { permissionsOf, taskProps } from "../support/tasks";

function built(
  settings: Partial<MigrationInput> = {},
  props: Partial<TaskTemplateProps> = {},
  overrides: Partial<Context> = {},
): Synthesized {
  return synth((scope, context) => {
    new TaskTemplate(scope, "Template", {
      ...taskProps(scope, context),
      name: "api",
      container: "app",
      settings: migrationSettings.parse({ command: ["node", "main.js"], ...settings }),
      stopTimeoutSec: 60,
      ...props,
    });
  }, overrides);
}

const container = (stack: Synthesized): Json =>
  (JSON.parse(stack.one(EcsTaskDefinition)["container_definitions"] as string) as Json[])[0]!;

test("the task is of Fargate, small, on ARM, and its old revisions stay", () => {
  const definition = built().one(EcsTaskDefinition);
  expect(definition).toMatchObject({
    family: "shop-test-api",
    requires_compatibilities: ["FARGATE"],
    network_mode: "awsvpc",
    cpu: "256",
    memory: "512",
    runtime_platform: { cpu_architecture: "ARM64", operating_system_family: "LINUX" },
    skip_destroy: true,
  });
  expect(definition["ephemeral_storage"]).toBeUndefined();
  expect(definition["volume"]).toBeUndefined();
});

test("the container runs without rights on a filesystem that nobody writes to", () => {
  expect(container(built())).toMatchObject({
    name: "app",
    image: "999999999999.dkr.ecr.eu-central-1.amazonaws.com/shop/app:template",
    essential: true,
    command: ["node", "main.js"],
    user: "1000:1000",
    readonlyRootFilesystem: true,
    linuxParameters: {
      initProcessEnabled: true,
      capabilities: { drop: ["ALL"] },
      tmpfs: [{ containerPath: "/tmp", size: 64, mountOptions: ["rw", "nosuid", "nodev", "noexec"] }],
    },
    stopTimeout: 60,
    mountPoints: [],
  });
});

test("everything that is a field can be set", () => {
  const stack = built(
    { cpu: 1024, memoryMiB: 2048, architecture: "x86_64", ephemeralStorageGiB: 30, tmpMiB: 256, user: "1001:1002" },
    { port: 3000, stopTimeoutSec: 90 },
  );
  expect(stack.one(EcsTaskDefinition)).toMatchObject({
    cpu: "1024",
    memory: "2048",
    runtime_platform: { cpu_architecture: "X86_64" },
    ephemeral_storage: { size_in_gib: 30 },
  });
  expect(container(stack)).toMatchObject({
    user: "1001:1002",
    stopTimeout: 90,
    portMappings: [{ containerPort: 3000, hostPort: 3000, protocol: "tcp" }],
  });
  expect(container(stack)["linuxParameters"].tmpfs[0].size).toBe(256);
});

test("variables and secrets come in the order of their names", () => {
  const stack = built(
    { environment: { B: "2" } },
    { variables: { C: "3", A: "1" }, secretVariables: { Z: "arn:z", Y: "arn:y:key::" } },
  );
  expect(container(stack)["environment"]).toEqual([
    { name: "A", value: "1" },
    { name: "B", value: "2" },
    { name: "C", value: "3" },
  ]);
  expect(container(stack)["secrets"]).toEqual([
    { name: "Y", valueFrom: "arn:y:key::" },
    { name: "Z", valueFrom: "arn:z" },
  ]);
});

test("what a person writes is no expression of Terraform's", () => {
  const stack = built({ environment: { PATTERN: "${name} %{if} $$ 100%" }, command: ["sh", "-c", "echo ${HOME}"] });
  expect(container(stack)["environment"]).toEqual([{ name: "PATTERN", value: "$${name} %%{if} $$ 100%" }]);
  expect(container(stack)["command"]).toEqual(["sh", "-c", "echo $${HOME}"]);
});

test("logs go to a group of its own, without holding the application up", () => {
  const stack = built();
  expect(stack.one(CloudwatchLogGroup)).toMatchObject({ name: "/shop/test/tasks/api", retention_in_days: 30 });
  expect(container(stack)["logConfiguration"]).toMatchObject({
    logDriver: "awslogs",
    options: { "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "ecs", mode: "non-blocking" },
  });
  expect(built({ logRetentionDays: 3 }).one(CloudwatchLogGroup)["retention_in_days"]).toBe(3);
});

test("ECS may pull from its repository, write to its group, and nothing else", () => {
  const stack = built();
  const { Baseline: statements } = permissionsOf(stack, "Template_ExecutionRole");
  expect(statements!.map(({ Sid, Resource }) => [Sid as string, Resource as string[]])).toEqual([
    ["Pull", ["arn:aws:ecr:eu-central-1:999999999999:repository/shop/app"]],
    ["LogIn", ["*"]],
    ["WriteLogs", [expect.stringMatching(/^\$\{aws_cloudwatch_log_group\.Template_LogGroup_[0-9A-F]{8}\.arn\}:\*$/)]],
  ]);
  expect(statements![1]!["Action"]).toEqual(["ecr:GetAuthorizationToken"]);
  expect(permissionsOf(stack, "Template_TaskRole")).toEqual({});
});

test("its roles are for this account's tasks, under the environment's path and boundary", () => {
  const stack = built({}, {}, { permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/boundary" });
  expect(
    stack
      .all(IamRole)
      .map((role) => role["name"] as string)
      .sort(),
  ).toEqual(["shop-test-api-execution", "shop-test-api-task"]);
  for (const role of stack.all(IamRole)) {
    expect(role).toMatchObject({
      path: "/shop/test/",
      permissions_boundary: "arn:aws:iam::123456789012:policy/boundary",
    });
    expect((JSON.parse(role["assume_role_policy"] as string) as Json)["Statement"]).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "ecs-tasks.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: { "aws:SourceAccount": "123456789012" },
          ArnLike: { "aws:SourceArn": "arn:aws:ecs:eu-west-1:123456789012:*" },
        },
      },
    ]);
  }
});

test("a task that can be entered has places for the agent to write to", () => {
  const stack = built({}, { exec: true });
  expect(stack.one(EcsTaskDefinition)["volume"]).toEqual([
    { name: "exec-agent" },
    { name: "exec-state" },
    { name: "exec-log" },
  ]);
  const mounts = container(stack)["mountPoints"] as Json[];
  expect(mounts.map((mount) => [mount["sourceVolume"], mount["containerPath"], mount["readOnly"]])).toEqual([
    ["exec-agent", "/managed-agents", false],
    ["exec-state", "/var/lib/amazon/ssm", false],
    ["exec-log", "/var/log/amazon/ssm", false],
  ]);
  expect(container(stack)["readonlyRootFilesystem"]).toBe(true);
});

test("only a private repository without a tag has an ARN", () => {
  expect(() => repositoryArn("docker.io/library/node")).toThrow(
    "not the URL of a private ECR repository without a tag: docker.io/library/node",
  );
  expect(() => repositoryArn("123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:latest")).toThrow(/without a tag/);
});
