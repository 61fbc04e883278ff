import { EcsCluster } from "@cdktf/provider-aws/lib/ecs-cluster";
import { EcsClusterCapacityProviders } from "@cdktf/provider-aws/lib/ecs-cluster-capacity-providers";
import { SchedulerScheduleGroup } from "@cdktf/provider-aws/lib/scheduler-schedule-group";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Context } from "./shared/context";

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
  public readonly name: string;
  public readonly scheduleGroupArn: string;
  public readonly scheduleGroupName: string;

  constructor(scope: Construct, id: string, { context, containerInsights = "disabled" }: FargateClusterProps) {
    super(scope, id);
    const cluster = new EcsCluster(this, "Cluster", {
      name: context.name,
      setting: [{ name: "containerInsights", value: containerInsights }],
    });
    const capacity = new EcsClusterCapacityProviders(this, "CapacityProviders", {
      clusterName: cluster.name,
      capacityProviders: ["FARGATE", "FARGATE_SPOT"],
      // of a task that somebody starts by hand; services, schedules and migrations say their own
      defaultCapacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 1 }],
    });
    const schedules = new SchedulerScheduleGroup(this, "ScheduleGroup", { name: context.name });

    this.after = [capacity];
    this.arn = cluster.arn;
    this.name = cluster.name;
    this.scheduleGroupArn = schedules.arn;
    this.scheduleGroupName = schedules.name;
  }
}
