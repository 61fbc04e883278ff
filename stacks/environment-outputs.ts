import { ContainerRegistry } from "../constructs/container-registry";
import type { Dashboard } from "../constructs/dashboard";
import type { FargateCluster } from "../constructs/fargate-cluster";
import type { ImageBucket } from "../constructs/image-bucket";
import type { LoadBalancer } from "../constructs/load-balancer";
import type { MigrationTask } from "../constructs/migration-task";
import type { MqttBroker } from "../constructs/mqtt-broker";
import type { Network } from "../constructs/network";
import type { PostgresDatabase } from "../constructs/postgres-database";
import type { ReleaseContract } from "../constructs/release-contract";
import type { Context } from "../constructs/shared/context";
import type { Project } from "../environments/project-schema";

/** What an environment consists of, as its outputs see it. */
export interface EnvironmentParts {
  readonly cluster: FargateCluster;
  readonly context: Context;
  readonly contract: ReleaseContract;
  readonly dashboard: Dashboard;
  readonly database: PostgresDatabase;
  readonly images: ImageBucket | undefined;
  readonly loadBalancer: LoadBalancer;
  readonly migration: MigrationTask | undefined;
  readonly mqtt: MqttBroker | undefined;
  readonly network: Network;
  readonly project: Project;
  readonly services: readonly { readonly serviceName: string; readonly logGroupName: string }[];
}

/** What a person or a script may want to know after a deploy: names and addresses, no secret. */
export function outputsOf(parts: EnvironmentParts): Readonly<Record<string, unknown>> {
  const { cluster, context, contract, dashboard, database, images, loadBalancer, migration, mqtt, network } = parts;
  const { project, services } = parts;
  return {
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
    dashboard_name: dashboard.name,
    service_names: services.map(({ serviceName }) => `${context.name}-${serviceName}`),
    log_group_names: [...services, ...(migration === undefined ? [] : [migration])].map(
      ({ logGroupName }) => logGroupName,
    ),
    release_contract_path: contract.path,
    vpc_id: network.vpcId,
    ...(images === undefined ? {} : { images_bucket: images.bucketName, images_base_url: images.baseUrl }),
    ...(mqtt === undefined ? {} : { mqtt_host: mqtt.host, mqtt_port: mqtt.port, mqtt_topic_prefix: mqtt.topicPrefix }),
    ...(migration === undefined ? {} : { migration_family: migration.family }),
    ...(loadBalancer.notes.length === 0 ? {} : { notes: loadBalancer.notes }),
  };
}
