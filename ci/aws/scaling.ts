import { ApplicationAutoScalingClient, RegisterScalableTargetCommand } from "@aws-sdk/client-application-auto-scaling";
import { clientSettings } from "./client-settings";

/** The least and the most tasks of services that scale by themselves. */
export class Scaling {
  private readonly client: ApplicationAutoScalingClient;

  constructor(env: Readonly<Record<string, string>>, region: string) {
    this.client = new ApplicationAutoScalingClient(clientSettings(env, region, "APPLICATION_AUTO_SCALING"));
  }

  /** Change the numbers of a target that exists, and whether it scales by load and by the clock; everything else of it stays. */
  async setRange(resourceId: string, min: number, max: number, scales?: boolean): Promise<void> {
    const suspended = {
      DynamicScalingInSuspended: scales === false,
      DynamicScalingOutSuspended: scales === false,
      ScheduledScalingSuspended: scales === false,
    };
    await this.client.send(
      new RegisterScalableTargetCommand({
        ServiceNamespace: "ecs",
        ScalableDimension: "ecs:service:DesiredCount",
        ResourceId: resourceId,
        MinCapacity: min,
        MaxCapacity: max,
        ...(scales === undefined ? {} : { SuspendedState: suspended }),
      }),
    );
  }
}
