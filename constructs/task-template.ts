import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { Construct } from "constructs";
import type { FargateCluster } from "./fargate-cluster";
import type { ContainerSettings } from "./settings/fargate-service";
import { exceptLogGroup } from "./shared/common-scan-exceptions";
import { containerDefinitions, execVolumes, type FirstContainer } from "./shared/container-definition";
import type { Context } from "./shared/context";
import type { NetworkLike } from "./shared/network-like";
import type { TemplateContract } from "./shared/release-contract-v1";
import { privateRepositoryUrl, repositoryArn } from "./shared/repository-arn";
import { TaskRole, type Permission } from "./task-role";

/** Disk that every Fargate task has; AWS refuses to be asked for exactly that. */
const INCLUDED_STORAGE_GIB = 20;
const STREAM_PREFIX = "ecs";

/** What everything that runs as a task is given. */
export interface TaskProps {
  readonly context: Context;
  readonly cluster: FargateCluster;
  readonly network: NetworkLike;
  /** Repository of the image, without a tag. */
  readonly repositoryUrl: string;
  /** Plain environment variables of the container, besides those of its settings. Default: none. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Environment variables from secrets: the ARN, or `<arn>:<key>::`. The execution role must be granted them. Default: none. */
  readonly secretVariables?: Readonly<Record<string, string>>;
  /** Days that logs are kept where the settings do not say. */
  readonly logRetentionDays: number;
}

export type TaskTemplateProps = Omit<TaskProps, "cluster" | "network"> & {
  /** Name of the family, the roles and the log group, below the environment's prefix. */
  readonly name: string;
  readonly container: string;
  readonly settings: ContainerSettings;
  readonly port?: number | undefined;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly stopTimeoutSec: number;
  /** Whether a person may enter the container. Default: false. */
  readonly exec?: boolean;
  /** What must end with 0 before the container starts. Default: nothing. */
  readonly first?: FirstContainer | undefined;
};

/**
 * A task definition that releases are made from, with its log group and its two roles. Terraform registers revisions of it and
 * never runs or removes one: a revision that a rollback may need stays.
 *
 * The container runs as a user without rights, on a read-only filesystem with `/tmp` in memory.
 */
export class TaskTemplate extends Construct {
  public readonly container: string;
  /** The role that ECS starts the task with: image, logs, secrets. */
  public readonly executionRole: TaskRole;
  public readonly family: string;
  public readonly logGroupName: string;
  public readonly taskDefinitionArn: string;
  /** The role of what runs in the container. */
  public readonly taskRole: TaskRole;
  private readonly repositoryUrl: string;

  constructor(scope: Construct, id: string, props: TaskTemplateProps) {
    super(scope, id);
    const { context, name, container, repositoryUrl, first } = props;
    const firstRepositoryUrl = first === undefined ? undefined : privateRepositoryUrl(first.image);
    const logs = this.createLogGroup(props);
    this.container = container;
    this.executionRole = new TaskRole(this, "ExecutionRole", {
      context,
      name: `${name}-execution`,
      description: `Starts tasks of ${name}`,
      baseline: startPermissions(
        [repositoryUrl, ...(firstRepositoryUrl === undefined ? [] : [firstRepositoryUrl])],
        logs.arn,
      ),
    });
    this.taskRole = new TaskRole(this, "TaskRole", {
      context,
      name: `${name}-task`,
      description: `What ${name} may do`,
      baseline: props.exec === true ? enterPermissions() : [],
    });
    this.family = `${context.name}-${name}`;
    this.logGroupName = logs.name;
    this.repositoryUrl = repositoryUrl;
    this.taskDefinitionArn = this.createTaskDefinition(props, logs).arn;
  }

  /** What a release needs to know of it, and of where its tasks run. */
  public contract(network: NetworkLike, securityGroupId: string): TemplateContract {
    return {
      templateTaskDefinitionArn: this.taskDefinitionArn,
      subnets: network.taskSubnetIds,
      securityGroups: [securityGroupId],
      assignPublicIp: network.assignPublicIp,
      logGroup: this.logGroupName,
      streamPrefix: STREAM_PREFIX,
      roles: { task: this.taskRole.arn, execution: this.executionRole.arn },
      repository: this.repositoryUrl,
    };
  }

  private createLogGroup({ context, name, settings, logRetentionDays }: TaskTemplateProps): CloudwatchLogGroup {
    const retentionInDays = settings.logRetentionDays ?? logRetentionDays;
    const group = new CloudwatchLogGroup(this, "LogGroup", { name: `${context.path}/tasks/${name}`, retentionInDays });
    exceptLogGroup(group, retentionInDays, "logRetentionDays");
    return group;
  }

  private createTaskDefinition(props: TaskTemplateProps, logs: CloudwatchLogGroup): EcsTaskDefinition {
    const { context, settings, exec = false } = props;
    return new EcsTaskDefinition(this, "TaskDefinition", {
      family: this.family,
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: String(settings.cpu),
      memory: String(settings.memoryMiB),
      runtimePlatform: {
        cpuArchitecture: settings.architecture === "arm64" ? "ARM64" : "X86_64",
        operatingSystemFamily: "LINUX",
      },
      ...(settings.ephemeralStorageGiB === INCLUDED_STORAGE_GIB
        ? {}
        : { ephemeralStorage: { sizeInGib: settings.ephemeralStorageGiB } }),
      executionRoleArn: this.executionRole.arn,
      taskRoleArn: this.taskRole.arn,
      ...(exec ? { volume: execVolumes.map((name) => ({ name })) } : {}),
      containerDefinitions: containerDefinitions({
        name: props.container,
        // never pulled: a release puts a digest in its place
        image: `${props.repositoryUrl}:template`,
        settings,
        port: props.port,
        stopTimeoutSec: props.stopTimeoutSec,
        variables: props.variables ?? {},
        secretVariables: props.secretVariables ?? {},
        exec,
        logGroup: logs.name,
        region: context.region,
        streamPrefix: STREAM_PREFIX,
        first: props.first,
      }),
      // what runs was made from some revision, and an inactive one is no target of a rollback
      skipDestroy: true,
    });
  }
}

/** What ECS does on behalf of a task before it runs. */
function startPermissions(repositoryUrls: readonly string[], logGroupArn: string): Permission[] {
  return [
    {
      Sid: "Pull",
      Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      Resource: [...new Set(repositoryUrls)].map(repositoryArn),
    },
    // the token is for the account's registry as a whole: AWS gives it no resource; it opens nothing that Pull does not
    { Sid: "LogIn", Action: ["ecr:GetAuthorizationToken"], Resource: ["*"] },
    { Sid: "WriteLogs", Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: [`${logGroupArn}:*`] },
  ];
}

/** The channels of ECS Exec; AWS gives them no resource. Who may open one is decided by `ecs:ExecuteCommand`. */
function enterPermissions(): Permission[] {
  return [
    {
      Sid: "Enter",
      Action: [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ],
      Resource: ["*"],
    },
  ];
}
