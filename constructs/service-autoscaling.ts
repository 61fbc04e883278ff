import { AppautoscalingPolicy } from "@cdktf/provider-aws/lib/appautoscaling-policy";
import { AppautoscalingScheduledAction } from "@cdktf/provider-aws/lib/appautoscaling-scheduled-action";
import { AppautoscalingTarget } from "@cdktf/provider-aws/lib/appautoscaling-target";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { ReleaseMark } from "./release-mark";
import type { WebServiceSettings, WorkerServiceSettings } from "./settings/fargate-service";
import { pascalCase } from "./shared/pascal-case";

/** Out quickly, in slowly: a second peak soon after the first finds the tasks still there. */
const COOLDOWN = { scaleOutCooldown: 60, scaleInCooldown: 300 } as const;

export interface ServiceAutoscalingProps {
  readonly clusterName: string;
  readonly serviceName: string;
  readonly settings: WebServiceSettings | WorkerServiceSettings;
  readonly mark: ReleaseMark;
  /** How autoscaling calls the requests of the service, and what must exist before it knows them; none for a worker. */
  readonly requests?: { readonly label: string; readonly after: readonly ITerraformDependable[] } | undefined;
}

type Target = Pick<AppautoscalingTarget, "resourceId" | "scalableDimension" | "serviceNamespace">;

/**
 * Between `minTasks` and `maxTasks` by CPU, memory, requests and the clock. AWS raises a service to its minimum as soon as it
 * learns of it, so the minimum is 0 and everything is suspended until an image was released.
 *
 * With scheduled scaling the clock owns both limits once the service is released: a change of `minTasks` and `maxTasks` waits
 * for the clock, since every deploy would otherwise undo what the last scheduled action did.
 */
export class ServiceAutoscaling extends Construct {
  public readonly resourceId: string;

  constructor(scope: Construct, id: string, props: ServiceAutoscalingProps) {
    super(scope, id);
    const { clusterName, serviceName, settings, mark } = props;
    const target = new AppautoscalingTarget(this, "Target", {
      serviceNamespace: "ecs",
      scalableDimension: "ecs:service:DesiredCount",
      resourceId: `service/${clusterName}/${serviceName}`,
      minCapacity: mark.tasksOnceReleased(settings.minTasks),
      maxCapacity: settings.maxTasks,
      suspendedState: {
        dynamicScalingInSuspended: mark.isUnreleased,
        dynamicScalingOutSuspended: mark.isUnreleased,
        scheduledScalingSuspended: mark.isUnreleased,
      },
      ...(settings.scheduledScaling.length > 0
        ? { lifecycle: { ignoreChanges: ["min_capacity", "max_capacity"] } }
        : {}),
    });
    this.resourceId = target.resourceId;
    this.createPolicies(target, props);
    this.createSchedule(target, settings);
  }

  private createPolicies(target: Target, { settings, requests }: ServiceAutoscalingProps): void {
    this.track(target, "Cpu", { type: "ECSServiceAverageCPUUtilization", value: settings.targetCpuPercent });
    this.track(target, "Memory", { type: "ECSServiceAverageMemoryUtilization", value: settings.targetMemoryPercent });
    if (settings.kind === "web" && settings.targetRequestsPerTask !== undefined && requests !== undefined) {
      this.track(
        target,
        "Requests",
        { type: "ALBRequestCountPerTarget", value: settings.targetRequestsPerTask, label: requests.label },
        requests.after,
      );
    }
  }

  private track(
    { resourceId, scalableDimension, serviceNamespace }: Target,
    id: string,
    metric: { readonly type: string; readonly value: number; readonly label?: string },
    after: readonly ITerraformDependable[] = [],
  ): void {
    new AppautoscalingPolicy(this, id, {
      name: id.toLowerCase(),
      policyType: "TargetTrackingScaling",
      resourceId,
      scalableDimension,
      serviceNamespace,
      targetTrackingScalingPolicyConfiguration: {
        ...COOLDOWN,
        targetValue: metric.value,
        predefinedMetricSpecification: {
          predefinedMetricType: metric.type,
          ...(metric.label === undefined ? {} : { resourceLabel: metric.label }),
        },
      },
      dependsOn: [...after],
    });
  }

  private createSchedule(
    { resourceId, scalableDimension, serviceNamespace }: Target,
    { scheduledScaling }: ServiceAutoscalingProps["settings"],
  ): void {
    const schedule = new Construct(this, "Schedule");
    for (const { name, schedule: when, timezone, minTasks, maxTasks } of scheduledScaling) {
      new AppautoscalingScheduledAction(schedule, pascalCase(name), {
        name,
        schedule: when,
        timezone,
        resourceId,
        scalableDimension,
        serviceNamespace,
        scalableTargetAction: { minCapacity: String(minTasks), maxCapacity: String(maxTasks) },
      });
    }
  }
}
