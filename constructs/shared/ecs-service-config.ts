import type { EcsServiceCapacityProviderStrategy, EcsServiceConfig } from "@cdktf/provider-aws/lib/ecs-service";
import type { WebServiceSettings, WorkerServiceSettings } from "../settings/fargate-service";
import type { NetworkLike } from "./network-like";

type Settings = WebServiceSettings | WorkerServiceSettings;

/** Parts of a service that settings and network alone decide about. */
export interface EcsServiceParts {
  readonly settings: Settings;
  readonly network: NetworkLike;
  readonly securityGroupId: string;
  /** Where the load balancer finds the tasks; none for a worker. */
  readonly target: { readonly targetGroupArn: string; readonly container: string } | undefined;
  /** Alarms that undo a deployment; none for a worker. */
  readonly rollbackAlarms: readonly string[];
}

/** How ECS runs and replaces the tasks of a service: where, on which capacity, behind what, and when it gives up. */
export function ecsServiceConfig(parts: EcsServiceParts) {
  const { settings, network, securityGroupId, target, rollbackAlarms } = parts;
  return {
    capacityProviderStrategy: strategyOf(settings.capacity),
    // another strategy takes effect with a deployment alone, and the provider insists on saying so; it starts the running
    // revision again whenever something about the service is changed, and never without a change
    forceNewDeployment: true,
    platformVersion: "LATEST",
    networkConfiguration: {
      subnets: [...network.taskSubnetIds],
      securityGroups: [securityGroupId],
      assignPublicIp: network.assignPublicIp,
    },
    ...(target !== undefined && settings.kind === "web"
      ? {
          loadBalancer: [
            { targetGroupArn: target.targetGroupArn, containerName: target.container, containerPort: settings.port },
          ],
          healthCheckGracePeriodSeconds: settings.healthCheckGraceSec,
        }
      : {}),
    deploymentMinimumHealthyPercent: 100,
    deploymentMaximumPercent: 200,
    // what never becomes healthy, and what becomes so and then answers with errors
    deploymentCircuitBreaker: { enable: true, rollback: true },
    // none is no block: the provider leaves an empty list of names out, and then lacks it
    ...(rollbackAlarms.length === 0
      ? {}
      : { alarms: { alarmNames: [...rollbackAlarms], enable: true, rollback: true } }),
    // providers and AWS do not agree on the default
    availabilityZoneRebalancing: "ENABLED",
    enableEcsManagedTags: true,
    propagateTags: "SERVICE",
    // a deploy is not a release: how the running revision fares is the release's business
    waitForSteadyState: false,
  } as const satisfies Partial<EcsServiceConfig>;
}

/** The base on demand, and of what is above it a share on Spot. */
function strategyOf({ onDemandBase, spotPercent }: Settings["capacity"]): EcsServiceCapacityProviderStrategy[] {
  const onDemand = { capacityProvider: "FARGATE", base: onDemandBase, weight: 100 - spotPercent };
  const spot = { capacityProvider: "FARGATE_SPOT", base: 0, weight: spotPercent };
  return [...(onDemand.base > 0 || onDemand.weight > 0 ? [onDemand] : []), ...(spot.weight > 0 ? [spot] : [])];
}
