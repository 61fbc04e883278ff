import { DbSubnetGroup } from "@cdktf/provider-aws/lib/db-subnet-group";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Construct } from "constructs";
import { ApplicationCredentials } from "./application-credentials";
import { EncryptionKey } from "./encryption-key";
import { EnhancedMonitoringRole } from "./enhanced-monitoring-role";
import type { Monitoring } from "./monitoring";
import { PostgresEvents } from "./postgres-events";
import { identifierOf, PostgresGeneration } from "./postgres-generation";
import type { PostgresInstanceProps } from "./postgres-instance";
import { PostgresReplica } from "./postgres-replica";
import {
  postgresDatabaseSettings,
  type PostgresDatabaseInput,
  type PostgresDatabaseSettings,
} from "./settings/postgres-database";
import type { Connectable } from "./shared/connectable";
import type { Context } from "./shared/context";
import type { DatabaseRole } from "./shared/database-names";
import type { Grantee } from "./shared/grantee";
import type { NetworkLike } from "./shared/network-like";
import { pascalCase } from "./shared/pascal-case";
import { settingsOf } from "./shared/problems";

const PORT = 5432;

/** Second half of the scope's name: addresses are for good. */
const SCOPES: Readonly<Record<DatabaseRole, string>> = { app: "Credentials", migrator: "MigratorCredentials" };

export type PostgresDatabaseProps = PostgresDatabaseInput & {
  readonly context: Context;
  readonly network: Pick<NetworkLike, "vpcId" | "isolatedSubnetIds">;
  /** Who learns of what its instances lack, and of what RDS does with them. Default: nobody, no alarms. */
  readonly monitoring?: Monitoring | undefined;
};

interface Shared extends PostgresInstanceProps {
  readonly subnetGroupName: string;
}

/**
 * A PostgreSQL database that nothing can reach until `allowFrom` says so, and that nobody reaches without TLS.
 *
 * It consists of generations: instances beside each other, of which the application uses one. A restore makes another
 * generation, a switch changes which one is used, and the one before is removed afterwards; no step touches a live instance.
 */
export class PostgresDatabase extends Construct implements Connectable {
  /** The application's login on the generation in use, which reads and writes rows. */
  public readonly credentials: ApplicationCredentials;
  /** The login of its migrations there, which owns tables; for nothing that keeps running. */
  public readonly migratorCredentials: ApplicationCredentials;
  public readonly databaseName: string;
  /** Host name of the generation in use. */
  public readonly endpoint: string;
  /** Identifier of the generation in use. */
  public readonly identifier: string;
  public readonly identifiersByGeneration: Readonly<Record<number, string>>;
  /**
   * Secret of the administrator (`username`, `password`) of the generation in use. RDS changes the password of its own making
   * every seven days: read it when it is needed, and never hand it to something that keeps running.
   */
  public readonly masterSecretArn: string;
  public readonly port = PORT;
  /** Host names of the read replicas; they follow the generation in use. */
  public readonly replicaEndpointsByName: Readonly<Record<string, string>>;
  /** What IAM authentication knows the generation in use by. */
  public readonly resourceId: string;
  public readonly securityGroupId: string;

  private readonly context: Context;

  constructor(scope: Construct, id: string, { context, network, monitoring, ...input }: PostgresDatabaseProps) {
    super(scope, id);
    const settings = settingsOf(this, postgresDatabaseSettings, input);
    const shared = this.createShared(context, network, monitoring, settings);
    const generations = this.createGenerations(shared);
    const inUse = only(generations, settings.generation);
    const replicas = this.createReplicas(shared, inUse);
    this.createEvents(
      shared,
      [...generations.values()].map(({ instance }) => instance.identifier),
      replicas,
    );

    this.context = context;
    this.credentials = this.createCredentials("app", shared, generations);
    this.migratorCredentials = this.createCredentials("migrator", shared, generations);
    this.databaseName = settings.databaseName;
    this.endpoint = inUse.address;
    this.identifier = inUse.identifier;
    this.identifiersByGeneration = Object.fromEntries([...generations].map(([n, { identifier }]) => [n, identifier]));
    this.masterSecretArn = inUse.masterSecretArn;
    this.replicaEndpointsByName = Object.fromEntries(replicas.map(({ name, address }) => [name, address]));
    this.resourceId = inUse.resourceId;
    this.securityGroupId = shared.securityGroupId;
  }

  /** Let `peer` open connections to every instance of the database. */
  public allowFrom(peer: Connectable): void {
    const between = { ipProtocol: "tcp", fromPort: PORT, toPort: PORT };
    // both rules belong to the peer, so that a peer in another stack depends on this one and not the other way round
    new VpcSecurityGroupIngressRule(peer, `Into${this.node.id}`, {
      securityGroupId: this.securityGroupId,
      referencedSecurityGroupId: peer.securityGroupId,
      description: `PostgreSQL from ${peer.node.id}`,
      ...between,
    });
    new VpcSecurityGroupEgressRule(peer, `To${this.node.id}`, {
      securityGroupId: peer.securityGroupId,
      referencedSecurityGroupId: this.securityGroupId,
      description: `PostgreSQL of ${this.node.id}`,
      ...between,
    });
  }

  /** Let `grantee` read the administrator's name and password. */
  public grantMasterSecretRead(grantee: Grantee): void {
    grantee.allow(`Read${this.node.id}MasterSecret`, ["secretsmanager:GetSecretValue"], [this.masterSecretArn]);
  }

  /**
   * Let `grantee` log in as database user `user` with a token in place of a password. The user must be a member of `rds_iam`,
   * which takes its password away: `app_iam`, which may do what the application may, or one that you make.
   */
  public grantConnect(grantee: Grantee, user: string): void {
    const { region, account } = this.context;
    grantee.allow(
      `ConnectTo${this.node.id}As${pascalCase(user)}`,
      ["rds-db:connect"],
      [`arn:aws:rds-db:${region}:${account}:dbuser:${this.resourceId}/${user}`],
    );
  }

  private createShared(
    context: Context,
    network: PostgresDatabaseProps["network"],
    monitoring: Monitoring | undefined,
    settings: PostgresDatabaseSettings,
  ): Shared {
    const name = `${context.name}-db`;
    const subnetGroup = new DbSubnetGroup(this, "SubnetGroup", {
      name,
      description: "Isolated subnets",
      subnetIds: [...network.isolatedSubnetIds],
    });
    // no rules: it answers whoever `allowFrom` lets in, and opens no connection itself
    const securityGroup = new SecurityGroup(this, "SecurityGroup", {
      name,
      description: "PostgreSQL",
      vpcId: network.vpcId,
      tags: { Name: name },
    });
    const key =
      settings.encryptionKey === "customer"
        ? new EncryptionKey(this, "EncryptionKey", { context, name: "db" })
        : undefined;
    const monitoringRole =
      settings.monitoringIntervalSec > 0 ? new EnhancedMonitoringRole(this, "MonitoringRole", { context }) : undefined;
    return {
      context,
      monitoring,
      settings,
      port: PORT,
      securityGroupId: securityGroup.id,
      subnetGroupName: subnetGroup.name,
      kmsKeyArn: key?.arn,
      monitoringRoleArn: monitoringRole?.arn,
    };
  }

  /** All instances; the one that another is restored from comes first. */
  private createGenerations(shared: Shared): ReadonlyMap<number, PostgresGeneration> {
    const { context, settings } = shared;
    const { restore } = settings;
    const made = new Map<number, PostgresGeneration>();
    const last = (n: number): number => (n === restore?.generation ? 1 : 0);
    for (const generation of [settings.generation, ...settings.otherGenerations].sort((a, b) => last(a) - last(b))) {
      const isSource = (n: number): boolean =>
        restore?.generation === generation && "instance" in restore && restore.instance === identifierOf(context, n);
      const after = [...made].filter(([n]) => isSource(n)).map(([, source]) => source.instance);
      made.set(generation, new PostgresGeneration(this, `Generation${generation}`, { ...shared, generation, after }));
    }
    return made;
  }

  /** Logins on every generation; returns those on the one in use. */
  private createCredentials(
    role: DatabaseRole,
    { context, settings }: Shared,
    generations: ReadonlyMap<number, PostgresGeneration>,
  ): ApplicationCredentials {
    const create = (generation: number, beside: readonly ApplicationCredentials[]): ApplicationCredentials =>
      new ApplicationCredentials(this, `Generation${generation}${SCOPES[role]}`, {
        context,
        role,
        generation,
        host: only(generations, generation).address,
        port: PORT,
        databaseName: settings.databaseName,
        rotation: settings.credentialRotation,
        beside,
      });
    return create(
      settings.generation,
      settings.otherGenerations.map((generation) => create(generation, [])),
    );
  }

  private createReplicas(shared: Shared, source: PostgresGeneration): readonly PostgresReplica[] {
    const { readReplicas, generation } = shared.settings;
    // a replica cannot change its source, so a switch of generations is another replica
    return readReplicas.map(
      (name) =>
        new PostgresReplica(this, `Generation${generation}Replica${pascalCase(name)}`, { ...shared, name, source }),
    );
  }

  private createEvents(
    { context, monitoring }: Shared,
    generations: readonly string[],
    replicas: readonly PostgresReplica[],
  ): void {
    if (monitoring === undefined) return;
    const identifiers = [...generations, ...replicas.map(({ identifier }) => identifier)];
    new PostgresEvents(this, "Events", { context, topicArn: monitoring.topicArn, identifiers });
  }
}

function only<T>(byGeneration: ReadonlyMap<number, T>, generation: number): T {
  const found = byGeneration.get(generation);
  if (found === undefined) throw new Error(`no generation ${generation} among ${[...byGeneration.keys()].join(", ")}`);
  return found;
}
