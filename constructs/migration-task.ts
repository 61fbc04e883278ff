import { Construct } from "constructs";
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

export type MigrationTaskProps = TaskProps & { readonly settings: MigrationInput };

/**
 * The template of the task that changes the schema before a release goes out. Terraform never runs it. It has a security group
 * and roles of its own, since it alone is given the administrator's login.
 */
export class MigrationTask extends Construct implements Connectable, Grantee {
  /** What a release needs to know. */
  public readonly contract: MigrationContract;
  /** The role that starts the task; grant it what `secretVariables` name. */
  public readonly executionRole: Grantee;
  public readonly family: string;
  public readonly logGroupName: string;
  public readonly securityGroupId: string;

  private readonly taskRole: Grantee;

  constructor(scope: Construct, id: string, props: MigrationTaskProps) {
    super(scope, id);
    const settings = settingsOf(this, migrationSettings, props.settings);
    const { context, network } = props;
    const template = new TaskTemplate(this, "Template", {
      ...props,
      name: NAME,
      container: CONTAINER,
      settings,
      stopTimeoutSec: STOP_TIMEOUT_SEC,
    });
    this.securityGroupId = new TaskSecurityGroup(this, "SecurityGroup", {
      context,
      network,
      name: NAME,
      outboundPorts: settings.outboundPorts,
    }).securityGroupId;

    this.executionRole = template.executionRole;
    this.family = template.family;
    this.logGroupName = template.logGroupName;
    this.taskRole = template.taskRole;
    this.contract = {
      family: template.family,
      containers: [template.container],
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
