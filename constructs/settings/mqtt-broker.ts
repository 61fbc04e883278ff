import * as z from "zod";
import { CONSOLE_GROUP, SERVER_CLIENT } from "../mqtt/authorization-map";
import { distinct, flag, logRetentionDays, oneOf, rules, shown, slug, text } from "../shared/fields";

/** Groups and logins that the broker has itself. */
const reservedClients: readonly string[] = [SERVER_CLIENT, CONSOLE_GROUP, "bootstrap"];

const topicFilter = text(
  "an MQTT topic below the environment's own, such as devices/+/telemetry, with + for one level and a final # for the rest",
  /^(?=.{1,200}$)([A-Za-z0-9_-]+|\+)(\/([A-Za-z0-9_-]+|\+))*(\/#)?$|^#$/,
);

const client = z.strictObject({
  /** Name of the client: its group on the broker, and the start of its logins. */
  name: slug(20),
  /** Topics that it may publish to, below `<environment>/`, in MQTT's own wildcards. Default: none. */
  publish: distinct(topicFilter, "topics", 0, 50).default([]),
  /** Topics that it may subscribe to, below `<environment>/`. Default: none. */
  subscribe: distinct(topicFilter, "topics", 0, 50).default([]),
});

/**
 * AWS IoT Core: no base cost, about $1 per million messages; each device has a certificate of its own and reaches its own topics
 * alone.
 */
const iotCore = z.strictObject({
  engine: z.literal("iot-core"),
  /** The engine that goes when this one comes: the word of confirmation without which a change of engine is refused. */
  replaces: z.literal("activemq").optional(),
});

/**
 * Amazon MQ for ActiveMQ: a broker that stands in the private network, from $19.71 a month (mq.t3.micro) to $420 (mq.m5.large
 * with a standby; us-east-1, 2026-11). Its groups cannot tell one device from another: give each a client of its own.
 */
const activeMq = z.strictObject({
  engine: z.literal("activemq"),
  /** The engine that goes when this one comes: the word of confirmation without which a change of engine is refused. */
  replaces: z.literal("iot-core").optional(),
  /**
   * `single`: one broker, down while it restarts and for up to two hours in its window. `active-standby`: a second one in another
   * zone takes over, at twice the cost. Changing it replaces the broker.
   */
  deployment: oneOf(["single", "active-standby"]),
  /** Size; `mq.t3.micro` takes 300 connections, `mq.m5.large` 2,000. Changed by a restart. */
  instanceType: oneOf(["mq.t3.micro", "mq.m5.large", "mq.m5.xlarge", "mq.m5.2xlarge", "mq.m5.4xlarge"]),
  /** Version of ActiveMQ; AWS chooses the patch. It goes up, by a restart, and never down: use `--apply-now`. Default: `5.19`. */
  version: oneOf(["5.18", "5.19"]).default("5.19"),
  /** Who may connect besides the services, and to which topics. Default: nobody. */
  clients: z.array(client).max(100).default([]),
  /**
   * Keep QoS 1 and 2 messages for clients that are away (`clean` false). ActiveMQ looks at such a subscription only against the
   * topics that there are when it is made: one with `+` hears what its neighbours do as soon as they have topics. Say true only
   * when all clients trust each other. Changed by a restart. Default: false, the broker refuses them.
   */
  persistentSessions: flag().default(false),
  /** Address blocks beyond the services that may connect, such as a VPN's. Default: none. */
  allowedCidrs: distinct(
    text("an IPv4 block such as 10.8.0.0/16", /^\d{1,3}(\.\d{1,3}){3}\/([89]|[12]\d|3[0-2])$/),
    "IPv4 blocks",
    0,
    20,
  ).default([]),
  /** An address on the internet. Always refused, see the sentence. Default: false. */
  publiclyAccessible: flag().default(false),
  /** When AWS may restart it. Default: Sunday 03:00 UTC. */
  maintenanceWindow: z
    .strictObject({
      day: oneOf(["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]).default("SUNDAY"),
      /** Hour and minute, UTC. */
      time: text("a time such as 03:00", /^([01]\d|2[0-3]):[0-5]\d$/).default("03:00"),
    })
    .prefault({}),
  /** Log of the broker; `npm run mqtt -- sync` turns it on and off. Default: true. */
  generalLog: flag().default(true),
  /** Log of who changed what through the console or JMX; `npm run mqtt -- sync` turns it on and off. Default: true. */
  auditLog: flag().default(true),
  /** Days that both are kept. Default: 30. */
  logRetentionDays: logRetentionDays.default(30),
});

/** The MQTT broker of an environment: one of two engines, which give services the same variables and devices the same topics. */
export const mqttBrokerSettings = z.discriminatedUnion("engine", [
  iotCore,
  activeMq.check(
    rules<z.output<typeof activeMq>>(
      {
        reads: ["publiclyAccessible"],
        problems: ({ publiclyAccessible }) =>
          publiclyAccessible
            ? [
                [
                  "publiclyAccessible",
                  "must be false, got true: AWS takes no security groups for a public broker, so that all its ports are open to the world; use engine iot-core for devices on the internet",
                ],
              ]
            : [],
      },
      {
        reads: ["clients"],
        problems: ({ clients }) => clients.flatMap(({ name }, i) => clientProblems(name, i, clients)),
      },
    ),
  ),
]);

function clientProblems(
  name: string,
  index: number,
  clients: readonly { readonly name: string }[],
): (readonly [string, string])[] {
  const problems: (readonly [string, string])[] = [];
  if (reservedClients.includes(name)) {
    problems.push([
      `clients.${index}.name`,
      `must not be one that the broker has itself, got ${shown(name)}: choose another`,
    ]);
  }
  if (clients.findIndex((other) => other.name === name) < index) {
    problems.push([`clients.${index}.name`, `must stand once, got ${shown(name)} again: join the two`]);
  }
  return problems;
}

export type MqttBrokerSettings = z.output<typeof mqttBrokerSettings>;
export type MqttBrokerInput = z.input<typeof mqttBrokerSettings>;
export type ActiveMqSettings = z.output<typeof activeMq>;
