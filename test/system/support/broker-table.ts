import type { BrokerClient } from "../../../constructs/mqtt/authorization-map";

/** Two devices, somebody who looks on, somebody with a branch of its own, and somebody who may do nothing. */
export const clients: readonly BrokerClient[] = [
  {
    name: "gateway",
    publish: ["devices/prod-gateway/telemetry", "devices/prod-gateway/cmd/res"],
    subscribe: ["devices/prod-gateway/cmd/req", "fence/gateway"],
  },
  {
    name: "meter",
    publish: ["devices/prod-meter/telemetry", "devices/prod-meter/cmd/res"],
    subscribe: ["devices/prod-meter/cmd/req", "fence/meter"],
  },
  { name: "dashboard", publish: [], subscribe: ["devices/+/telemetry", "fence/dashboard"] },
  { name: "site", publish: ["site/#"], subscribe: ["site/#", "fence/site"] },
  { name: "silent", publish: [], subscribe: [] },
];

/** A topic that `login` may hear besides those of the table, by which it knows that nothing more comes; none when it may hear nothing. */
export function fenceOf(login: string): string | undefined {
  const name = login.replace(/-[ab]$/, "");
  if (name === "server") return "prod/devices/prod-fence/telemetry";
  return clients.find((client) => client.name === name)?.subscribe.some((topic) => topic.startsWith("fence/"))
    ? `prod/fence/${name}`
    : undefined;
}

/** Topics that tell who may send and who hears. Those of the device `new` are fresh ones for each row of the table. */
export const topics = {
  gatewayTelemetry: "prod/devices/prod-gateway/telemetry",
  gatewayRequest: "prod/devices/prod-gateway/cmd/req",
  gatewayResponse: "prod/devices/prod-gateway/cmd/res",
  meterTelemetry: "prod/devices/prod-meter/telemetry",
  meterRequest: "prod/devices/prod-meter/cmd/req",
  meterResponse: "prod/devices/prod-meter/cmd/res",
  newTelemetry: "prod/devices/prod-new/telemetry",
  newRequest: "prod/devices/prod-new/cmd/req",
  site: "prod/site",
  door: "prod/site/hall/door",
  elsewhere: "prod/elsewhere",
  stage: "stage/devices/stage-gateway/telemetry",
} as const;

export type Probe = keyof typeof topics;

/** Somebody sends; what matters is whether anybody could have heard it. */
export interface PublishRow {
  /** Login. */
  readonly by: string;
  readonly to: string;
  /** The topic that it arrives at; undefined when it must not arrive at all. */
  readonly arrives?: string;
  /** Default: 1. */
  readonly qos?: 0 | 1 | 2;
  readonly retain?: true;
  /** Default: `taken`. The broker answers a refused message like any other. */
  readonly answer?: "closed";
}

const allowed = (by: string, to: string, more: Partial<PublishRow> = {}): PublishRow => ({
  by,
  to,
  arrives: to,
  ...more,
});
const denied = (by: string, to: string, more: Partial<PublishRow> = {}): PublishRow => ({ by, to, ...more });

export const publishTable: readonly PublishRow[] = [
  allowed("gateway-a", topics.gatewayTelemetry),
  allowed("gateway-a", topics.gatewayTelemetry, { qos: 0 }),
  allowed("gateway-a", topics.gatewayTelemetry, { qos: 2 }),
  allowed("gateway-a", topics.gatewayTelemetry, { retain: true }),
  allowed("gateway-a", topics.gatewayResponse),
  allowed("gateway-b", topics.gatewayTelemetry),
  allowed("meter-a", topics.meterTelemetry),
  allowed("meter-a", topics.meterResponse),
  allowed("server-a", topics.gatewayRequest),
  allowed("server-b", topics.meterRequest),
  allowed("server-a", topics.newRequest),
  allowed("site-a", topics.door),
  allowed("site-a", topics.site),
  // options behind a question mark are cut off, before the broker asks whether the client may
  allowed("gateway-a", `${topics.gatewayTelemetry}?consumer.priority=9`, { arrives: topics.gatewayTelemetry }),

  denied("gateway-a", topics.meterTelemetry),
  denied("gateway-a", topics.meterTelemetry, { qos: 0 }),
  denied("gateway-a", topics.meterTelemetry, { qos: 2 }),
  denied("gateway-a", topics.meterTelemetry, { retain: true }),
  denied("gateway-b", topics.meterTelemetry),
  denied("gateway-a", topics.meterResponse),
  denied("gateway-a", topics.meterRequest),
  denied("gateway-a", topics.gatewayRequest),
  denied("gateway-a", topics.stage),
  denied("gateway-a", "devices/prod-gateway/telemetry"),
  denied("gateway-a", "prod/devices/prod-gateway"),
  denied("gateway-a", `${topics.gatewayTelemetry}/more`),
  denied("gateway-a", `/${topics.gatewayTelemetry}`),
  denied("gateway-a", "prod/devices/PROD-GATEWAY/telemetry"),
  denied("gateway-a", topics.door),
  // the ways out of a topic that ActiveMQ's own names offer: lists, options, queues, wildcards
  denied("gateway-a", `${topics.gatewayTelemetry},${topics.meterTelemetry}`),
  denied("gateway-a", `${topics.gatewayTelemetry},queue:..prod.devices.prod-gateway.telemetry`),
  denied("gateway-a", `${topics.meterTelemetry}?consumer.priority=9`),
  denied("gateway-a", topics.gatewayTelemetry.replaceAll("/", ".")),
  denied("gateway-a", "prod/devices/*/telemetry"),
  denied("gateway-a", "prod/devices/+/telemetry", { answer: "closed" }),
  denied("gateway-a", "prod/devices/#", { answer: "closed" }),
  denied("gateway-a", `${topics.gatewayTelemetry},prod/devices/#`, { answer: "closed" }),
  denied("gateway-a", "ActiveMQ/Advisory/Connection"),
  denied("gateway-a", "$SYS/broker"),
  denied("server-a", topics.gatewayTelemetry),
  denied("server-a", topics.gatewayResponse),
  denied("server-a", topics.elsewhere),
  denied("server-a", "prod/devices/prod/gateway/cmd/req"),
  denied("server-a", "stage/devices/stage-gateway/cmd/req"),
  denied("server-a", "ActiveMQ/Advisory/Connection"),
  denied("dashboard-a", topics.gatewayTelemetry),
  denied("site-a", topics.elsewhere),
  denied("site-a", "prod"),
  denied("site-a", "prod/site2"),
  denied("site-a", "site/hall/door"),
  denied("silent-a", topics.elsewhere),
  denied("silent-a", topics.gatewayTelemetry),
  denied("bootstrap", topics.gatewayTelemetry),
  denied("bootstrap", "ActiveMQ/Advisory/Connection"),
];

/** Somebody listens while all of `topics` are sent to; what matters is what arrives. */
export interface SubscribeRow {
  /** Login. */
  readonly by: string;
  readonly to: string;
  readonly answer: "granted" | "refused";
  readonly hears: readonly Probe[];
  /** A session that outlives its connection. Default: no. */
  readonly persistent?: true;
}

const granted = (by: string, to: string, ...hears: readonly Probe[]): SubscribeRow => ({
  by,
  to,
  answer: "granted",
  hears,
});
const refused = (by: string, to: string): SubscribeRow => ({ by, to, answer: "refused", hears: [] });

export const subscribeTable: readonly SubscribeRow[] = [
  granted("gateway-a", topics.gatewayRequest, "gatewayRequest"),
  granted("gateway-b", topics.gatewayRequest, "gatewayRequest"),
  granted("meter-a", topics.meterRequest, "meterRequest"),
  granted("server-a", "prod/devices/+/telemetry", "gatewayTelemetry", "meterTelemetry", "newTelemetry"),
  granted("server-b", "prod/devices/+/cmd/res", "gatewayResponse", "meterResponse"),
  granted("server-a", topics.newTelemetry, "newTelemetry"),
  granted("dashboard-a", "prod/devices/+/telemetry", "gatewayTelemetry", "meterTelemetry", "newTelemetry"),
  granted("dashboard-a", topics.meterTelemetry, "meterTelemetry"),
  granted("site-a", "prod/site/#", "site", "door"),
  granted("site-a", "prod/site/hall/+", "door"),
  // wider than what it may: taken, and every topic under it is asked for by itself
  granted("gateway-a", "prod/devices/+/cmd/req", "gatewayRequest"),
  granted("gateway-a", "+/devices/+/cmd/req", "gatewayRequest"),
  granted("gateway-a", "+/+/+/+/+", "gatewayRequest"),
  granted("server-a", "prod/devices/+/+", "gatewayTelemetry", "meterTelemetry", "newTelemetry"),
  granted("server-a", "+/devices/+/telemetry", "gatewayTelemetry", "meterTelemetry", "newTelemetry"),

  refused("gateway-a", "#"),
  refused("gateway-a", "prod/#"),
  refused("gateway-a", "+/devices/#"),
  refused("gateway-a", "prod/devices/#"),
  refused("gateway-a", "prod/devices/prod-gateway/#"),
  refused("gateway-a", topics.meterRequest),
  refused("gateway-a", topics.meterTelemetry),
  refused("gateway-a", topics.gatewayTelemetry),
  refused("gateway-a", "prod/devices/+/telemetry"),
  refused("gateway-a", topics.door),
  refused("gateway-a", "ActiveMQ/Advisory/#"),
  refused("gateway-a", "$share/all/prod/devices/+/cmd/req"),
  refused("gateway-a", `${topics.gatewayRequest},${topics.meterRequest}`),
  refused("gateway-a", `${topics.gatewayRequest},prod/devices/#`),
  refused("gateway-a", `${topics.gatewayRequest},queue:..prod.devices.prod-gateway.cmd.req`),
  refused("gateway-a", "queue:..prod.devices.prod-gateway.cmd.req"),
  { ...refused("gateway-a", topics.gatewayRequest), persistent: true },
  { ...refused("gateway-a", "prod/devices/+/cmd/req"), persistent: true },
  { ...refused("server-a", "prod/devices/+/telemetry"), persistent: true },
  refused("server-a", "#"),
  refused("server-a", "prod/devices/#"),
  refused("server-a", "prod/devices/+/cmd/req"),
  refused("server-a", topics.stage),
  refused("server-a", topics.elsewhere),
  refused("server-a", "ActiveMQ/Advisory/Connection"),
  refused("server-a", "$share/all/prod/devices/+/telemetry"),
  refused("dashboard-a", "#"),
  refused("dashboard-a", "prod/devices/+/cmd/res"),
  refused("site-a", "#"),
  refused("site-a", "prod/#"),
  refused("silent-a", "#"),
  refused("silent-a", "+/+/+/+"),
  refused("silent-a", topics.gatewayTelemetry),
  refused("bootstrap", "#"),
  refused("bootstrap", "ActiveMQ/Advisory/#"),
  refused("bootstrap", topics.gatewayTelemetry),
];

/** Somebody connects. */
export interface ConnectRow {
  readonly as: string;
  readonly username?: string;
  readonly password: "right" | "wrong" | "none";
  readonly protocolVersion?: 5;
  /** Undefined when it comes in. */
  readonly refusal?: string;
}

const NOT_AUTHORIZED = "Connection refused: Not authorized";

export const connectTable: readonly ConnectRow[] = [
  { as: "the server", username: "server-a", password: "right" },
  { as: "a client's other login", username: "gateway-b", password: "right" },
  { as: "a client without a topic", username: "silent-a", password: "right" },
  { as: "a client with a wrong password", username: "gateway-a", password: "wrong", refusal: NOT_AUTHORIZED },
  { as: "a client without a password", username: "gateway-a", password: "none", refusal: NOT_AUTHORIZED },
  { as: "a client by the name of its group", username: "gateway", password: "right", refusal: NOT_AUTHORIZED },
  { as: "nobody that the broker knows", username: "stranger", password: "right", refusal: NOT_AUTHORIZED },
  { as: "nobody at all", password: "none", refusal: NOT_AUTHORIZED },
  {
    as: "a client of MQTT 5",
    username: "gateway-a",
    password: "right",
    protocolVersion: 5,
    refusal: "the broker closed the connection without an answer",
  },
];

/** How many were tried, for the documentation: of how many, so many are let through. */
export const tableCounts = {
  publish: { all: publishTable.length, allowed: publishTable.filter(({ arrives }) => arrives !== undefined).length },
  subscribe: { all: subscribeTable.length, allowed: subscribeTable.filter(({ hears }) => hears.length > 0).length },
  connect: { all: connectTable.length, allowed: connectTable.filter(({ refusal }) => refusal === undefined).length },
} as const;
