import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from "@aws-sdk/client-ecs";
import type {
  EnvironmentContract,
  ScheduleContract,
  ServiceContract,
  TemplateContract,
} from "../../../constructs/shared/release-contract-v1";
import {
  account,
  cluster,
  ecsArn,
  environmentName,
  family,
  region,
  repositoryUrl,
  secretArn,
  serviceArn,
} from "./names";

/** What Terraform has made: a web service that scales, a worker of fixed size, a schedule, and the migration of them all. */

const revision = (name: string, number: number): string => ecsArn("task-definition", `${family(name)}:${number}`);
const role = (name: string): string => `arn:aws:iam::${account}:role/shop/${environmentName}-${name}`;

function templateContract(name: string, repository: string): TemplateContract {
  return {
    templateTaskDefinitionArn: revision(name, 1),
    subnets: ["subnet-a", "subnet-b"],
    securityGroups: [`sg-${name}`],
    assignPublicIp: false,
    logGroup: `/shop/dev/tasks/${name}`,
    streamPrefix: "ecs",
    roles: { task: role(`${name}-task`), execution: role(`${name}-execution`) },
    repository: repositoryUrl(repository),
  };
}

const always = (name: string, repository: string) => ({
  ...templateContract(name, repository),
  version: 1 as const,
  serviceArn: serviceArn(name),
  container: "app",
  releasedParameter: `/shop/dev/released/${name}`,
});

export interface Contracts {
  readonly environment: EnvironmentContract;
  readonly services: Readonly<Record<string, ServiceContract | ScheduleContract>>;
}

/** @param jobsRepository where the worker's image is; that of all others is `app` */
export function contracts(jobsRepository = "app"): Contracts {
  return {
    environment: {
      version: 1,
      cluster,
      migration: {
        ...templateContract("migration", "app"),
        family: family("migration"),
        containers: ["migrate"],
        required: ["logins", "migrate"],
        capacityProvider: "FARGATE",
        timeoutSec: 75,
      },
      smokeUrl: "https://shop.example.com/healthz",
      repository: repositoryUrl("app"),
    },
    services: {
      web: {
        ...always("web", "app"),
        kind: "web",
        minTasks: 2,
        maxTasks: 6,
        scalableTarget: `service/${environmentName}/${environmentName}-web`,
        rollbackAlarms: ["shop-dev-web-5xx"],
        livenessAlarms: ["shop-dev-web-tasks"],
      },
      jobs: {
        ...always("jobs", jobsRepository),
        kind: "worker",
        minTasks: 1,
        maxTasks: 1,
        scalableTarget: null,
        rollbackAlarms: [],
        livenessAlarms: ["shop-dev-jobs-tasks"],
      },
      nightly: {
        ...templateContract("nightly", "app"),
        version: 1,
        kind: "schedule",
        scheduleName: "shop-dev-nightly",
        scheduleGroup: environmentName,
        container: "app",
        releasedParameter: "/shop/dev/released/nightly",
      },
    },
  };
}

/** Values of the secrets that the templates name, by ARN. */
export const secretValues: Readonly<Record<string, string>> = {
  [secretArn("secrets/STRIPE_KEY")]: "sk_live_never_shown",
  [secretArn("database/app-1-1")]: JSON.stringify({ username: "app_1", password: "never-shown" }),
};

/** What Terraform has registered as the first revision of a family. */
export function template(name: string, { repository, roles }: TemplateContract): RegisterTaskDefinitionCommandInput {
  const image = `${repository}:template`;
  const app: ContainerDefinition = {
    name: "app",
    image,
    essential: true,
    environment: [{ name: "NODE_ENV", value: "production" }],
    secrets: [
      { name: "STRIPE_KEY", valueFrom: secretArn("secrets/STRIPE_KEY") },
      { name: "DATABASE_PASSWORD", valueFrom: `${secretArn("database/app-1-1")}:password::` },
    ],
    logConfiguration: {
      logDriver: "awslogs",
      options: { "awslogs-group": `/shop/dev/tasks/${name}`, "awslogs-region": region, "awslogs-stream-prefix": "ecs" },
    },
  };
  const migration: ContainerDefinition[] = [
    { name: "logins", image: "public.ecr.aws/docker/library/postgres:17-alpine", essential: false },
    { ...app, name: "migrate", dependsOn: [{ containerName: "logins", condition: "SUCCESS" }] },
    { name: "agent", image: "public.ecr.aws/x/agent:1", essential: false },
  ];
  return {
    family: family(name),
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: "256",
    memory: "512",
    runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
    executionRoleArn: roles.execution,
    taskRoleArn: roles.task,
    containerDefinitions: name === "migration" ? migration : [app],
    tags: [{ key: "environment", value: "dev" }],
  };
}

/** The schedule as Terraform has made it, with everything that a release must not lose. */
export const schedule = {
  ScheduleExpression: "cron(0 3 * * ? *)",
  ScheduleExpressionTimezone: "Europe/Berlin",
  FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 15 },
  Description: "every night",
  State: "DISABLED",
  Target: {
    Arn: cluster,
    RoleArn: role("nightly-schedule"),
    EcsParameters: {
      TaskDefinitionArn: revision("nightly", 1),
      CapacityProviderStrategy: [{ capacityProvider: "FARGATE_SPOT", weight: 1 }],
      NetworkConfiguration: { awsvpcConfiguration: { Subnets: ["subnet-a", "subnet-b"] } },
      PropagateTags: "TASK_DEFINITION",
    },
    RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 900 },
    DeadLetterConfig: { Arn: `arn:aws:sqs:${region}:${account}:${environmentName}-nightly` },
  },
} as const;
