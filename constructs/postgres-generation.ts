import { DbInstance, type DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import { DbParameterGroup } from "@cdktf/provider-aws/lib/db-parameter-group";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { postgresAlarms } from "./alarms/postgres-alarms";
import { watchAll } from "./alarms/watch-all";
import { commonOf, createLogGroups, exceptInstance, type PostgresInstanceProps } from "./postgres-instance";
import type { PostgresDatabaseSettings } from "./settings/postgres-database";
import type { Context } from "./shared/context";
import { databaseIdentifier } from "./shared/database-names";
import { postgresParameters } from "./shared/postgres-parameters";
import { protectionOf } from "./shared/protection";
import { exceptAllFromScan } from "./shared/scan-exception";
import { TerraformData } from "./shared/terraform-data";
import { WriteOnlySecret } from "./write-only-secret";

/** Name of the administrator; not `postgres`, which every attacker tries first. Fixed once an instance exists. */
const MASTER_USER = "dbadmin";

/** Size from which RDS stripes a gp3 disk. */
const STRIPED_GIB = 400;

export interface PostgresGenerationProps extends PostgresInstanceProps {
  readonly generation: number;
  readonly subnetGroupName: string;
  /** What must exist first: the instance that this one is restored from, if it is one of the same database. */
  readonly after: readonly ITerraformDependable[];
}

type Restore = NonNullable<PostgresDatabaseSettings["restore"]>;

/**
 * One instance of a database, with what belongs to it alone: its log groups, parameters, master password, and a record of how
 * it was made.
 *
 * Some settings act only when the instance is made: `restore`, `databaseName`, `encryptionKey`. To change one for a live
 * instance is refused by the plan, with a sentence that says what to do instead.
 */
export class PostgresGeneration extends Construct {
  public readonly address: string;
  public readonly generation: number;
  public readonly identifier: string;
  public readonly instance: DbInstance;
  public readonly masterSecretArn: string;
  public readonly parameterGroupName: string;
  /** What RDS knows it by for IAM authentication; not the identifier. */
  public readonly resourceId: string;

  constructor(scope: Construct, id: string, props: PostgresGenerationProps) {
    super(scope, id);
    this.generation = props.generation;
    this.identifier = identifierOf(props.context, props.generation);
    this.parameterGroupName = this.createParameterGroup(props);
    const master = this.createMasterSecret(props);
    this.instance = this.createInstance(props, master);
    this.createOrigin(props, this.instance);
    this.createAlarms(props, this.instance);

    this.address = this.instance.address;
    this.masterSecretArn = master?.arn ?? this.instance.masterUserSecret.get(0).secretArn;
    this.resourceId = this.instance.resourceId;
  }

  /** A new name for each major version, made before the old group goes: an upgrade moves the instance from one to the other. */
  private createParameterGroup({ generation, settings }: PostgresGenerationProps): string {
    const { version, slowStatementMs, parameters } = settings;
    return new DbParameterGroup(this, "Parameters", {
      namePrefix: `${this.identifier}-pg${version}-`,
      description: `PostgreSQL ${version}, generation ${generation}`,
      family: `postgres${version}`,
      parameter: postgresParameters(slowStatementMs, parameters),
      lifecycle: { createBeforeDestroy: true },
    }).name;
  }

  private createMasterSecret(props: PostgresGenerationProps): WriteOnlySecret | undefined {
    const { context, generation, settings } = props;
    if (settings.masterPassword === "rds") return undefined;
    return new WriteOnlySecret(this, "MasterSecret", {
      context,
      name: `database/master-${generation}`,
      description: `Administrator of database generation ${generation}`,
      version: settings.masterPasswordVersion,
      // the keys that RDS uses for passwords of its own making
      value: (password) => ({ username: MASTER_USER, password: `\${${password}}` }),
    });
  }

  private createInstance(props: PostgresGenerationProps, master: WriteOnlySecret | undefined): DbInstance {
    const { context, generation, settings, kmsKeyArn, subnetGroupName, after } = props;
    const guarded = protectionOf(context).protect && !settings.unguardedGenerations.includes(generation);
    const restore = settings.restore?.generation === generation ? settings.restore : undefined;
    const instance = new DbInstance(this, "Resource", {
      ...commonOf(props),
      identifier: this.identifier,
      engine: "postgres",
      // the major version alone, so that a minor upgrade is no drift
      engineVersion: settings.version,
      // raising `version` is the decision; without this the change would be refused
      allowMajorVersionUpgrade: true,
      storageEncrypted: true,
      ...(kmsKeyArn === undefined ? {} : { kmsKeyId: kmsKeyArn }),
      ...(restore === undefined ? freshOf(settings) : restoreOf(restore)),
      multiAz: settings.multiAz,
      dbSubnetGroupName: subnetGroupName,
      parameterGroupName: this.parameterGroupName,
      ...(master === undefined
        ? { manageMasterUserPassword: true }
        : { passwordWo: master.stored("password"), passwordWoVersion: settings.masterPasswordVersion }),
      backupRetentionPeriod: settings.backupRetentionDays,
      backupWindow: settings.backupWindow,
      deletionProtection: guarded,
      deleteAutomatedBackups: !protectionOf(context).protect,
      skipFinalSnapshot: !protectionOf(context).protect,
      finalSnapshotIdentifier: `${this.identifier}-${this.createSnapshotSuffix()}`,
      dependsOn: [...createLogGroups(this, this.identifier, settings), ...after],
      lifecycle: {
        preventDestroy: guarded,
        // they act when the instance is made; afterwards neither a removed `restore` nor the names in a foreign snapshot count
        ignoreChanges: ["snapshot_identifier", "restore_to_point_in_time", "db_name", "username"],
      },
    });
    exceptInstance(instance, props);
    exceptAllFromScan(instance, {
      ...(settings.multiAz
        ? {}
        : {
            CKV_AWS_157:
              "database.multiAz is off: a standby doubles the price, and is switched on in place by whoever cannot wait for a restore",
          }),
      ...(settings.backupRetentionDays > 0
        ? {}
        : { CKV_AWS_133: "database.backupRetentionDays is 0, which only a temporary environment may say" }),
      ...(guarded
        ? {}
        : {
            CKV_AWS_293: "goes with its temporary environment, or is a generation out of use whose guards were lowered",
          }),
    });
    return instance;
  }

  /** A name that no snapshot has yet: the one of an instance before, which had the same identifier, may still be there. */
  private createSnapshotSuffix(): string {
    return new TerraformData(this, "FinalSnapshot").id;
  }

  /**
   * How the instance was made, recorded once it exists and never changed. Asking for another origin fails the plan. A record
   * of a creation that failed does not exist yet, so a wrong snapshot name can be corrected.
   */
  private createOrigin({ generation, settings }: PostgresGenerationProps, instance: DbInstance): void {
    const { databaseName, encryptionKey } = settings;
    const restore = settings.restore?.generation === generation ? textOf(settings.restore) : undefined;
    const fixed = (field: string, key: string, value: string): { condition: string; errorMessage: string } => ({
      condition: `\${self.output.${key} == "${value}"}`,
      errorMessage: `${field} must stay "\${self.output.${key}}" while database generation ${generation} is live, got "${value}": it acts only when an instance is made`,
    });
    new TerraformData(this, "Origin", {
      input: { database_name: databaseName, encryption_key: encryptionKey, restore: restore ?? "none" },
      dependsOn: [instance],
      lifecycle: {
        ignoreChanges: ["input"],
        postcondition: [
          fixed("database.databaseName", "database_name", databaseName),
          fixed("database.encryptionKey", "encryption_key", encryptionKey),
          ...(restore === undefined
            ? []
            : [
                {
                  condition: `\${self.output.restore == "${restore}"}`,
                  errorMessage: `database.restore must name a generation that does not exist yet, got ${generation}, which is live: restore acts only when an instance is made, so add the next number to database.otherGenerations and restore that one`,
                },
              ]),
        ],
      },
    });
  }

  private createAlarms({ generation, settings, monitoring }: PostgresGenerationProps, instance: DbInstance): void {
    // by reference: an alarm that is there before the instance would say that it is dead
    const { identifier } = instance;
    watchAll(this, monitoring, postgresAlarms({ name: `db-${generation}`, identifier, settings }));
  }
}

/** The identifier of a generation's instance. */
export function identifierOf(context: Context, generation: number): string {
  return databaseIdentifier(context.name, generation);
}

/** What only an empty instance is given: a restored one brings names and disk from its source. */
function freshOf({ databaseName, storageGiB }: PostgresDatabaseSettings): Partial<DbInstanceConfig> {
  return { username: MASTER_USER, dbName: databaseName, allocatedStorage: storageGiB, ...baselineOf(storageGiB) };
}

/**
 * The speed that a gp3 disk of this size has by itself. It grows fourfold at 400 GiB, where AWS refuses the smaller figures
 * that the provider would send along; below it AWS takes none. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html
 */
function baselineOf(storageGiB: number): Partial<DbInstanceConfig> {
  return storageGiB < STRIPED_GIB ? {} : { iops: 12_000, storageThroughput: 500 };
}

function restoreOf(restore: Restore): Partial<DbInstanceConfig> {
  if ("snapshot" in restore) return { snapshotIdentifier: restore.snapshot };
  const when = restore.at === "latest" ? { useLatestRestorableTime: true } : { restoreTime: restore.at };
  return { restoreToPointInTime: { sourceDbInstanceIdentifier: restore.instance, ...when } };
}

/** A restore in words, as it is recorded. */
function textOf(restore: Restore): string {
  return "snapshot" in restore ? `snapshot ${restore.snapshot}` : `instance ${restore.instance} at ${restore.at}`;
}
