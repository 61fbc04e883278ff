import type { ServiceDeploymentStatus } from "@aws-sdk/client-ecs";
import type { FakeClock } from "../support/fake-clock";
import type { Journal } from "./journal";
import { cluster, ecsArn, environmentName, serviceArn } from "./names";

/** How a deployment goes. */
export type Rollout =
  | "succeeds"
  /** It is still going on when others have failed. */
  | "slow"
  /** It ends well after others have failed, and before a request to stop it takes effect. */
  | "succeeds anyway"
  /** Its tasks die, and ECS goes back. */
  | "circuit breaker"
  /** An alarm rings, and ECS goes back. */
  | "alarm"
  /** ECS goes back, and that fails as well. */
  | "rollback fails"
  /** ECS calls it a success, and what ran before runs. */
  | "silent"
  /** Its tasks stay pending for ever; ECS goes back when it is asked to. */
  | "stuck"
  /** The same, but going back gets stuck too. */
  | "stuck for good"
  /** Its tasks die one after the other, and ECS does nothing about it. */
  | "dying"
  /** Somebody else deploys something else. */
  | "replaced"
  /** Somebody else starts the tasks of the same revision anew. */
  | "replaced by itself"
  /** Somebody stops it where it stands. */
  | "stopped";

export interface Deployment {
  readonly arn: string;
  readonly createdAt: number;
  /** ECS lists a deployment some seconds after it was asked for. */
  readonly listedAt: number;
  readonly revision: string;
  readonly previous: string;
  readonly rollout: Rollout;
  status: ServiceDeploymentStatus;
  reason?: string;
  rollback?: { readonly reason: string; readonly startedAt: number };
}

export interface ServiceState {
  readonly name: string;
  status: "ACTIVE" | "INACTIVE";
  desired: number;
  taskDefinition: string;
  /** What the last successful deployment has brought; ECS goes back to it. */
  steady: string;
  /** The newest first. */
  readonly deployments: Deployment[];
  readonly events: { readonly id: string; readonly createdAt: number; readonly message: string }[];
  /** How the next deployments go; then they succeed. */
  readonly script: Rollout[];
}

export interface DyingTask {
  readonly service: ServiceState;
  readonly deployment: Deployment;
}

export interface RolloutsOptions {
  readonly clock: FakeClock;
  readonly journal: Journal;
  /** Whether the tasks of a revision can start. */
  readonly canStart: (revision: string) => boolean;
  readonly onDeath: (task: DyingTask) => void;
  /** A revision that somebody else would deploy. */
  readonly foreignRevision: (service: ServiceState) => string;
}

const unfinished: readonly ServiceDeploymentStatus[] = [
  "PENDING",
  "IN_PROGRESS",
  "STOP_REQUESTED",
  "ROLLBACK_REQUESTED",
  "ROLLBACK_IN_PROGRESS",
];

export function isUnfinished({ status }: Deployment): boolean {
  return unfinished.includes(status);
}

/** What ECS does with deployments as time goes by. */
export class Rollouts {
  private made = 0;

  constructor(private readonly options: RolloutsOptions) {}

  begin(service: ServiceState, revision: string, rollout = service.script.shift() ?? "succeeds"): void {
    const { journal } = this.options;
    const [before] = service.deployments;
    if (before !== undefined && isUnfinished(before)) this.end(before, "STOPPED", "replaced by another deployment");
    this.made += 1;
    const deployment: Deployment = {
      arn: ecsArn("service-deployment", `${environmentName}/${environmentName}-${service.name}/${this.made}`),
      createdAt: journal.seconds,
      listedAt: journal.seconds + 2,
      revision,
      previous: service.steady,
      rollout,
      status: "PENDING",
    };
    service.deployments.unshift(deployment);
    service.taskDefinition = revision;
    this.after(2, deployment, () => {
      deployment.status = "IN_PROGRESS";
      this.tell(service, `has started ${service.desired} tasks`);
    });
    this.play(service, deployment);
  }

  /** What StopServiceDeployment asks for. */
  requestRollback(service: ServiceState, deployment: Deployment): void {
    deployment.status = "ROLLBACK_REQUESTED";
    this.after(3, deployment, () => this.rollBack(service, deployment, "the deployment was stopped by a user"));
  }

  /** Service that a deployment's tasks belong to says something. */
  tell({ name, events }: ServiceState, message: string): void {
    const createdAt = this.options.journal.seconds;
    events.unshift({
      id: `${name}-${events.length + 1}`,
      createdAt,
      message: `(service ${environmentName}-${name}) ${message}`,
    });
  }

  private play(service: ServiceState, deployment: Deployment): void {
    const die = (...seconds: number[]): void => {
      for (const second of seconds) {
        this.after(second, deployment, () => this.options.onDeath({ service, deployment }));
      }
    };
    const other = (revision: string): void =>
      this.after(3, deployment, () => this.begin(service, revision, "succeeds"));
    const succeed = (seconds: number) => (): void =>
      this.after(seconds, deployment, () => {
        // nothing pulls an image that does not exist, and what is asked to go back does not go on
        const goesOn = deployment.status === "IN_PROGRESS" && this.canRun(service, deployment.revision);
        if (goesOn) this.succeed(service, deployment);
      });
    const acts: Record<Rollout, () => void> = {
      succeeds: succeed(7),
      slow: succeed(40),
      "succeeds anyway": () => this.after(22, deployment, () => this.succeed(service, deployment)),
      "circuit breaker": () => {
        die(4, 7, 10);
        const reason = "Service deployment rolled back because the circuit breaker threshold was exceeded.";
        this.after(11, deployment, () => this.rollBack(service, deployment, reason));
      },
      alarm: () => {
        const reason = "Service deployment rolled back because of an alarm: shop-dev-web-5xx.";
        this.after(11, deployment, () => this.rollBack(service, deployment, reason));
      },
      "rollback fails": () => {
        die(4, 7, 10);
        this.after(11, deployment, () =>
          this.rollBack(service, deployment, "the circuit breaker threshold was exceeded"),
        );
      },
      silent: () =>
        this.after(7, deployment, () => {
          service.taskDefinition = deployment.previous;
          this.end(deployment, "SUCCESSFUL");
        }),
      stuck: () => undefined,
      "stuck for good": () => undefined,
      dying: () => die(...Array.from({ length: 40 }, (_, i) => 4 + 10 * i)),
      replaced: () => other(this.options.foreignRevision(service)),
      "replaced by itself": () => other(deployment.revision),
      stopped: () => this.after(3, deployment, () => this.end(deployment, "STOPPED", "stopped by a user")),
    };
    acts[deployment.rollout]();
  }

  private succeed(service: ServiceState, deployment: Deployment): void {
    service.steady = deployment.revision;
    this.end(deployment, "SUCCESSFUL");
    this.tell(service, "has reached a steady state.");
  }

  private rollBack(service: ServiceState, deployment: Deployment, reason: string): void {
    deployment.status = "ROLLBACK_IN_PROGRESS";
    deployment.rollback = { reason, startedAt: this.options.journal.seconds };
    service.taskDefinition = deployment.previous;
    const tryEnd = (): void => {
      if (deployment.rollout === "rollback fails") this.end(deployment, "ROLLBACK_FAILED", "tasks failed to start");
      else if (this.canRun(service, deployment.previous)) this.end(deployment, "ROLLBACK_SUCCESSFUL", reason);
      else this.after(8, deployment, tryEnd);
    };
    if (deployment.rollout !== "stuck for good") this.after(8, deployment, tryEnd);
  }

  private canRun({ desired }: ServiceState, revision: string): boolean {
    return desired === 0 || this.options.canStart(revision);
  }

  private end(deployment: Deployment, status: ServiceDeploymentStatus, reason?: string): void {
    deployment.status = status;
    if (reason !== undefined) deployment.reason = reason;
  }

  /** Unless the deployment has ended by then. */
  private after(seconds: number, deployment: Deployment, happen: () => void): void {
    this.options.clock.in(seconds * 1000, () => {
      if (isUnfinished(deployment)) happen();
    });
  }
}

/** A deployment as DescribeServiceDeployments tells it. */
export function describedDeployment(service: ServiceState, deployment: Deployment): object {
  const { arn, createdAt, status, reason, rollback, revision } = deployment;
  const running = status === "SUCCESSFUL" ? service.desired : 0;
  return {
    serviceDeploymentArn: arn,
    serviceArn: serviceArn(service.name),
    clusterArn: cluster,
    createdAt,
    status,
    ...(reason === undefined ? {} : { statusReason: reason }),
    targetServiceRevision: {
      arn: revisionArn(service, revision),
      requestedTaskCount: service.desired,
      runningTaskCount: running,
      pendingTaskCount: service.desired - running,
    },
    ...(rollback === undefined
      ? {}
      : { rollback: { ...rollback, serviceRevisionArn: revisionArn(service, deployment.previous) } }),
  };
}

/** ARN of a service revision, with which the task definition can be found again. */
export function revisionArn({ name }: ServiceState, taskDefinition: string): string {
  const revision = taskDefinition.slice(taskDefinition.lastIndexOf("/") + 1);
  return ecsArn("service-revision", `${environmentName}/${environmentName}-${name}/${revision.replace(":", ".")}`);
}
