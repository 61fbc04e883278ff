import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { Construct } from "constructs";
import { postgresReplicaAlarms } from "./alarms/postgres-alarms";
import { watchAll } from "./alarms/watch-all";
import type { PostgresGeneration } from "./postgres-generation";
import { commonOf, createLogGroups, exceptInstance, type PostgresInstanceProps } from "./postgres-instance";
import { protectionOf } from "./shared/protection";
import { exceptAllFromScan } from "./shared/scan-exception";

export interface PostgresReplicaProps extends PostgresInstanceProps {
  /** Last part of the identifier. */
  readonly name: string;
  /** The instance that it follows. */
  readonly source: PostgresGeneration;
}

/**
 * A read replica. It holds nothing of its own, so it has neither deletion protection nor backups nor a final snapshot: taking
 * its name out of the settings removes it. Logins, databases and disk are those of its source.
 */
export class PostgresReplica extends Construct {
  public readonly address: string;
  public readonly identifier: string;
  public readonly name: string;

  constructor(scope: Construct, id: string, props: PostgresReplicaProps) {
    super(scope, id);
    const { context, monitoring, settings, source, name } = props;
    const identifier = `${source.identifier}-${name}`;
    const instance = new DbInstance(this, "Resource", {
      ...commonOf(props),
      identifier,
      replicateSourceDb: source.instance.identifier,
      storageEncrypted: true,
      multiAz: false,
      parameterGroupName: source.parameterGroupName,
      backupRetentionPeriod: 0,
      deletionProtection: false,
      deleteAutomatedBackups: true,
      skipFinalSnapshot: true,
      dependsOn: createLogGroups(this, identifier, settings),
      lifecycle: { preventDestroy: protectionOf(context).protect },
    });
    exceptInstance(instance, props);
    exceptAllFromScan(instance, {
      CKV_AWS_133: "a replica holds nothing of its own: its source is backed up",
      CKV_AWS_157: "a replica that fails is made again from its source, which is what Multi-AZ is for",
      CKV_AWS_293: "a replica holds nothing of its own: taking its name out of the settings removes it",
    });
    watchAll(
      this,
      monitoring,
      postgresReplicaAlarms({ name: `db-${source.generation}-${name}`, identifier: instance.identifier, settings }),
    );

    this.address = instance.address;
    this.identifier = instance.identifier;
    this.name = name;
  }
}
