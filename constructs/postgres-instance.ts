import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import type { DbInstance, DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import { Construct } from "constructs";
import type { Monitoring } from "./monitoring";
import type { PostgresDatabaseSettings } from "./settings/postgres-database";
import { exceptLogGroup } from "./shared/common-scan-exceptions";
import type { Context } from "./shared/context";
import { exceptAllFromScan } from "./shared/scan-exception";

/** What RDS exports to CloudWatch Logs. */
const LOGS = ["postgresql", "upgrade"] as const;

/** The authority that signs the server's certificate; its root is among `rdsCertificates`. */
const CA_CERTIFICATE = "rds-ca-rsa2048-g1";

/** What all instances of a database have in common. */
export interface PostgresInstanceProps {
  readonly context: Context;
  readonly settings: PostgresDatabaseSettings;
  readonly port: number;
  readonly securityGroupId: string;
  /** Absent where nobody is to learn of anything. */
  readonly monitoring: Monitoring | undefined;
  /** Absent where operating-system measurements are off. */
  readonly monitoringRoleArn: string | undefined;
  /** Absent for the account's own RDS key. */
  readonly kmsKeyArn: string | undefined;
}

/** What every instance has, replicas too. */
export function commonOf(props: PostgresInstanceProps) {
  const { context, settings, port, securityGroupId, monitoringRoleArn, kmsKeyArn } = props;
  const { storageGiB, maxStorageGiB, monitoringIntervalSec, performanceInsights } = settings;
  const insightsKey = kmsKeyArn === undefined ? {} : { performanceInsightsKmsKeyId: kmsKeyArn };
  return {
    instanceClass: `db.${settings.instanceClass}`,
    storageType: "gp3",
    // with it the provider takes a disk that has grown by itself for no drift; AWS refuses a limit that is the size itself
    ...(maxStorageGiB === storageGiB ? {} : { maxAllocatedStorage: maxStorageGiB }),
    port,
    publiclyAccessible: false,
    vpcSecurityGroupIds: [securityGroupId],
    iamDatabaseAuthenticationEnabled: true,
    caCertIdentifier: CA_CERTIFICATE,
    performanceInsightsEnabled: performanceInsights,
    ...(performanceInsights ? { performanceInsightsRetentionPeriod: 7, ...insightsKey } : {}),
    monitoringInterval: monitoringIntervalSec,
    ...(monitoringRoleArn === undefined ? {} : { monitoringRoleArn }),
    enabledCloudwatchLogsExports: [...LOGS],
    copyTagsToSnapshot: true,
    autoMinorVersionUpgrade: settings.minorUpgrades,
    maintenanceWindow: settings.maintenanceWindow,
    applyImmediately: context.applyNow,
    // restores of large disks and changes of Multi-AZ instances take longer than the provider's 40 and 80 minutes
    timeouts: { create: "180m", update: "180m" },
  } as const satisfies Partial<DbInstanceConfig>;
}

/** The groups that RDS writes to, made before it would make them itself without retention. */
export function createLogGroups(
  scope: Construct,
  identifier: string,
  { logRetentionDays }: PostgresDatabaseSettings,
): CloudwatchLogGroup[] {
  const groups = new Construct(scope, "LogGroups");
  return LOGS.map((log) => {
    const group = new CloudwatchLogGroup(groups, log === "postgresql" ? "Postgresql" : "Upgrade", {
      name: `/aws/rds/instance/${identifier}/${log}`,
      retentionInDays: logRetentionDays,
    });
    exceptLogGroup(group, logRetentionDays, "database.logRetentionDays");
    return group;
  });
}

/** What the scan wants of every instance and the settings have switched off. */
export function exceptInstance(instance: DbInstance, { settings, kmsKeyArn }: PostgresInstanceProps): void {
  const { minorUpgrades, monitoringIntervalSec, performanceInsights } = settings;
  exceptAllFromScan(instance, {
    ...(monitoringIntervalSec > 0
      ? {}
      : {
          CKV_AWS_118:
            "database.monitoringIntervalSec is 0: alarms read what RDS measures anyway, and the logs of the rest are paid for",
        }),
    ...(minorUpgrades
      ? {}
      : { CKV_AWS_226: "database.minorUpgrades is off: whoever switches it off installs minor versions by hand" }),
    ...(performanceInsights
      ? {}
      : { CKV_AWS_353: "database.performanceInsights is off, as the environment's file says" }),
    ...(performanceInsights && kmsKeyArn === undefined
      ? {
          CKV_AWS_354:
            'encrypted with the account\'s own RDS key, as the database is: database.encryptionKey "customer" changes both, for a new instance',
        }
      : {}),
  });
}
