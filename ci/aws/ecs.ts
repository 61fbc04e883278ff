import {
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  paginateListTaskDefinitions,
  paginateListTasks,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  type RunTaskCommandInput,
  type RunTaskCommandOutput,
  type Service,
  type ServiceDeployment,
  type ServiceDeploymentStatus,
  StopServiceDeploymentCommand,
  StopTaskCommand,
  TagResourceCommand,
  type Task,
  type TaskDefinition,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

export type { Service, ServiceDeployment, Task, TaskDefinition };

/** AWS describes at most this many in one call. */
const servicesAtOnce = 10;
const tasksAtOnce = 100;
const deploymentsAtOnce = 20;

/** What a deployment is called that has not ended. */
const unfinished: readonly ServiceDeploymentStatus[] = [
  "PENDING",
  "IN_PROGRESS",
  "STOP_REQUESTED",
  "ROLLBACK_REQUESTED",
  "ROLLBACK_IN_PROGRESS",
];

/** A deployment as a list gives it. */
export interface DeploymentBrief {
  readonly arn: string;
  readonly status: ServiceDeploymentStatus | undefined;
}

type BriefFilter = { readonly createdAt: { readonly after: Date } } | { readonly status: ServiceDeploymentStatus[] };

/** A revision with its tags. */
export interface Described {
  readonly definition: TaskDefinition;
  readonly tags: Readonly<Record<string, string>>;
}

/** Tasks of a family, or of a service. */
export type TaskQuery = ({ readonly family: string } | { readonly service: string }) & {
  /** What ECS wants them to be, which is not what they are. */
  readonly status: "RUNNING" | "STOPPED";
};

/** What of a service is changed; what is not named stays. */
export interface ServiceChange {
  readonly taskDefinition?: string;
  readonly desiredCount?: number;
  /** Start every task anew, also when nothing else changes. */
  readonly forceNewDeployment?: boolean;
}

/** One cluster and what runs on it. */
export class Ecs {
  private readonly client: ECSClient;

  constructor(
    env: Readonly<Record<string, string>>,
    region: string,
    /** ARN of the cluster. */
    private readonly cluster: string,
  ) {
    this.client = new ECSClient(clientSettings(env, region, "ECS"));
  }

  /** In the order of the question; one that AWS does not know is left out. */
  async services(arns: readonly string[]): Promise<Service[]> {
    const found: Service[] = [];
    for (const services of chunks(arns, servicesAtOnce)) {
      const answer = await this.client.send(new DescribeServicesCommand({ cluster: this.cluster, services }));
      found.push(...(answer.services ?? []));
    }
    return arns.flatMap((arn) => found.find(({ serviceArn }) => serviceArn === arn) ?? []);
  }

  async updateService(service: string, change: ServiceChange): Promise<void> {
    await this.client.send(new UpdateServiceCommand({ cluster: this.cluster, service, ...change }));
  }

  /** Deployments of a service that were made at `after` or later, the newest first. */
  async serviceDeployments(service: string, after: Date): Promise<ServiceDeployment[]> {
    const arns = (await this.briefs(service, { createdAt: { after } })).map(({ arn }) => arn);
    const found: ServiceDeployment[] = [];
    for (const serviceDeploymentArns of chunks(arns, deploymentsAtOnce)) {
      const answer = await this.client.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns }));
      found.push(...(answer.serviceDeployments ?? []));
    }
    return found.sort((a, b) => (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0));
  }

  /** The deployments of a service that have not ended. */
  async deploymentsInProgress(service: string): Promise<DeploymentBrief[]> {
    const briefs = await this.briefs(service, { status: [...unfinished] });
    return briefs.filter(({ status }) => status !== undefined && unfinished.includes(status));
  }

  /** Let ECS go back to what ran before. */
  async stopDeployment(arn: string, stopType: "ROLLBACK"): Promise<void> {
    await this.client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn: arn, stopType }));
  }

  /** The answer as it is: failures are no errors of the call, and common. */
  runTask(input: Omit<RunTaskCommandInput, "cluster">): Promise<RunTaskCommandOutput> {
    return this.client.send(new RunTaskCommand({ ...input, cluster: this.cluster }));
  }

  /** None once ECS has forgotten it, an hour after it stopped. */
  async task(arn: string): Promise<Task | undefined> {
    const { tasks } = await this.client.send(new DescribeTasksCommand({ cluster: this.cluster, tasks: [arn] }));
    return tasks?.[0];
  }

  async stopTask(arn: string, reason: string): Promise<void> {
    await this.client.send(new StopTaskCommand({ cluster: this.cluster, task: arn, reason }));
  }

  async tasks({ status: desiredStatus, ...of }: TaskQuery): Promise<Task[]> {
    const query = { cluster: this.cluster, desiredStatus, ...("family" in of ? of : { serviceName: of.service }) };
    const arns: string[] = [];
    for await (const { taskArns: page = [] } of paginateListTasks({ client: this.client }, query)) arns.push(...page);
    const found: Task[] = [];
    for (const tasks of chunks(arns, tasksAtOnce)) {
      const answer = await this.client.send(new DescribeTasksCommand({ cluster: this.cluster, tasks }));
      found.push(...(answer.tasks ?? []));
    }
    return found;
  }

  /** Tasks of a family that have not stopped. ECS lists one that was told to stop beside those that have, while it still runs. */
  async livingTasks(family: string): Promise<Task[]> {
    // in this order: a task that is told to stop meanwhile is in both lists, and never in none
    const wanted = await this.tasks({ family, status: "RUNNING" });
    const unwanted = await this.tasks({ family, status: "STOPPED" });
    const living = [...wanted, ...unwanted].filter(({ lastStatus }) => lastStatus !== "STOPPED");
    return [...new Map(living.map((task) => [task.taskArn, task])).values()];
  }

  /** None when there is no such revision. */
  async taskDefinition(arn: string): Promise<Described | undefined> {
    try {
      const { taskDefinition: definition, tags = [] } = await this.client.send(
        new DescribeTaskDefinitionCommand({ taskDefinition: arn, include: ["TAGS"] }),
      );
      if (definition === undefined) return undefined;
      return { definition, tags: Object.fromEntries(tags.map(({ key = "", value = "" }) => [key, value])) };
    } catch (error) {
      // what does not exist is a ClientException to this call
      if (errorName(error) === "ClientException") return undefined;
      throw error;
    }
  }

  /** Gives the ARN of the new revision. */
  async register(input: RegisterTaskDefinitionCommandInput): Promise<string> {
    const { taskDefinition } = await this.client.send(new RegisterTaskDefinitionCommand(input));
    return taskDefinition?.taskDefinitionArn ?? "";
  }

  /** Set some tags, and leave the others. */
  async tag(resourceArn: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.client.send(
      new TagResourceCommand({ resourceArn, tags: Object.entries(tags).map(([key, value]) => ({ key, value })) }),
    );
  }

  /** ARNs of the newest active revisions of a family, the newest first. */
  async revisions(family: string, most: number): Promise<string[]> {
    const arns: string[] = [];
    const query = { familyPrefix: family, sort: "DESC" as const, maxResults: Math.min(most, 100) };
    for await (const page of paginateListTaskDefinitions({ client: this.client }, query)) {
      // the "prefix" of this call is the whole family on AWS, and not everywhere else
      arns.push(...(page.taskDefinitionArns ?? []).filter((arn) => arn.includes(`:task-definition/${family}:`)));
      if (arns.length >= most) break;
    }
    return arns.slice(0, most);
  }

  private async briefs(service: string, filter: BriefFilter): Promise<DeploymentBrief[]> {
    const briefs: DeploymentBrief[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.client.send(
        new ListServiceDeploymentsCommand({
          cluster: this.cluster,
          service,
          ...filter,
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      );
      for (const { serviceDeploymentArn: arn, status } of page.serviceDeployments ?? []) {
        if (arn !== undefined) briefs.push({ arn, status });
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return briefs;
  }
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}
