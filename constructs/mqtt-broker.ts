import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { Construct } from "constructs";
import { ActiveMqBroker } from "./activemq-broker";
import { IotBroker } from "./iot-broker";
import type { Monitoring } from "./monitoring";
import { mqttBrokerSettings, type MqttBrokerInput, type MqttBrokerSettings } from "./settings/mqtt-broker";
import { exceptParameter } from "./shared/common-scan-exceptions";
import type { Connectable } from "./shared/connectable";
import type { Context } from "./shared/context";
import type { Grantee } from "./shared/grantee";
import { mqttContractName, type MqttContract } from "./shared/mqtt-contract-v1";
import type { NetworkLike } from "./shared/network-like";
import { settingsOf } from "./shared/problems";
import { TerraformData } from "./shared/terraform-data";

export type MqttBrokerProps = MqttBrokerInput & {
  readonly context: Context;
  readonly network: Pick<NetworkLike, "vpcId" | "isolatedSubnetIds">;
  /** Who watches the broker. Default: nobody. */
  readonly monitoring?: Monitoring | undefined;
};

/** How a client says who it is: by signing with a role (`sigv4`), or with a name and a password. */
export type MqttAuthentication = "sigv4" | "password";

/**
 * Where devices and services talk over MQTT. Topics and variables are the same on both engines, so that code asks `MQTT_AUTH` how
 * to log in and knows nothing else of the engine.
 *
 * A change of engine is a new broker that no device knows: it is refused until `replaces` names the engine that goes.
 */
export class MqttBroker extends Construct {
  public readonly engine: MqttBrokerSettings["engine"];
  /** Host to connect to; of a pair of brokers both, joined by a comma. */
  public readonly host: string;
  public readonly port: number;
  /** `<environment>/devices`: a topic is `<prefix>/<thing>/telemetry`. */
  public readonly topicPrefix: string;
  /** What a service that uses the broker is told. */
  public readonly variables: Readonly<Record<"MQTT_HOST" | "MQTT_PORT" | "MQTT_AUTH" | "MQTT_TOPIC_PREFIX", string>>;
  /** What it is told in secret: a name and a password, where `MQTT_AUTH` is `password`. */
  public readonly secretVariables: Readonly<Record<string, string>>;

  private readonly broker: ActiveMqBroker | IotBroker;

  constructor(scope: Construct, id: string, { context, network, monitoring, ...input }: MqttBrokerProps) {
    super(scope, id);
    const settings = settingsOf(this, mqttBrokerSettings, input);
    this.createOrigin(settings);
    this.broker =
      settings.engine === "activemq"
        ? new ActiveMqBroker(this, "ActiveMq", { context, network, settings, monitoring })
        : new IotBroker(this, "IotCore", { context, monitoring });

    const { contract, host, port } = this.broker;
    const authentication: MqttAuthentication = settings.engine === "activemq" ? "password" : "sigv4";
    this.engine = settings.engine;
    this.host = host;
    this.port = port;
    this.topicPrefix = contract.topicPrefix;
    this.variables = {
      MQTT_HOST: host,
      MQTT_PORT: String(port),
      MQTT_AUTH: authentication,
      MQTT_TOPIC_PREFIX: contract.topicPrefix,
    };
    this.secretVariables = this.broker instanceof ActiveMqBroker ? this.broker.secretVariables : {};
    this.createContract(context, contract);
  }

  /** Let a service connect through the network; AWS IoT is reached over the internet's port 443, which every task may use. */
  public allowFrom(peer: Connectable): void {
    if (this.broker instanceof ActiveMqBroker) this.broker.allowFrom(peer);
  }

  /** Let the role that starts a service read the server's login; there is none on AWS IoT. */
  public grantSecretRead(grantee: Grantee): void {
    if (this.broker instanceof ActiveMqBroker) this.broker.grantSecretRead(grantee);
  }

  /** Let a service be the server: send commands to devices, and hear what they say. On ActiveMQ its login decides that. */
  public grantServer(grantee: Grantee): void {
    if (this.broker instanceof IotBroker) this.broker.grantServer(grantee);
  }

  /**
   * The engine that the environment was made with, recorded until somebody confirms another. With `replaces` the record follows the
   * engine, without it stays: `replaces` may go once the new broker is there, and may as well stay.
   */
  private createOrigin({ engine, replaces }: MqttBrokerSettings): void {
    // AWS keeps type and policy of things while there are any
    const before =
      engine === "activemq" ? ", and those of AWS IoT have to be removed first (npm run mqtt -- device remove)" : "";
    new TerraformData(this, "Origin", {
      input: { engine },
      lifecycle: {
        ...(replaces === undefined ? { ignoreChanges: ["input"] } : {}),
        postcondition: [
          {
            condition: `\${self.output.engine == "${engine}"}`,
            errorMessage: `mqtt.engine must stay \${self.output.engine}, got ${engine}: another engine is a new broker, which every device has to be told${before}; confirm it with replaces: "\${self.output.engine}"`,
          },
        ],
      },
    });
  }

  private createContract({ path }: Context, contract: MqttContract): void {
    const parameter = new SsmParameter(this, "Contract", {
      name: mqttContractName(path),
      description: "MQTT broker of the environment, version 1",
      type: "String",
      tier: "Standard",
      value: JSON.stringify(contract),
    });
    exceptParameter(parameter);
  }
}
