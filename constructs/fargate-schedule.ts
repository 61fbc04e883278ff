import { SchedulerSchedule } from "@cdktf/provider-aws/lib/scheduler-schedule";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { Construct } from "constructs";
import { fargateScheduleAlarms } from "./alarms/fargate-schedule-alarms";
import { watchAll } from "./alarms/watch-all";
import type { Monitoring } from "./monitoring";
import { ReleaseMark } from "./release-mark";
import { ScheduleRole } from "./schedule-role";
import { fargateServiceSettings, type FargateServiceInput, type ScheduleSettings } from "./settings/fargate-service";
import type { Connectable } from "./shared/connectable";
import type { Grantee } from "./shared/grantee";
import { settingsOf } from "./shared/problems";
import type { ScheduleContract } from "./shared/release-contract-v1";
import { exceptFromScan } from "./shared/scan-exception";
import { TaskSecurityGroup } from "./task-security-group";
import { TaskTemplate, type TaskProps } from "./task-template";

const CONTAINER = "app";
/** The longest that Fargate waits between SIGTERM and SIGKILL: a task that is stopped midway gets all of it. */
const STOP_TIMEOUT_SEC = 120;
/** A start that did not succeed within an hour is given up. */
const MAX_START_AGE_SEC = 3600;
const FAILED_STARTS_KEPT_SEC = 14 * 86_400;

export type FargateScheduleProps = TaskProps & {
  /** Name of the service, as the environment calls it. */
  readonly serviceName: string;
  readonly settings: Extract<FargateServiceInput, { readonly kind: "schedule" }>;
  /** Who learns of a start that failed. Default: nobody, no alarms. */
  readonly monitoring?: Monitoring | undefined;
};

/**
 * A task that runs by the clock. Nothing reaches it, and it reaches nothing but the internet's port 443 until a peer lets it in.
 * A start that fails for good ends up in the queue `<environment>-<service>-failed-starts`.
 *
 * The schedule is off until an image was released; a release points it at its revision, which Terraform leaves alone.
 */
export class FargateSchedule extends Construct implements Connectable, Grantee {
  /** What a release needs to know. */
  public readonly contract: ScheduleContract;
  /** The role that starts the task; grant it what `secretVariables` name. */
  public readonly executionRole: Grantee;
  public readonly logGroupName: string;
  public readonly securityGroupId: string;
  public readonly serviceName: string;

  private readonly taskRole: Grantee;

  constructor(scope: Construct, id: string, props: FargateScheduleProps) {
    super(scope, id);
    const settings = settingsOf(this, fargateServiceSettings, props.settings) as ScheduleSettings;
    const { context, cluster, network, serviceName } = props;
    const template = new TaskTemplate(this, "Template", {
      ...props,
      name: serviceName,
      container: CONTAINER,
      settings,
      stopTimeoutSec: STOP_TIMEOUT_SEC,
    });
    this.securityGroupId = new TaskSecurityGroup(this, "SecurityGroup", {
      context,
      network,
      name: serviceName,
      outboundPorts: settings.outboundPorts,
      wornBy: "the tasks that the schedule starts",
    }).securityGroupId;
    const mark = new ReleaseMark(this, "ReleaseMark", { context, service: serviceName });
    const schedule = this.createSchedule(props, settings, template, mark);

    this.executionRole = template.executionRole;
    this.logGroupName = template.logGroupName;
    this.serviceName = serviceName;
    this.taskRole = template.taskRole;
    this.contract = {
      version: 1,
      kind: "schedule",
      scheduleName: schedule.name,
      scheduleGroup: cluster.scheduleGroupName,
      container: template.container,
      releasedParameter: mark.parameterName,
      ...template.contract(network, this.securityGroupId),
    };
  }

  /** Allow what runs in the container. */
  public allow(sid: string, actions: readonly string[], resources: readonly string[]): void {
    this.taskRole.allow(sid, actions, resources);
  }

  private createSchedule(
    { context, cluster, network, serviceName, monitoring }: FargateScheduleProps,
    settings: ScheduleSettings,
    template: TaskTemplate,
    mark: ReleaseMark,
  ): SchedulerSchedule {
    const failedStarts = new SqsQueue(this, "FailedStarts", {
      name: `${context.name}-${serviceName}-failed-starts`,
      sqsManagedSseEnabled: true,
      messageRetentionSeconds: FAILED_STARTS_KEPT_SEC,
    });
    watchAll(this, monitoring, fargateScheduleAlarms(serviceName, failedStarts.name));
    cluster.watchSchedules(monitoring);
    const role = new ScheduleRole(this, "Role", {
      context,
      cluster,
      serviceName,
      template,
      queueArn: failedStarts.arn,
    });
    const made = new SchedulerSchedule(this, "Schedule", {
      name: `${context.name}-${serviceName}`,
      groupName: cluster.scheduleGroupName,
      description: `Runs ${serviceName}`,
      scheduleExpression: settings.schedule,
      scheduleExpressionTimezone: settings.timezone,
      flexibleTimeWindow: { mode: "OFF" },
      state: mark.wordOnceReleased("DISABLED", "ENABLED"),
      target: {
        arn: cluster.arn,
        roleArn: role.arn,
        ecsParameters: {
          taskDefinitionArn: template.taskDefinitionArn,
          taskCount: 1,
          capacityProviderStrategy: [{ capacityProvider: settings.spot ? "FARGATE_SPOT" : "FARGATE", weight: 1 }],
          networkConfiguration: {
            subnets: [...network.taskSubnetIds],
            securityGroups: [this.securityGroupId],
            assignPublicIp: network.assignPublicIp,
          },
          enableEcsManagedTags: true,
          propagateTags: "TASK_DEFINITION",
        },
        retryPolicy: { maximumEventAgeInSeconds: MAX_START_AGE_SEC, maximumRetryAttempts: settings.retries },
        deadLetterConfig: { arn: failedStarts.arn },
      },
      dependsOn: [...cluster.after, ...(network.wayOut ?? []), ...role.after],
      lifecycle: { ignoreChanges: ["target[0].ecs_parameters[0].task_definition_arn"] },
    });
    exceptFromScan(made, "CKV_AWS_297", "says when which task starts, and holds nothing secret: AWS's own key will do");
    return made;
  }
}
