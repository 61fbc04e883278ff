import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { ContainerRegistry } from "../constructs/container-registry";
import { Dashboard } from "../constructs/dashboard";
import { FargateCluster } from "../constructs/fargate-cluster";
import { FargateSchedule } from "../constructs/fargate-schedule";
import { FargateService } from "../constructs/fargate-service";
import { ImageBucket } from "../constructs/image-bucket";
import { LoadBalancer } from "../constructs/load-balancer";
import { MigrationTask } from "../constructs/migration-task";
import { Monitoring } from "../constructs/monitoring";
import { MqttBroker } from "../constructs/mqtt-broker";
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
import { outputsOf } from "./environment-outputs";
import { smokeUrlOf } from "./smoke-url";
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
type ServiceSettings = Environment["services"][string];
type WebSettings = Extract<ServiceSettings, { readonly kind: "web" }>;

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
  private readonly images: ImageBucket | undefined;
  private readonly loadBalancer: LoadBalancer;
  private readonly monitoring: Monitoring;
  private readonly mqtt: MqttBroker | undefined;
  private readonly network: Network;
  private readonly project: Project;
  private readonly secrets: ServiceSecrets;

  constructor(scope: Construct, id: string, props: EnvironmentStackProps) {
    super(scope, id);
    const { project, environment, account, applyNow, state, providerVersion } = props;
    const { region } = project;
    const { lifetime, network, database, loadBalancer, containerInsights, taskPermissions } = environment;
    const context = contextOf({ project, name: id, account, region, lifetime, applyNow, taskPermissions });
    setUpTerraform(this, { project: project.name, account, region, state, providerVersion, tags: context.tags });

    this.context = context;
    this.environment = environment;
    this.project = project;
    const monitoring = new Monitoring(this, "Monitoring", { context, alerts: project.alerts, budget: this.budget(id) });
    this.monitoring = monitoring;
    this.network = new Network(this, "Network", { context, monitoring, ...network });
    this.database = new PostgresDatabase(this, "Database", { context, monitoring, network: this.network, ...database });
    this.databaseCertificates = rdsCertificates(region);
    this.loadBalancer = new LoadBalancer(this, "LoadBalancer", {
      context,
      monitoring,
      network: this.network,
      domain: this.domain(),
      hosts: this.webServices().flatMap(({ route }) => (route.host === undefined ? [] : [route.host])),
      ...loadBalancer,
    });
    this.cluster = new FargateCluster(this, "Cluster", { context, containerInsights });
    this.images = this.createImages();
    this.mqtt = this.createMqtt();
    this.secrets = this.createSecrets();

    const services = this.createServices();
    const migration = this.createMigration();
    const contract = new ReleaseContract(this, "ReleaseContract", {
      context,
      cluster: this.cluster,
      services,
      migration,
      smokeUrl: smokeUrlOf(this.webServices(), this.loadBalancer.url),
    });
    // last, since it shows what everything before it watches
    const { monthlyBudgetUsd: budgetUsd } = environment;
    const dashboard = new Dashboard(this, "Dashboard", { context, monitoring, budgetUsd });
    this.addOutputs(contract, dashboard, services, migration);
  }

  /**
   * cdktf would resolve everything once more, only to find references into other stacks, of which there are none
   * (docs/decisions/0001-stack-split.md). It takes a fifth of a synthesis.
   */
  public override prepareStack(): void {}

  /** Everything in an account counts where the environment is alone in it; else what carries its tag. */
  private budget(environment: string) {
    const { accounts } = this.project;
    const sharers = Object.values(accounts).filter((account) => account === accounts[environment]);
    return { monthlyUsd: this.environment.monthlyBudgetUsd, wholeAccount: sharers.length === 1 };
  }

  private domain() {
    const { domain } = this.environment;
    const { publicZone } = this.project;
    if ("none" in domain || "none" in publicZone) return { none: true } as const;
    return { name: domain.name, zoneId: publicZone.id };
  }

  private webServices(): WebSettings[] {
    return Object.values(this.environment.services).filter((settings) => settings.kind === "web");
  }

  private createImages(): ImageBucket | undefined {
    const { context, environment, monitoring } = this;
    if ("none" in environment.images) return undefined;
    return new ImageBucket(this, "Images", { context, monitoring, domain: this.domain(), ...environment.images });
  }

  private createMqtt(): MqttBroker | undefined {
    const { context, environment, monitoring, network } = this;
    if ("none" in environment.mqtt) return undefined;
    return new MqttBroker(this, "Mqtt", { context, monitoring, network, ...environment.mqtt });
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
      const props = {
        ...this.withParts(settings, this.taskProps(settings.repository, secrets.variablesFor(settings.secrets))),
        monitoring: this.monitoring,
      };
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
      this.grantParts(settings, service);
      return service;
    });
  }

  /** What a task is told of the parts that it uses. */
  private withParts({ uses }: ServiceSettings, props: TaskProps): TaskProps {
    const mqtt = uses.includes("mqtt") ? this.mqtt : undefined;
    const images = uses.includes("images") ? this.images : undefined;
    return {
      ...props,
      variables: { ...props.variables, ...images?.variables, ...mqtt?.variables },
      secretVariables: { ...props.secretVariables, ...mqtt?.secretVariables },
    };
  }

  private grantParts({ uses }: ServiceSettings, service: Service): void {
    if (uses.includes("images")) this.images?.grantUpload(service);
    if (uses.includes("mqtt")) {
      this.mqtt?.grantServer(service);
      this.mqtt?.grantSecretRead(service.executionRole);
      this.mqtt?.allowFrom(service);
    }
  }

  private createMigration(): MigrationTask | undefined {
    const { migrations } = this.environment;
    if ("none" in migrations) return undefined;
    const { database, secrets } = this;
    const migration = new MigrationTask(this, "Migration", {
      ...this.taskProps(migrations.repository, {
        ...secrets.variablesFor(migrations.secrets),
        // the names that every container knows, with a login that owns the tables
        ...database.migratorCredentials.secretVariables,
      }),
      settings: migrations,
      logins: {
        credentials: [database.credentials, database.migratorCredentials],
        masterSecretArn: database.masterSecretArn,
        certificates: this.databaseCertificates,
      },
    });
    secrets.grantRead(migration.executionRole, migrations.secrets);
    database.grantMasterSecretRead(migration.executionRole);
    database.credentials.grantRead(migration.executionRole);
    database.migratorCredentials.grantRead(migration.executionRole);
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

  private addOutputs(
    contract: ReleaseContract,
    dashboard: Dashboard,
    services: readonly Service[],
    migration: MigrationTask | undefined,
  ): void {
    const { cluster, context, database, images, loadBalancer, mqtt, network, project } = this;
    const parts = {
      cluster,
      context,
      contract,
      dashboard,
      database,
      images,
      loadBalancer,
      migration,
      mqtt,
      network,
      project,
      services,
    };
    for (const [name, value] of Object.entries(outputsOf(parts))) {
      new TerraformOutput(this, name, { value, staticId: true });
    }
  }
}
