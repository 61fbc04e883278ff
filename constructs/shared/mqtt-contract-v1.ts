/**
 * What tools need to know of an environment's broker, version 1: JSON in the SSM parameter `<path>/mqtt`. A field is added
 * without another version; a field that changes its meaning or goes is another version.
 */

interface BrokerContract {
  readonly version: 1;
  /** Host to connect to; of a pair of brokers both, joined by a comma: the one that answers is the one in use. */
  readonly host: string;
  /** Port of services; devices use 8883 on both engines. */
  readonly port: number;
  /** `<environment>/devices`: a topic is `<prefix>/<thing>/telemetry`. */
  readonly topicPrefix: string;
}

/** AWS IoT Core. */
export interface IotContract extends BrokerContract {
  readonly engine: "iot-core";
  /** Type of every thing of this environment, and of no other. */
  readonly thingType: string;
  /** Policy of every device's certificate. */
  readonly policy: string;
}

/** Amazon MQ for ActiveMQ. */
export interface ActiveMqContract extends BrokerContract {
  readonly engine: "activemq";
  readonly brokerId: string;
  /**
   * Which logs shall be on. Their groups, `/aws/amazonmq/broker/<brokerId>/<log>`, exist; `sync` turns the logs on or off before
   * it restarts the broker, since AWS would make the groups of a broker that logs from its beginning.
   */
  readonly logs: { readonly audit: boolean; readonly general: boolean };
  /** Names of the services' own, `server`, and of those of the environment's file. Each is also the group of its logins. */
  readonly clients: readonly string[];
  /** With a client's name behind it, that of the secret which holds its `username` and `password`; empty until the login was made. */
  readonly secretPrefix: string;
}

export type MqttContract = IotContract | ActiveMqContract;

/** Name of the parameter, below an environment's path. */
export function mqttContractName(path: string): string {
  return `${path}/mqtt`;
}
