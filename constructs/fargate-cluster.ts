import { EcsCluster } from "@cdktf/provider-aws/lib/ecs-cluster";
import { EcsClusterCapacityProviders } from "@cdktf/provider-aws/lib/ecs-cluster-capacity-providers";
import { SchedulerScheduleGroup } from "@cdktf/provider-aws/lib/scheduler-schedule-group";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { scheduleGroupAlarms } from "./alarms/fargate-schedule-alarms";
import { watchAll } from "./alarms/watch-all";
import type { Monitoring } from "./monitoring";
import type { Context } from "./shared/context";
import { exceptFromScan } from "./shared/scan-exception";

export interface FargateClusterProps {
  readonly context: Context;
  /** Metrics per task and container: `enabled` and `enhanced` cost $0.07 to $0.30 a metric (us-east-1, 2026-11). Default: `disabled`. */
  readonly containerInsights?: "disabled" | "enabled" | "enhanced";
}

/** Where tasks run: a cluster without machines, with on-demand and Spot capacity, and the group of its schedules. */
export class FargateCluster extends Construct {
  /** What a task must wait for to be let in, and what waits for it when it goes. */
  public readonly after: readonly ITerraformDependable[];
  public readonly arn: string;
  /** Whether Container Insights counts the tasks of services. */
  public readonly countsTasks: boolean;
  public readonly name: string;
  public readonly scheduleGroupArn: string;
  public readonly scheduleGroupName: string;

  private watchesSchedules = false;

  constructor(scope: Construct, id: string, { context, containerInsights = "disabled" }: FargateClusterProps) {
    super(scope, id);
    const cluster = new EcsCluster(this, "Cluster", {
      name: context.name,
      setting: [{ name: "containerInsights", value: containerInsights }],
    });
    if (containerInsights === "disabled") {
      exceptFromScan(
        cluster,
        "CKV_AWS_65",
        "containerInsights is disabled: alarms and dashboard read what ECS measures anyway, and each further metric is paid for",
      );
    }
    const capacity = new EcsClusterCapacityProviders(this, "CapacityProviders", {
      clusterName: cluster.name,
      capacityProviders: ["FARGATE", "FARGATE_SPOT"],
      // of a task that somebody starts by hand; services, schedules and migrations say their own
      defaultCapacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 1 }],
    });
    const schedules = new SchedulerScheduleGroup(this, "ScheduleGroup", { name: context.name });

    this.after = [capacity];
    this.arn = cluster.arn;
    this.countsTasks = containerInsights !== "disabled";
    this.name = cluster.name;
    this.scheduleGroupArn = schedules.arn;
    this.scheduleGroupName = schedules.name;
  }

  /** Watch what is measured for all schedules together; each schedule asks for it, and the first one gets it. */
  public watchSchedules(monitoring: Monitoring | undefined): void {
    if (this.watchesSchedules) return;
    this.watchesSchedules = true;
    watchAll(this, monitoring, scheduleGroupAlarms(this.scheduleGroupName));
  }
}
