import type {
  DescribeServiceDeploymentsCommandInput,
  DescribeServiceRevisionsCommandInput,
  DescribeServicesCommandInput,
  ListServiceDeploymentsCommandInput,
  StopServiceDeploymentCommandInput,
  UpdateServiceCommandInput,
} from "@aws-sdk/client-ecs";
import type { Handlers } from "./journal";
import { cluster, ecsArn, environmentName, serviceArn, shortName } from "./names";
import type { Revisions } from "./revisions";
import {
  type Deployment,
  describedDeployment,
  isUnfinished,
  Rollouts,
  type RolloutsOptions,
  type ServiceState,
} from "./rollouts";
import { AwsFault } from "./server";

/** The services of a cluster. */
export class Services {
  readonly all = new Map<string, ServiceState>();
  private readonly rollouts: Rollouts;

  constructor(
    private readonly options: RolloutsOptions,
    private readonly revisions: Revisions,
  ) {
    this.rollouts = new Rollouts(options);
  }

  /** One that stands: its last deployment has succeeded. */
  add(name: string, taskDefinition: string, desired: number): void {
    const createdAt = this.options.journal.seconds - 86_400;
    const first: Deployment = {
      arn: ecsArn("service-deployment", `${environmentName}/${environmentName}-${name}/0`),
      createdAt,
      listedAt: createdAt,
      revision: taskDefinition,
      previous: taskDefinition,
      rollout: "succeeds",
      status: "SUCCESSFUL",
    };
    const events = [{ id: `${name}-0`, createdAt, message: "of long ago" }];
    this.all.set(name, {
      name,
      status: "ACTIVE",
      desired,
      taskDefinition,
      steady: taskDefinition,
      deployments: [first],
      events,
      script: [],
    });
  }

  get(name: string): ServiceState {
    const service = this.all.get(name);
    if (service === undefined) throw new AwsFault("ServiceNotFoundException", `there is no service ${name}`);
    return service;
  }

  /** Somebody else deploys. */
  deploy(name: string, taskDefinition: string): void {
    this.rollouts.begin(this.get(name), taskDefinition);
  }

  tell(service: ServiceState, message: string): void {
    this.rollouts.tell(service, message);
  }

  readonly handlers: Handlers = {
    DescribeServices: ({ services = [] }: DescribeServicesCommandInput) => {
      const found = services.map((arn) => this.all.get(nameOf(arn)));
      return {
        services: found.flatMap((service) => (service === undefined ? [] : this.described(service))),
        failures: services.flatMap((arn, i) => (found[i] === undefined ? { arn, reason: "MISSING" } : [])),
      };
    },
    UpdateService: ({
      service: arn = "",
      taskDefinition,
      desiredCount,
      forceNewDeployment,
    }: UpdateServiceCommandInput) => {
      const service = this.get(nameOf(arn));
      const { journal } = this.options;
      const revision = taskDefinition === undefined ? undefined : this.revisions.find(taskDefinition);
      if (taskDefinition !== undefined && revision?.active !== true) {
        throw new AwsFault("ClientException", "TaskDefinition is inactive");
      }
      const target = revision?.arn ?? service.taskDefinition;
      journal.write(
        [
          `UpdateService ${revision === undefined ? service.name : shortName(target)}`,
          ...(desiredCount === undefined ? [] : [`desired=${desiredCount}`]),
          ...(forceNewDeployment === true ? ["forced"] : []),
        ].join(" "),
      );
      service.desired = desiredCount ?? service.desired;
      if (target !== service.taskDefinition || forceNewDeployment === true) this.rollouts.begin(service, target);
      return { service: this.described(service) };
    },
    ListServiceDeployments: ({ service: arn = "", createdAt, status }: ListServiceDeploymentsCommandInput) => {
      const service = this.get(nameOf(arn));
      const now = this.options.journal.seconds;
      // times of day are numbers on the wire
      const after = Number(createdAt?.after ?? 0);
      const listed = service.deployments.filter(
        (deployment) =>
          deployment.listedAt <= now &&
          deployment.createdAt >= after &&
          (status === undefined || status.includes(deployment.status)),
      );
      return {
        serviceDeployments: listed.map((deployment) => ({
          serviceDeploymentArn: deployment.arn,
          serviceArn: serviceArn(service.name),
          clusterArn: cluster,
          createdAt: deployment.createdAt,
          status: deployment.status,
        })),
      };
    },
    DescribeServiceDeployments: ({ serviceDeploymentArns = [] }: DescribeServiceDeploymentsCommandInput) => ({
      serviceDeployments: serviceDeploymentArns.flatMap((arn) => {
        const [service, deployment] = this.deployment(arn);
        return describedDeployment(service, deployment);
      }),
    }),
    DescribeServiceRevisions: ({ serviceRevisionArns = [] }: DescribeServiceRevisionsCommandInput) => ({
      serviceRevisions: serviceRevisionArns.map((arn) => ({
        serviceRevisionArn: arn,
        taskDefinition: ecsArn("task-definition", arn.slice(arn.lastIndexOf("/") + 1).replace(".", ":")),
      })),
    }),
    StopServiceDeployment: ({ serviceDeploymentArn = "", stopType }: StopServiceDeploymentCommandInput) => {
      const [service, deployment] = this.deployment(serviceDeploymentArn);
      this.options.journal.write(`StopServiceDeployment ${shortName(deployment.revision)} ${stopType}`);
      if (deployment.status !== "PENDING" && deployment.status !== "IN_PROGRESS") {
        throw new AwsFault("ConflictException", `the deployment is ${deployment.status}`);
      }
      this.rollouts.requestRollback(service, deployment);
      return { serviceDeploymentArn };
    },
  };

  private deployment(arn: string): [ServiceState, Deployment] {
    for (const service of this.all.values()) {
      const deployment = service.deployments.find((candidate) => candidate.arn === arn);
      if (deployment !== undefined) return [service, deployment];
    }
    throw new AwsFault("ServiceDeploymentNotFoundException", `there is no ${arn}`);
  }

  private described(service: ServiceState): object {
    const [newest] = service.deployments;
    const isOpen = newest !== undefined && isUnfinished(newest);
    const failed = newest?.status === "ROLLBACK_FAILED" || newest?.status === "STOPPED";
    return {
      serviceArn: serviceArn(service.name),
      serviceName: `${environmentName}-${service.name}`,
      clusterArn: cluster,
      status: service.status,
      desiredCount: service.desired,
      runningCount: service.desired,
      pendingCount: isOpen ? 1 : 0,
      taskDefinition: service.taskDefinition,
      deployments: [
        {
          id: `ecs-svc/${service.deployments.length}`,
          status: "PRIMARY",
          taskDefinition: service.taskDefinition,
          rolloutState: isOpen ? "IN_PROGRESS" : failed ? "FAILED" : "COMPLETED",
          runningCount: isOpen ? 0 : service.desired,
        },
        ...(isOpen
          ? [
              {
                id: "ecs-svc/0",
                status: "ACTIVE",
                taskDefinition: service.steady,
                rolloutState: "COMPLETED",
                runningCount: this.options.canStart(service.steady) ? service.desired : 0,
              },
            ]
          : []),
      ],
      events: service.events,
    };
  }
}

function nameOf(arn: string): string {
  return shortName(arn);
}
