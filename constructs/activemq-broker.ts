import { MqBroker } from "@cdktf/provider-aws/lib/mq-broker";
import { MqConfiguration } from "@cdktf/provider-aws/lib/mq-configuration";
import { Fn, TerraformLocal, Token } from "cdktf";
import { Construct } from "constructs";
import { ActiveMqClients } from "./activemq-clients";
import { ActiveMqLogs, type ActiveMqLog } from "./activemq-logs";
import { ActiveMqNetwork } from "./activemq-network";
import { activeMqAlarms } from "./alarms/activemq-alarms";
import { watchAll } from "./alarms/watch-all";
import type { Monitoring } from "./monitoring";
import { authorizationMapXml } from "./mqtt/authorization-map";
import { devicesPrefix } from "./mqtt/topics";
import type { ActiveMqSettings } from "./settings/mqtt-broker";
import { BlueprintError } from "./shared/blueprint-error";
import type { Connectable } from "./shared/connectable";
import type { Context } from "./shared/context";
import type { Grantee } from "./shared/grantee";
import type { ActiveMqContract } from "./shared/mqtt-contract-v1";
import type { NetworkLike } from "./shared/network-like";
import { protectionOf } from "./shared/protection";
import { exceptAllFromScan } from "./shared/scan-exception";
import { TerraformData } from "./shared/terraform-data";

/** MQTT over TLS, with a certificate of Amazon's. */
const PORT = 8883;
/** Host of an MQTT endpoint, in Terraform's regular expressions. */
const HOST = `mqtt[+]ssl://([^:/]+):${PORT}`;
/** A pair of brokers takes AWS twenty minutes where it is quick. */
const PATIENCE = "60m";

export interface ActiveMqBrokerProps {
  readonly context: Context;
  readonly network: Pick<NetworkLike, "vpcId" | "isolatedSubnetIds">;
  readonly settings: ActiveMqSettings;
  /** Who watches the broker. Default: nobody. */
  readonly monitoring?: Monitoring | undefined;
}

/**
 * Amazon MQ for ActiveMQ, in subnets without a way in or out. Another `deployment` is another broker, and every message on this one
 * is lost; another `instanceType`, `version` or client takes effect when it restarts: in its maintenance window, at once with
 * `deploy --apply-now`, or when `npm run mqtt -- sync` restarts it for a new login. Until then a plan goes on showing what waits.
 *
 * AWS wants one user with a password at the making, and Terraform keeps that in the state. So this one, `bootstrap`, is in no group
 * and may use no topic, until the first `sync` deletes it. All other users, and whether logs are on, are the business of
 * `sync` alone: no password that opens anything is ever in the state.
 *
 * At rest everything is encrypted with a key of AWS: one of our own would cost $1 a month, keep nobody out who is in here, and end
 * the broker if it were lost.
 */
export class ActiveMqBroker extends Construct {
  public readonly contract: ActiveMqContract;
  /** Both hosts of a pair, joined by a comma; the standby takes no connection until it is the one in use. */
  public readonly host: string;
  public readonly port = PORT;
  public readonly secretVariables: Readonly<Record<string, string>>;

  private readonly clients: ActiveMqClients;
  private readonly way: ActiveMqNetwork;

  constructor(scope: Construct, id: string, { context, network, settings, monitoring }: ActiveMqBrokerProps) {
    super(scope, id);
    const subnetIds = this.subnetsOf(network, settings);
    this.clients = new ActiveMqClients(this, "Clients", { context, names: settings.clients.map(({ name }) => name) });
    this.way = new ActiveMqNetwork(this, "Network", {
      context,
      vpcId: network.vpcId,
      allowedCidrs: settings.allowedCidrs,
    });
    const broker = this.createBroker(context, subnetIds, settings);
    const logs = logsOf(settings);
    new ActiveMqLogs(this, "Logs", { context, broker, logs, retentionDays: settings.logRetentionDays });
    watchAll(this, monitoring, activeMqAlarms({ brokerName: broker.brokerName, settings }));

    // under a name, so that nothing with quotes gets into what is JSON elsewhere
    this.host = new TerraformLocal(this, "Host", hostOf(broker, subnetIds.length)).asString;
    this.secretVariables = this.clients.secretVariables;
    this.contract = {
      version: 1,
      engine: "activemq",
      host: this.host,
      port: PORT,
      topicPrefix: devicesPrefix(context.environment),
      brokerId: broker.id,
      logs: { audit: logs.includes("audit"), general: logs.includes("general") },
      ...this.clients.contract,
    };
  }

  /** Let a peer connect. */
  public allowFrom(peer: Connectable): void {
    this.way.allowFrom(peer);
  }

  /** Let `grantee` read the login of the services. */
  public grantSecretRead(grantee: Grantee): void {
    this.clients.grantServerRead(grantee);
  }

  /** One subnet per instance, each in a zone of its own: another set is another broker, so that the first ones stay. */
  private subnetsOf(
    { isolatedSubnetIds }: ActiveMqBrokerProps["network"],
    { deployment }: ActiveMqSettings,
  ): readonly string[] {
    const wanted = deployment === "single" ? 1 : 2;
    if (isolatedSubnetIds.length < wanted) {
      throw new BlueprintError(this.node.path, [
        `network must have ${wanted} isolated subnets for deployment "${deployment}", got ${isolatedSubnetIds.length}: give it more zones`,
      ]);
    }
    return isolatedSubnetIds.slice(0, wanted);
  }

  private createBroker(context: Context, subnetIds: readonly string[], settings: ActiveMqSettings): MqBroker {
    const { id, latestRevision } = this.createConfiguration(context, settings);
    const incarnation = new TerraformData(this, "Bootstrap");
    const broker = new MqBroker(this, "Broker", {
      brokerName: `${context.name}-mqtt`,
      engineType: "ActiveMQ",
      // from 5.18 on AWS chooses the patch and takes nothing else
      engineVersion: settings.version,
      autoMinorVersionUpgrade: true,
      deploymentMode: settings.deployment === "single" ? "SINGLE_INSTANCE" : "ACTIVE_STANDBY_MULTI_AZ",
      hostInstanceType: settings.instanceType,
      authenticationStrategy: "simple",
      encryptionOptions: { useAwsOwnedKey: true },
      configuration: { id, revision: latestRevision },
      publiclyAccessible: false,
      securityGroups: [this.way.securityGroupId],
      subnetIds: [...subnetIds],
      applyImmediately: context.applyNow,
      maintenanceWindowStartTime: {
        dayOfWeek: settings.maintenanceWindow.day,
        timeOfDay: settings.maintenanceWindow.time,
        timeZone: "UTC",
      },
      user: [{ username: "bootstrap", password: incarnation.id }],
      timeouts: { create: PATIENCE, update: PATIENCE, delete: PATIENCE },
      lifecycle: { ignoreChanges: ["logs", "user"], preventDestroy: protectionOf(context).protect },
    });
    exceptBroker(broker, settings);
    return broker;
  }

  /**
   * Another version is another configuration. The broker has the old one until it restarts, and so long AWS may not let it go:
   * `deploy --apply-now` restarts it before.
   */
  private createConfiguration({ name, environment }: Context, settings: ActiveMqSettings): MqConfiguration {
    const { clients, persistentSessions, version } = settings;
    return new MqConfiguration(this, "Configuration", {
      name: `${name}-mqtt-${version}`,
      description: "Who may use which topics",
      engineType: "ActiveMQ",
      engineVersion: version,
      authenticationStrategy: "simple",
      data: authorizationMapXml({ environment, clients, persistentSessions }),
      lifecycle: { createBeforeDestroy: true },
    });
  }
}

/** Logs are on after the first `sync`; before, AWS would make their groups itself, to be kept for ever. */
function exceptBroker(broker: MqBroker, { auditLog, generalLog }: ActiveMqSettings): void {
  const because = (on: boolean, setting: string): string =>
    on ? "turned on by `npm run mqtt -- sync`, once its log group is there" : `mqtt.${setting} is off`;
  exceptAllFromScan(broker, {
    CKV_AWS_48: because(generalLog, "generalLog"),
    CKV_AWS_197: because(auditLog, "auditLog"),
    CKV_AWS_209: "encrypted with a key of AWS: one of our own costs $1 a month, and ends the broker when it is lost",
  });
}

function logsOf({ auditLog, generalLog }: ActiveMqSettings): readonly ActiveMqLog[] {
  return [...(auditLog ? (["audit"] as const) : []), ...(generalLog ? (["general"] as const) : [])];
}

/** AWS promises no order, neither of instances nor of their endpoints. */
function hostOf({ instances }: MqBroker, count: number): string {
  const hosts = Array.from({ length: count }, (_, at) =>
    Token.asString(Fn.element(Fn.regex(HOST, Fn.join(" ", instances.get(at).endpoints)), 0)),
  );
  return Fn.join(",", Fn.sort(hosts));
}
