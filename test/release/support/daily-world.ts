import type { Service, ServiceDeployment, Task } from "@aws-sdk/client-ecs";
import { FakeAws } from "../../ci/support/fake-aws";
import { account } from "./configuration";
import type { FakeClock } from "./fake-clock";

type Body = Record<string, unknown>;
type WithTimes<T> = { [Key in keyof T]: T[Key] extends Date | undefined ? number | undefined : T[Key] };

const arnOf = (kind: string, name: string): string => `arn:aws:ecs:eu-west-1:${account}:${kind}/${name}`;
export const cluster = arnOf("cluster", "shop-dev");
export const revision = (name: string): string => arnOf("task-definition", name);
export const serviceArn = (name: string): string => arnOf("service", `shop-dev/shop-dev-${name}`);

const template = (name: string): Body => ({
  templateTaskDefinitionArn: revision(`shop-dev-${name}:1`),
  subnets: ["subnet-a", "subnet-b"],
  securityGroups: ["sg-1"],
  assignPublicIp: false,
  logGroup: `/shop/dev/tasks/${name}`,
  streamPrefix: "ecs",
  roles: { task: "arn:task", execution: "arn:execution" },
  repository: `${account}.dkr.ecr.eu-west-1.amazonaws.com/shop/app`,
});

const always = (name: string): Body => ({
  version: 1,
  ...template(name),
  serviceArn: serviceArn(name),
  container: "app",
  releasedParameter: `/shop/dev/released/${name}`,
  rollbackAlarms: [],
  livenessAlarms: [`shop-dev-${name}-tasks`],
});

/** What the daily commands see and change: environment dev with a web service of fixed size, a worker that scales, and a schedule. */
export class DailyWorld {
  readonly parameters = new Map<string, string>([
    [
      "/shop/dev/release/environment",
      JSON.stringify({
        version: 1,
        cluster,
        migration: {
          ...template("migration"),
          family: "shop-dev-migration",
          containers: ["migrate"],
          required: ["migrate"],
          capacityProvider: "FARGATE",
          timeoutSec: 900,
        },
        smokeUrl: null,
        repository: null,
      }),
    ],
    [
      "/shop/dev/release/services/web",
      JSON.stringify({ ...always("web"), kind: "web", minTasks: 2, maxTasks: 2, scalableTarget: null }),
    ],
    [
      "/shop/dev/release/services/jobs",
      JSON.stringify({
        ...always("jobs"),
        kind: "worker",
        minTasks: 1,
        maxTasks: 4,
        scalableTarget: "service/shop-dev/shop-dev-jobs",
      }),
    ],
    [
      "/shop/dev/release/services/nightly",
      JSON.stringify({
        version: 1,
        ...template("nightly"),
        kind: "schedule",
        scheduleName: "shop-dev-nightly",
        scheduleGroup: "shop-dev",
        container: "app",
        releasedParameter: "/shop/dev/released/nightly",
      }),
    ],
    ["/shop/dev/released/web", "release-dev-7"],
    ["/shop/dev/released/jobs", "release-dev-7"],
  ]);
  readonly services: Record<string, WithTimes<Service>> = {
    web: this.service("web", 2),
    jobs: this.service("jobs", 3),
  };
  /** By service. */
  readonly deployments: Record<string, WithTimes<ServiceDeployment>[]> = { web: [], jobs: [] };
  readonly tasks: WithTimes<Task>[] = [];
  /** Tags by revision. */
  readonly tags: Record<string, Record<string, string>> = {};
  /** Newest first, by family. */
  readonly revisions: Record<string, string[]> = {};
  /** Log lines by group: timestamp, stream, text. */
  readonly logs: Record<string, { timestamp: number; stream: string; text: string }[]> = {};
  /** ARNs of secrets that are about to be deleted. */
  readonly goneSecrets = new Set<string>();
  /** How often FilterLogEvents is refused before it answers again. */
  throttled = 0;
  ringing: string[] = [];
  schedule: Body | undefined = {
    State: "ENABLED",
    Target: { EcsParameters: { TaskDefinitionArn: revision("shop-dev-nightly:3") } },
  };
  /** What RunTask finds; else the task starts. */
  failures: Body[] = [];
  /** Happens when a deployment is begun. */
  onDeployment: (service: string, deployment: WithTimes<ServiceDeployment>) => void = () => undefined;
  /** Happens when a task is started. */
  onTask: (task: WithTimes<Task>) => void = () => undefined;
  /** Everything that changed something, in its order. */
  readonly changes: string[] = [];
  readonly ran: Body[] = [];

  constructor(
    readonly aws: FakeAws,
    readonly clock: FakeClock,
  ) {
    aws.reset();
    aws.accountIs(account);
    for (const [action, answer] of Object.entries(this.answers())) {
      aws.answer(action, ({ body }) => answer((body === "" ? {} : JSON.parse(body)) as Body));
    }
  }

  get seconds(): number {
    return this.clock.now() / 1000;
  }

  addTask(service: string, id: string, more: Partial<WithTimes<Task>> = {}): void {
    this.tasks.push({
      taskArn: arnOf("task", `shop-dev/${id}`),
      group: `service:shop-dev-${service}`,
      lastStatus: "RUNNING",
      enableExecuteCommand: true,
      startedAt: this.seconds,
      containers: [
        {
          name: "app",
          runtimeId: `${id}-runtime`,
          managedAgents: [{ name: "ExecuteCommandAgent", lastStatus: "RUNNING" }],
        },
      ],
      ...more,
    });
  }

  log(service: string, task: string, text: string, container = "app"): void {
    (this.logs[`/shop/dev/tasks/${service}`] ??= []).push({
      timestamp: this.clock.now(),
      stream: `ecs/${container}/${task}`,
      text,
    });
  }

  private service(name: string, count: number): WithTimes<Service> {
    return {
      serviceArn: serviceArn(name),
      serviceName: `shop-dev-${name}`,
      status: "ACTIVE",
      enableExecuteCommand: true,
      taskDefinition: revision(`shop-dev-${name}:8`),
      desiredCount: count,
      runningCount: count,
      deployments: [{ id: "d", status: "PRIMARY", rolloutState: "COMPLETED" }],
      events: [],
    };
  }

  private nameOf(arn: unknown): string {
    return Object.keys(this.services).find((name) => serviceArn(name) === arn) ?? "";
  }

  private answers(): Record<string, (body: Body) => unknown> {
    return {
      GetParametersByPath: ({ Path }) => ({
        Parameters: [...this.parameters]
          .filter(([Name]) => Name.startsWith(`${String(Path)}/`))
          .map(([Name, Value]) => ({ Name, Value })),
      }),
      GetParameter: ({ Name }) => {
        const Value = this.parameters.get(String(Name));
        return Value === undefined ? { __type: "ParameterNotFound" } : { Parameter: { Name, Value } };
      },
      PutParameter: ({ Name, Value, Overwrite }) => {
        if (Overwrite !== true && this.parameters.has(String(Name))) return { __type: "ParameterAlreadyExists" };
        this.changes.push(`PutParameter ${String(Name)}`);
        this.parameters.set(String(Name), String(Value));
        return {};
      },
      DeleteParameter: ({ Name }) => {
        this.changes.push(`DeleteParameter ${String(Name)}`);
        this.parameters.delete(String(Name));
        return {};
      },
      DescribeServices: ({ services }) => ({
        services: (services as string[]).flatMap((arn) => this.services[this.nameOf(arn)] ?? []),
      }),
      UpdateService: (body) => {
        const name = this.nameOf(body["service"]);
        const { desiredCount, forceNewDeployment } = body;
        this.changes.push(
          `UpdateService ${name}${typeof desiredCount === "number" ? ` desiredCount=${desiredCount}` : ""}${forceNewDeployment === true ? " forced" : ""}`,
        );
        const service = this.services[name];
        if (service !== undefined && typeof desiredCount === "number") service.desiredCount = desiredCount;
        if (forceNewDeployment === true) {
          const deployment = {
            serviceDeploymentArn: arnOf(
              "service-deployment",
              `shop-dev/shop-dev-${name}/${this.deployments[name]?.length ?? 0}`,
            ),
            createdAt: this.seconds,
            status: "IN_PROGRESS" as const,
          };
          this.deployments[name]?.unshift(deployment);
          this.onDeployment(name, deployment);
        }
        return { service };
      },
      ListServiceDeployments: ({ service }) => ({ serviceDeployments: this.deployments[this.nameOf(service)] }),
      DescribeServiceDeployments: ({ serviceDeploymentArns }) => ({
        serviceDeployments: Object.values(this.deployments)
          .flat()
          .filter(({ serviceDeploymentArn: arn }) => (serviceDeploymentArns as string[]).includes(arn ?? "")),
      }),
      ListTasks: ({ serviceName }) => ({
        taskArns: this.tasks
          .filter(({ group }) => group === `service:shop-dev-${this.nameOf(serviceName)}`)
          .map(({ taskArn }) => taskArn),
      }),
      DescribeTasks: ({ tasks }) => ({
        tasks: this.tasks.filter(({ taskArn }) => (tasks as string[]).includes(taskArn ?? "")),
      }),
      DescribeTaskDefinition: ({ taskDefinition }) => {
        const name = String(taskDefinition).split("/").at(-1) ?? "";
        return {
          taskDefinition: {
            taskDefinitionArn: taskDefinition,
            cpu: "256",
            memory: "512",
            containerDefinitions: [
              {
                name: "app",
                secrets: [
                  {
                    name: "DATABASE_PASSWORD",
                    valueFrom: `arn:aws:secretsmanager:eu-west-1:${account}:secret:/shop/dev/database/app-1-2-AbCdEf:password::`,
                  },
                ],
              },
            ],
          },
          tags: Object.entries(this.tags[name] ?? {}).map(([key, value]) => ({ key, value })),
        };
      },
      DescribeSecret: ({ SecretId }) =>
        this.goneSecrets.has(String(SecretId))
          ? { DeletedDate: this.seconds }
          : { VersionIdsToStages: { v1: ["AWSCURRENT"] } },
      ListTaskDefinitions: ({ familyPrefix }) => ({
        taskDefinitionArns: (this.revisions[String(familyPrefix)] ?? []).map(revision),
      }),
      RunTask: (body) => {
        this.ran.push(body);
        const failure = this.failures.shift();
        if (failure !== undefined) return { tasks: [], failures: [failure] };
        this.changes.push(`RunTask ${String(body["taskDefinition"]).split("/").at(-1) ?? ""}`);
        const task = { taskArn: arnOf("task", "shop-dev/0a1b2c3d4e"), lastStatus: "PENDING" };
        this.tasks.push(task);
        this.onTask(task);
        return { tasks: [task], failures: [] };
      },
      StopTask: ({ task: arn, reason }) => {
        this.changes.push(`StopTask ${String(reason)}`);
        const task = this.tasks.find(({ taskArn }) => taskArn === arn);
        if (task !== undefined) task.lastStatus = "STOPPED";
        return {};
      },
      GetLogEvents: ({ logGroupName, logStreamName, nextToken }) => {
        const from = typeof nextToken === "string" ? Number(nextToken.slice(2)) : 0;
        const lines = (this.logs[String(logGroupName)] ?? []).filter(({ stream }) => stream === logStreamName);
        if (lines.length === 0) return { __type: "ResourceNotFoundException" };
        return {
          events: lines.slice(from).map(({ timestamp, text }) => ({ timestamp, message: `${text}\n` })),
          nextForwardToken: `f/${lines.length}`,
        };
      },
      FilterLogEvents: ({ logGroupName, startTime, filterPattern, nextToken }) => {
        if (this.throttled > 0) {
          this.throttled -= 1;
          return { __type: "ThrottlingException" };
        }
        const lines = this.logs[String(logGroupName)];
        if (lines === undefined) return { __type: "ResourceNotFoundException" };
        const pattern = typeof filterPattern === "string" ? (JSON.parse(filterPattern) as string) : "";
        const found = lines
          .map((line, i) => ({ ...line, eventId: String(i) }))
          .filter(({ timestamp, text }) => timestamp >= Number(startTime) && text.includes(pattern));
        // a page holds one line, so that every page has to be asked for
        const at = Number(nextToken ?? 0);
        return {
          events: found.slice(at, at + 1).map(({ eventId, timestamp, stream, text }) => ({
            eventId,
            timestamp,
            logStreamName: stream,
            message: text,
          })),
          ...(at + 1 < found.length ? { nextToken: String(at + 1) } : {}),
        };
      },
      DescribeAlarms: ({ AlarmNamePrefix }) => ({
        MetricAlarms: this.ringing
          .filter((name) => name.startsWith(String(AlarmNamePrefix)))
          .map((AlarmName) => ({ AlarmName, StateValue: "ALARM" })),
      }),
      EnableAlarmActions: ({ AlarmNames }) => {
        this.changes.push(`EnableAlarmActions ${(AlarmNames as string[]).join(",")}`);
        return {};
      },
      DisableAlarmActions: ({ AlarmNames }) => {
        this.changes.push(`DisableAlarmActions ${(AlarmNames as string[]).join(",")}`);
        return {};
      },
      RegisterScalableTarget: ({ ResourceId, MinCapacity, MaxCapacity }) => {
        this.changes.push(`RegisterScalableTarget ${String(ResourceId)} ${String(MinCapacity)}-${String(MaxCapacity)}`);
        return {};
      },
      // the scheduler speaks REST, where the path says what is asked; only one thing is
      "": () => this.schedule ?? { __type: "ResourceNotFoundException" },
      ExecuteCommand: ({ task, container, command }) => {
        this.changes.push(
          `ExecuteCommand ${String(task).split("/").at(-1) ?? ""} ${String(container)} ${String(command)}`,
        );
        return { session: { sessionId: "s", streamUrl: "wss://example.com", tokenValue: "the-token" } };
      },
      StartSession: ({ Target, DocumentName, Parameters }) => {
        this.changes.push(`StartSession ${String(Target)} ${String(DocumentName)} ${JSON.stringify(Parameters)}`);
        return { SessionId: "s", StreamUrl: "wss://example.com", TokenValue: "the-token" };
      },
    };
  }
}
