import {
  type DBInstance,
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  paginateDescribeDBSnapshots,
  RDSClient,
} from "@aws-sdk/client-rds";
import { errorName } from "./errors";
import { clientSettings } from "./client-settings";

/** A copy of data that outlives the environment. */
export interface KeptCopy {
  readonly kind: "snapshot" | "automated backup";
  readonly name: string;
}

/** Where an instance is. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly name: string;
}

/** The RDS calls that Terraform does not make. */
export class Databases {
  private readonly client: RDSClient;

  constructor(env: Readonly<Record<string, string>>, region: string) {
    this.client = new RDSClient(clientSettings(env, region, "RDS"));
  }

  /** `creating`, `available`, ...; none when there is no such instance. */
  async status(identifier: string): Promise<string | undefined> {
    return (await this.instance(identifier))?.DBInstanceStatus;
  }

  /** None when there is no such instance, or it has no address yet. */
  async address(identifier: string): Promise<DatabaseAddress | undefined> {
    const { Endpoint: endpoint, DBName: name } = (await this.instance(identifier)) ?? {};
    if (endpoint?.Address === undefined || endpoint.Port === undefined) return undefined;
    return { host: endpoint.Address, port: endpoint.Port, name: name ?? "postgres" };
  }

  /** Snapshots and retained backups of instances whose identifier starts with `prefix`. */
  async kept(prefix: string): Promise<KeptCopy[]> {
    const copies: KeptCopy[] = [];
    for await (const { DBSnapshots: snapshots = [] } of paginateDescribeDBSnapshots({ client: this.client }, {})) {
      for (const { DBInstanceIdentifier: instance, DBSnapshotIdentifier: name, SnapshotType: type } of snapshots) {
        // automated snapshots go with the instance, or are part of the retained backup
        if (type !== "automated" && instance?.startsWith(prefix) === true && name !== undefined) {
          copies.push({ kind: "snapshot", name });
        }
      }
    }
    return [...copies, ...(await this.retainedBackups(prefix))];
  }

  private async instance(identifier: string): Promise<DBInstance | undefined> {
    try {
      const { DBInstances: found = [] } = await this.client.send(
        new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }),
      );
      return found[0];
    } catch (error) {
      if (["DBInstanceNotFoundFault", "DBInstanceNotFound"].includes(errorName(error))) return undefined;
      throw error;
    }
  }

  private async retainedBackups(prefix: string): Promise<KeptCopy[]> {
    const { DBInstanceAutomatedBackups: backups = [] } = await this.client.send(
      new DescribeDBInstanceAutomatedBackupsCommand({ Filters: [{ Name: "status", Values: ["retained"] }] }),
    );
    return backups
      .filter(({ DBInstanceIdentifier: instance }) => instance?.startsWith(prefix) === true)
      .map(({ DBInstanceIdentifier: instance, DbiResourceId: id }) => ({
        kind: "automated backup" as const,
        name: `${instance ?? ""} (${id ?? "no id"})`,
      }));
  }
}
