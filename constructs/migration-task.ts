import { Construct } from "constructs";
import { databaseLogins, type DatabaseLoginsProps } from "./database-logins";
import { migrationSettings, type MigrationInput } from "./settings/fargate-service";
import type { Connectable } from "./shared/connectable";
import type { Grantee } from "./shared/grantee";
import { settingsOf } from "./shared/problems";
import type { MigrationContract } from "./shared/release-contract-v1";
import { TaskSecurityGroup } from "./task-security-group";
import { TaskTemplate, type TaskProps } from "./task-template";

const NAME = "migration";
const CONTAINER = "migrate";
/** The longest that Fargate waits between SIGTERM and SIGKILL: half a migration is worse than a late one. */
const STOP_TIMEOUT_SEC = 120;

export type MigrationTaskProps = TaskProps & {
  readonly settings: MigrationInput;
  /** Logins that the database must have before the schema is changed. */
  readonly logins: DatabaseLoginsProps;
};

/**
 * The template of the task that changes the schema before a release goes out. Terraform never runs it. Its first container makes
 * the logins of the database; the application's own starts only when that ended with 0. It has a security group and roles of its
 * own, since it alone is given the administrator's login.
 */
export class MigrationTask extends Construct implements Connectable, Grantee {
  /** What a release needs to know. */
  public readonly contract: MigrationContract;
  /** The role that starts the task; grant it what `secretVariables` and `logins` name. */
  public readonly executionRole: Grantee;
  public readonly family: string;
  public readonly logGroupName: string;
  public readonly securityGroupId: string;

  private readonly taskRole: Grantee;

  constructor(scope: Construct, id: string, props: MigrationTaskProps) {
    super(scope, id);
    const settings = settingsOf(this, migrationSettings, props.settings);
    const { context, network, logins } = props;
    const first = databaseLogins(logins, settings.loginsImage);
    const template = new TaskTemplate(this, "Template", {
      ...props,
      name: NAME,
      container: CONTAINER,
      settings,
      stopTimeoutSec: STOP_TIMEOUT_SEC,
      first,
    });
    this.securityGroupId = new TaskSecurityGroup(this, "SecurityGroup", {
      context,
      network,
      name: NAME,
      outboundPorts: settings.outboundPorts,
      wornBy: "the task that a release starts",
    }).securityGroupId;

    this.executionRole = template.executionRole;
    this.family = template.family;
    this.logGroupName = template.logGroupName;
    this.taskRole = template.taskRole;
    this.contract = {
      family: template.family,
      containers: [template.container],
      required: [first.name, template.container],
      capacityProvider: settings.spot ? "FARGATE_SPOT" : "FARGATE",
      timeoutSec: settings.timeoutSec,
      ...template.contract(network, this.securityGroupId),
    };
  }

  /** Allow what runs in the container. */
  public allow(sid: string, actions: readonly string[], resources: readonly string[]): void {
    this.taskRole.allow(sid, actions, resources);
  }
}
