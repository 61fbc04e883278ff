import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { ContainerRegistry } from "../constructs/container-registry";
import { FargateCluster } from "../constructs/fargate-cluster";
import { FargateSchedule } from "../constructs/fargate-schedule";
import { FargateService } from "../constructs/fargate-service";
import { LoadBalancer } from "../constructs/load-balancer";
import { MigrationTask } from "../constructs/migration-task";
import { Network } from "../constructs/network";
import { PostgresDatabase } from "../constructs/postgres-database";
import { ReleaseContract } from "../constructs/release-contract";
import { ServiceSecrets } from "../constructs/service-secrets";
import type { Context } from "../constructs/shared/context";
import { pascalCase } from "../constructs/shared/pascal-case";
import { rdsCertificates } from "../constructs/shared/rds-certificates";
import type { TaskProps } from "../constructs/task-template";
import type { Environment } from "../environments/environment";
import type { Project } from "../environments/project-schema";
import { contextOf } from "./context-of";
import { setUpTerraform, type State } from "./terraform-settings";

export interface EnvironmentStackProps {
  readonly project: Project;
  readonly environment: Environment;
  readonly account: string;
  readonly applyNow: boolean;
  readonly state: State;
  readonly providerVersion?: string | undefined;
}

type Service = FargateService | FargateSchedule;
type WebSettings = Extract<Environment["services"][string], { readonly kind: "web" }>;

/**
 * Everything of one environment, in one graph: what is in it needs each other's addresses, and every further stack in a row costs
 * minutes. docs/decisions/0001-stack-split.md weighs it.
 */
export class EnvironmentStack extends TerraformStack {
  private readonly cluster: FargateCluster;
  private readonly context: Context;
  private readonly database: PostgresDatabase;
  /** Certificates of the region that no system store has. */
  private readonly databaseCertificates: string;
  private readonly environment: Environment;
  private readonly loadBalancer: LoadBalancer;
  private readonly network: Network;
  private readonly project: Project;
  private readonly secrets: ServiceSecrets;

  constructor(scope: Construct, id: string, props: EnvironmentStackProps) {
    super(scope, id);
    const { project, environment, account, applyNow, state, providerVersion } = props;
    const { region } = project;
    const { lifetime, network, database, loadBalancer, containerInsights } = environment;
    const context = contextOf({ project, name: id, account, region, lifetime, applyNow });
    setUpTerraform(this, { project: project.name, account, region, state, providerVersion, tags: context.tags });

    this.context = context;
    this.environment = environment;
    this.project = project;
    this.network = new Network(this, "Network", { context, ...network });
    this.database = new PostgresDatabase(this, "Database", { context, network: this.network, ...database });
    this.databaseCertificates = rdsCertificates(region);
    this.loadBalancer = new LoadBalancer(this, "LoadBalancer", {
      context,
      network: this.network,
      domain: this.domain(),
      hosts: this.webServices().flatMap(([, { route }]) => (route.host === undefined ? [] : [route.host])),
      ...loadBalancer,
    });
    this.cluster = new FargateCluster(this, "Cluster", { context, containerInsights });

    this.secrets = this.createSecrets();

    const services = this.createServices();
    const migration = this.createMigration();
    const contract = new ReleaseContract(this, "ReleaseContract", {
      context,
      cluster: this.cluster,
      services,
      migration,
      smokeUrl: this.smokeUrl(),
    });
    this.addOutputs(contract, services, migration);
  }

  private domain() {
    const { domain } = this.environment;
    const { publicZone } = this.project;
    if ("none" in domain || "none" in publicZone) return { none: true } as const;
    return { name: domain.name, zoneId: publicZone.id };
  }

  private webServices(): (readonly [string, WebSettings])[] {
    return Object.entries(this.environment.services).flatMap(([name, settings]) =>
      settings.kind === "web" ? [[name, settings] as const] : [],
    );
  }

  private createSecrets(): ServiceSecrets {
    const { services, migrations } = this.environment;
    const users = [...Object.values(services), ...("none" in migrations ? [] : [migrations])];
    return new ServiceSecrets(this, "Secrets", {
      context: this.context,
      names: users.flatMap(({ secrets }) => secrets),
    });
  }

  private createServices(): Service[] {
    const { environment, loadBalancer, secrets } = this;
    return Object.entries(environment.services).map(([serviceName, settings]) => {
      const props = this.taskProps(settings.repository, secrets.variablesFor(settings.secrets));
      const id = `${pascalCase(serviceName)}Service`;
      const service =
        settings.kind === "schedule"
          ? new FargateSchedule(this, id, { ...props, serviceName, settings })
          : new FargateService(this, id, {
              ...props,
              serviceName,
              settings,
              exec: environment.exec,
              ...(settings.kind === "web" ? { loadBalancer } : {}),
            });
      secrets.grantRead(service.executionRole, settings.secrets);
      this.database.credentials.grantRead(service.executionRole);
      this.database.allowFrom(service);
      return service;
    });
  }

  private createMigration(): MigrationTask | undefined {
    const { migrations } = this.environment;
    if ("none" in migrations) return undefined;
    const { database, secrets } = this;
    const migration = new MigrationTask(this, "Migration", {
      ...this.taskProps(migrations.repository, {
        ...secrets.variablesFor(migrations.secrets),
        DATABASE_ADMIN_USER: `${database.masterSecretArn}:username::`,
        DATABASE_ADMIN_PASSWORD: `${database.masterSecretArn}:password::`,
      }),
      settings: migrations,
    });
    secrets.grantRead(migration.executionRole, migrations.secrets);
    database.grantMasterSecretRead(migration.executionRole);
    database.credentials.grantRead(migration.executionRole);
    database.allowFrom(migration);
    return migration;
  }

  /** What every task of this environment is given. */
  private taskProps(repository: string, secretVariables: Readonly<Record<string, string>>): TaskProps {
    const { account, region } = this.project.registry;
    return {
      context: this.context,
      cluster: this.cluster,
      network: this.network,
      repositoryUrl: ContainerRegistry.repositoryUrl({ account, region, project: this.project.name, repository }),
      logRetentionDays: this.environment.logRetentionDays,
      variables: { DATABASE_CA: this.databaseCertificates },
      secretVariables: { ...this.database.credentials.secretVariables, ...secretVariables },
    };
  }

  /** Where a release looks whether the environment answers: the health check of a service that requests for it come to. */
  private smokeUrl(): string | undefined {
    const reached = this.webServices().flatMap(([, { route, healthCheckPath }]) => {
      const { host, path } = route;
      if (host?.startsWith("*.") === true) return [];
      if (path !== "/" && healthCheckPath !== path && !healthCheckPath.startsWith(`${path}/`)) return [];
      return [{ host, url: `${host === undefined ? this.loadBalancer.url : `https://${host}`}${healthCheckPath}` }];
    });
    return (reached.find(({ host }) => host === undefined) ?? reached[0])?.url;
  }

  private addOutputs(
    contract: ReleaseContract,
    services: readonly Service[],
    migration: MigrationTask | undefined,
  ): void {
    const { context, cluster, database, loadBalancer, network, project } = this;
    const outputs: Readonly<Record<string, unknown>> = {
      load_balancer_url: loadBalancer.url,
      load_balancer_dns_name: loadBalancer.dnsName,
      repository_urls: Object.fromEntries(
        project.repositories.map((repository) => [
          repository,
          ContainerRegistry.repositoryUrl({ ...project.registry, project: project.name, repository }),
        ]),
      ),
      database_endpoint: database.endpoint,
      database_identifier: database.identifier,
      database_master_secret_arn: database.masterSecretArn,
      application_secret_arn: database.credentials.secretArn,
      cluster_name: cluster.name,
      service_names: services.map(({ serviceName }) => `${context.name}-${serviceName}`),
      log_group_names: [...services, ...(migration === undefined ? [] : [migration])].map(
        ({ logGroupName }) => logGroupName,
      ),
      release_contract_path: contract.path,
      vpc_id: network.vpcId,
      ...(migration === undefined ? {} : { migration_family: migration.family }),
      ...(loadBalancer.notes.length === 0 ? {} : { notes: loadBalancer.notes }),
    };
    for (const [name, value] of Object.entries(outputs)) new TerraformOutput(this, name, { value, staticId: true });
  }
}
