import { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import { Construct } from "constructs";
import { fargateServiceAlarms } from "./alarms/fargate-service-alarms";
import { watchAll, type MadeAlarms } from "./alarms/watch-all";
import type { LoadBalancer } from "./load-balancer";
import type { Monitoring } from "./monitoring";
import { ReleaseMark } from "./release-mark";
import { ServiceAutoscaling } from "./service-autoscaling";
import {
  fargateServiceSettings,
  type FargateServiceInput,
  type WebServiceSettings,
  type WorkerServiceSettings,
} from "./settings/fargate-service";
import { BlueprintError } from "./shared/blueprint-error";
import type { Connectable } from "./shared/connectable";
import { ecsServiceConfig } from "./shared/ecs-service-config";
import type { Grantee } from "./shared/grantee";
import { settingsOf } from "./shared/problems";
import type { ServiceContract } from "./shared/release-contract-v1";
import { exceptFromScan } from "./shared/scan-exception";
import { TaskSecurityGroup } from "./task-security-group";
import { TaskTemplate, type TaskProps } from "./task-template";
import { WebTarget } from "./web-target";

const CONTAINER = "app";

type Settings = WebServiceSettings | WorkerServiceSettings;

export type FargateServiceProps = TaskProps & {
  /** Name of the service, as the environment calls it. */
  readonly serviceName: string;
  readonly settings: Exclude<FargateServiceInput, { readonly kind: "schedule" }>;
  /** Where the requests of a web service come from; a worker has none. */
  readonly loadBalancer?: LoadBalancer;
  /**
   * Who learns that it fails; without, no alarm undoes a deployment either. It cannot be taken away from a web service that has it:
   * the provider does not know how to take alarms off. Default: nobody, no alarms.
   */
  readonly monitoring?: Monitoring | undefined;
  /** Whether a person may enter its tasks with `ecs execute-command`. Default: false. */
  readonly exec?: boolean;
};

/**
 * A service that always runs: `web` takes requests, `worker` does not. Nothing reaches it but the load balancer, and it reaches
 * nothing but the internet's port 443 until a peer lets it in.
 *
 * Terraform owns everything but what runs. The service starts with no task, since no image was released yet, and so is up at
 * once; the first release raises it (see `ReleaseMark`), and from then on the release decides about the revision and, where
 * there is autoscaling, AWS about the number of tasks. A service of fixed size (`minTasks` equals `maxTasks`) has its number
 * from here.
 */
export class FargateService extends Construct implements Connectable, Grantee {
  /** What a release needs to know. */
  public readonly contract: ServiceContract;
  /** The role that starts the tasks; grant it what `secretVariables` name. */
  public readonly executionRole: Grantee;
  public readonly logGroupName: string;
  public readonly securityGroupId: string;
  public readonly serviceName: string;

  private readonly taskRole: Grantee;

  constructor(scope: Construct, id: string, props: FargateServiceProps) {
    super(scope, id);
    const settings = this.checked(props);
    const { context, network, serviceName } = props;
    const template = this.createTemplate(props, settings);
    this.securityGroupId = new TaskSecurityGroup(this, "SecurityGroup", {
      context,
      network,
      name: serviceName,
      outboundPorts: settings.outboundPorts,
    }).securityGroupId;
    const target = this.createTarget(props, settings);
    const mark = new ReleaseMark(this, "ReleaseMark", { context, service: serviceName });
    const service = this.createService(props, settings, template, mark, target);
    const scaling = this.createAutoscaling(props, settings, service, mark, target);
    const alarms = this.createAlarms(props, settings, service, target);

    this.executionRole = template.executionRole;
    this.logGroupName = template.logGroupName;
    this.serviceName = serviceName;
    this.taskRole = template.taskRole;
    this.contract = {
      version: 1,
      kind: settings.kind,
      serviceArn: service.id,
      container: template.container,
      minTasks: settings.minTasks,
      maxTasks: settings.maxTasks,
      scalableTarget: scaling?.resourceId ?? null,
      releasedParameter: mark.parameterName,
      rollbackAlarms: target?.alarms.namesOf("rollback") ?? [],
      livenessAlarms: [...(target?.alarms.namesOf("liveness") ?? []), ...alarms.namesOf("liveness")],
      ...template.contract(network, this.securityGroupId),
    };
  }

  /** Allow what runs in the container. */
  public allow(sid: string, actions: readonly string[], resources: readonly string[]): void {
    this.taskRole.allow(sid, actions, resources);
  }

  private checked({ settings: input, loadBalancer }: FargateServiceProps): Settings {
    const settings = settingsOf(this, fargateServiceSettings, input) as Settings;
    if (settings.kind === "web" && loadBalancer === undefined) {
      throw new BlueprintError(this.node.path, [
        'loadBalancer is required by kind "web": pass it, or make it a worker',
      ]);
    }
    return settings;
  }

  private createTemplate(props: FargateServiceProps, settings: Settings): TaskTemplate {
    const { serviceName, variables = {} } = props;
    const port = settings.kind === "web" ? settings.port : undefined;
    return new TaskTemplate(this, "Template", {
      ...props,
      name: serviceName,
      container: CONTAINER,
      settings,
      port,
      stopTimeoutSec: settings.stopTimeoutSec,
      variables: { ...variables, ...(port === undefined ? {} : { PORT: String(port) }) },
    });
  }

  private createTarget(props: FargateServiceProps, settings: Settings): WebTarget | undefined {
    const { context, network, serviceName, loadBalancer, monitoring } = props;
    if (settings.kind !== "web" || loadBalancer === undefined) return undefined;
    return new WebTarget(this, "Web", {
      context,
      network,
      loadBalancer,
      serviceName,
      settings,
      peer: this,
      monitoring,
    });
  }

  private createService(
    { context, cluster, network, serviceName, exec = false }: FargateServiceProps,
    settings: Settings,
    template: TaskTemplate,
    mark: ReleaseMark,
    target: WebTarget | undefined,
  ): EcsService {
    const scales = isScaled(settings);
    const rollbackAlarms = target?.alarms.namesOf("rollback") ?? [];
    const service = new EcsService(this, "Service", {
      name: `${context.name}-${serviceName}`,
      cluster: cluster.arn,
      taskDefinition: template.taskDefinitionArn,
      desiredCount: scales ? 0 : mark.tasksOnceReleased(settings.minTasks),
      ...ecsServiceConfig({
        settings,
        network,
        securityGroupId: this.securityGroupId,
        target: target === undefined ? undefined : { targetGroupArn: target.targetGroupArn, container: CONTAINER },
        rollbackAlarms,
      }),
      enableExecuteCommand: exec,
      // an alarm that ECS is told of exists by then
      dependsOn: [
        ...cluster.after,
        ...(network.wayOut ?? []),
        ...(target?.after ?? []),
        ...(target?.alarms.after ?? []),
      ],
      lifecycle: { ignoreChanges: scales ? ["task_definition", "desired_count"] : ["task_definition"] },
    });
    if (network.assignPublicIp) {
      exceptFromScan(
        service,
        "CKV_AWS_333",
        "network.nat is none: a public address is the way out, and no rule of its group lets anything in but the load balancer",
      );
    }
    return service;
  }

  private createAlarms(
    { cluster, monitoring, serviceName }: FargateServiceProps,
    settings: Settings,
    service: EcsService,
    target: WebTarget | undefined,
  ): MadeAlarms {
    return watchAll(
      this,
      monitoring,
      fargateServiceAlarms({
        serviceName,
        settings,
        ecsCluster: cluster.name,
        ecsService: service.name,
        countsTasks: cluster.countsTasks,
        targetGroup: target?.targetGroupSuffix,
      }),
    );
  }

  private createAutoscaling(
    { cluster }: FargateServiceProps,
    settings: Settings,
    service: EcsService,
    mark: ReleaseMark,
    target: WebTarget | undefined,
  ): ServiceAutoscaling | undefined {
    if (!isScaled(settings)) return undefined;
    return new ServiceAutoscaling(this, "Autoscaling", {
      clusterName: cluster.name,
      serviceName: service.name,
      settings,
      mark,
      requests: target === undefined ? undefined : { label: target.requestsLabel, after: target.after },
    });
  }
}

function isScaled({ minTasks, maxTasks }: Settings): boolean {
  return maxTasks > minTasks;
}
