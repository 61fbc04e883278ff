/**
 * The release contract, version 1: what Terraform tells the release, as JSON in SSM parameters that are read by path. A release
 * needs nothing else: no state, no outputs. A field is added without another version; a field that changes its meaning or goes
 * is another version.
 */

/** What `ServiceContract.releasedParameter` holds before the first release. */
export const UNRELEASED = "no";

/** Where a task runs. */
export interface PlacementContract {
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly assignPublicIp: boolean;
}

/** What a release makes a revision of, and where that revision says how it went. */
export interface TemplateContract extends PlacementContract {
  /** Revision to take everything from but the image. Its own image, `<repository>:template`, does not exist. */
  readonly templateTaskDefinitionArn: string;
  readonly logGroup: string;
  /** A stream is called `<streamPrefix>/<container>/<task id>`. */
  readonly streamPrefix: string;
  readonly roles: { readonly task: string; readonly execution: string };
  /** URL of the image's repository, without a tag. */
  readonly repository: string;
}

/** `<path>/release/services/<name>` of a service that always runs. */
export interface ServiceContract extends TemplateContract {
  readonly version: 1;
  readonly kind: "web" | "worker";
  readonly serviceArn: string;
  /** Container that gets the image. */
  readonly container: string;
  readonly minTasks: number;
  readonly maxTasks: number;
  /**
   * Resource id of the scalable target, null for a service of fixed size. Only the first release sends numbers: it registers
   * `minTasks` to `maxTasks` and suspends nothing, or sends `minTasks` as the desired count. Later ones leave them to Terraform
   * and to autoscaling.
   */
  readonly scalableTarget: string | null;
  /** Parameter that the release writes its name to, once ECS has taken the new revision; "no" before the first release. */
  readonly releasedParameter: string;
  /**
   * Names of the alarms that make ECS undo a deployment. They must be quiet before one begins: one that rings already would undo
   * it whatever it brings. None for a worker, and where nothing is watched.
   */
  readonly rollbackAlarms: readonly string[];
  /**
   * Names of the alarms that ring while too few tasks run. Their actions are off at first: the first release that succeeds turns
   * them on, scaling to nothing turns them off, and Terraform leaves that alone. None where no task is a good state.
   */
  readonly livenessAlarms: readonly string[];
}

/** `<path>/release/services/<name>` of a service that runs by the clock. */
export interface ScheduleContract extends TemplateContract {
  readonly version: 1;
  readonly kind: "schedule";
  /** The release points the schedule at its revision, and the first one switches it to ENABLED. */
  readonly scheduleName: string;
  readonly scheduleGroup: string;
  readonly container: string;
  readonly releasedParameter: string;
}

/** The task that runs before a release goes out. */
export interface MigrationContract extends TemplateContract {
  readonly family: string;
  /** Containers that get the image. */
  readonly containers: readonly string[];
  /** Containers that must end with 0, in the order in which they run. */
  readonly required: readonly string[];
  readonly capacityProvider: "FARGATE" | "FARGATE_SPOT";
  /** Seconds after which a release gives up. */
  readonly timeoutSec: number;
}

/** `<path>/release/environment`. */
export interface EnvironmentContract {
  readonly version: 1;
  /** ARN of the cluster. */
  readonly cluster: string;
  /** null where the environment has no migrations. */
  readonly migration: MigrationContract | null;
  /** What must answer 200 after a release; null where nothing is reached from outside. */
  readonly smokeUrl: string | null;
  /** Repository whose build a release names; null where nothing has an image. */
  readonly repository: string | null;
}
