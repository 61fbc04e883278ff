import { devicePolicy, serverStatements } from "../../constructs/mqtt/iot-policies";
import { isAllowed, type PolicyContext, type PolicyDocument } from "./iot-policy-evaluator";

const place = { region: "eu-west-1", account: "123456789012" };
const arn = (rest: string): string => `arn:aws:iot:${place.region}:${place.account}:${rest}`;

/** Type of each thing of the account; a third environment is called as if it were part of the first. */
const types: Readonly<Record<string, string>> = {
  "dev-meter": "shop-dev-device",
  "dev-lamp": "shop-dev-device",
  "dev-foreign": "forklift",
  "prod-meter": "shop-prod-device",
  "dev-two-meter": "shop-dev-two-device",
};

const device = (environment: string): PolicyDocument =>
  devicePolicy({ ...place, environment, thingType: `shop-${environment}-device` });
const server = (environment: string): PolicyDocument => ({
  Statement: serverStatements({ ...place, environment }),
});

/** Who connects: with a policy, under a client id, and with a certificate that is attached to things. */
interface Who {
  readonly policy: PolicyDocument;
  readonly clientId: string;
  readonly attached: readonly string[];
}

const people = {
  "dev's meter": { policy: device("dev"), clientId: "dev-meter", attached: ["dev-meter"] },
  "prod's meter": { policy: device("prod"), clientId: "prod-meter", attached: ["prod-meter"] },
  "dev's meter under the lamp's name": { policy: device("dev"), clientId: "dev-lamp", attached: ["dev-meter"] },
  "dev's meter under a name that nobody has": { policy: device("dev"), clientId: "dev-new", attached: ["dev-meter"] },
  "dev's meter as +": { policy: device("dev"), clientId: "+", attached: ["dev-meter"] },
  "dev's meter as *": { policy: device("dev"), clientId: "*", attached: ["dev-meter"] },
  "dev's meter as its server": { policy: device("dev"), clientId: "dev-server-1", attached: ["dev-meter"] },
  "a certificate of dev that is attached to nothing": {
    policy: device("dev"),
    clientId: "dev-meter",
    attached: [],
  },
  "a thing of another type with dev's policy": {
    policy: device("dev"),
    clientId: "dev-foreign",
    attached: ["dev-foreign"],
  },
  "prod's meter with dev's policy": { policy: device("dev"), clientId: "prod-meter", attached: ["prod-meter"] },
  "dev-two's meter with dev's policy": {
    policy: device("dev"),
    clientId: "dev-two-meter",
    attached: ["dev-two-meter"],
  },
  "dev's policy over HTTP": { policy: device("dev"), clientId: "", attached: [] },
  "dev's server": { policy: server("dev"), clientId: "dev-server-1", attached: [] },
  "prod's server": { policy: server("prod"), clientId: "prod-server-1", attached: [] },
  "dev's server as a device": { policy: server("dev"), clientId: "dev-meter", attached: [] },
  "dev's server as prod's": { policy: server("dev"), clientId: "prod-server-1", attached: [] },
} as const satisfies Record<string, Who>;

/** Somebody of the table. */
export type Person = keyof typeof people;
type Deed = "connect" | "publish" | "retain" | "subscribe" | "receive" | "shadow";

/** One line of the table; `what` is a topic or a filter, and nothing for `connect`. */
export interface IotRow {
  readonly who: Person;
  readonly does: Deed;
  readonly what: string;
  readonly allowed: boolean;
}

const may = (who: Person, does: Deed, ...topics: readonly string[]): IotRow[] => rows(who, does, topics, true);
const mayNot = (who: Person, does: Deed, ...topics: readonly string[]): IotRow[] => rows(who, does, topics, false);

function rows(who: Person, does: Deed, topics: readonly string[], allowed: boolean): IotRow[] {
  return (topics.length === 0 ? [""] : topics).map((what) => ({ who, does, what, allowed }));
}

const own = "dev/devices/dev-meter";
const lamp = "dev/devices/dev-lamp";
const prods = "prod/devices/prod-meter";

/** What is tried of the policies for AWS IoT. */
export const iotTable: readonly IotRow[] = [
  ...may("dev's meter", "connect"),
  ...may("dev's meter", "publish", `${own}/telemetry`, `${own}/cmd/res`),
  ...may("dev's meter", "subscribe", `${own}/cmd/req`),
  ...may("dev's meter", "receive", `${own}/cmd/req`),
  ...mayNot("dev's meter", "publish", `${own}/cmd/req`, `${own}/telemetry/more`, `${own}/other`, own),
  ...mayNot("dev's meter", "publish", `${lamp}/telemetry`, `${lamp}/cmd/res`, `${lamp}/cmd/req`),
  ...mayNot("dev's meter", "publish", `${prods}/telemetry`, "prod/devices/dev-meter/telemetry"),
  ...mayNot("dev's meter", "publish", "$aws/things/dev-meter/shadow/update", "$aws/rules/audit/dev", "dev/devices"),
  ...mayNot("dev's meter", "retain", `${own}/telemetry`, `${own}/cmd/res`),
  ...mayNot("dev's meter", "shadow", "dev-meter"),
  ...mayNot(
    "dev's meter",
    "subscribe",
    `${own}/cmd/res`,
    `${own}/telemetry`,
    `${own}/#`,
    `${own}/+/req`,
    `${own}/cmd/+`,
  ),
  ...mayNot("dev's meter", "subscribe", `${lamp}/cmd/req`, "dev/devices/+/cmd/req", "dev/devices/#", "dev/#"),
  ...mayNot("dev's meter", "subscribe", "#", "+", "+/#", "+/devices/dev-meter/cmd/req", "dev/+/dev-meter/cmd/req"),
  ...mayNot("dev's meter", "subscribe", `$share/thieves/${own}/cmd/req`, "$share/thieves/#", "$aws/#", "$aws/events/#"),
  ...mayNot("dev's meter", "subscribe", `${prods}/cmd/req`, "prod/devices/+/cmd/req"),
  ...mayNot("dev's meter", "receive", `${lamp}/cmd/req`, `${own}/telemetry`, `${own}/cmd/res`, `${prods}/cmd/req`),

  ...may("prod's meter", "connect"),
  ...may("prod's meter", "publish", `${prods}/telemetry`, `${prods}/cmd/res`),
  ...may("prod's meter", "subscribe", `${prods}/cmd/req`),
  ...may("prod's meter", "receive", `${prods}/cmd/req`),
  ...mayNot("prod's meter", "publish", `${own}/telemetry`, "dev/devices/prod-meter/telemetry", `${prods}/cmd/req`),
  ...mayNot("prod's meter", "subscribe", `${own}/cmd/req`, "dev/devices/prod-meter/cmd/req", "prod/devices/+/cmd/req"),
  ...mayNot("prod's meter", "receive", `${own}/cmd/req`, "dev/devices/prod-meter/cmd/req"),

  ...mayNot("dev's meter under the lamp's name", "connect"),
  ...mayNot("dev's meter under a name that nobody has", "connect"),
  ...mayNot("dev's meter as +", "connect"),
  ...mayNot("dev's meter as +", "subscribe", "dev/devices/+/cmd/req"),
  ...mayNot("dev's meter as *", "connect"),
  ...mayNot("dev's meter as its server", "connect"),
  ...mayNot("a certificate of dev that is attached to nothing", "connect"),
  ...mayNot("a certificate of dev that is attached to nothing", "publish", `${own}/telemetry`),
  ...mayNot("a certificate of dev that is attached to nothing", "subscribe", `${own}/cmd/req`),
  ...mayNot("a certificate of dev that is attached to nothing", "receive", `${own}/cmd/req`),
  ...mayNot("a thing of another type with dev's policy", "connect"),
  ...mayNot("a thing of another type with dev's policy", "publish", "dev/devices/dev-foreign/telemetry"),
  ...mayNot("prod's meter with dev's policy", "connect"),
  ...mayNot("prod's meter with dev's policy", "publish", "dev/devices/prod-meter/telemetry", `${prods}/telemetry`),
  ...mayNot("prod's meter with dev's policy", "subscribe", "dev/devices/prod-meter/cmd/req", `${prods}/cmd/req`),
  ...mayNot("dev-two's meter with dev's policy", "connect"),
  ...mayNot("dev-two's meter with dev's policy", "publish", "dev/devices/dev-two-meter/telemetry"),
  ...mayNot("dev's policy over HTTP", "publish", `${own}/telemetry`, "dev/devices//telemetry"),

  ...may("dev's server", "connect"),
  ...may("dev's server", "publish", `${own}/cmd/req`, `${lamp}/cmd/req`),
  ...may("dev's server", "subscribe", "dev/devices/+/telemetry", "dev/devices/+/cmd/res", `${own}/cmd/res`),
  ...may("dev's server", "subscribe", "$share/api/dev/devices/+/telemetry", "$share/api/dev/devices/+/cmd/res"),
  ...may("dev's server", "receive", `${own}/telemetry`, `${lamp}/cmd/res`, `$share/api/${own}/telemetry`),
  ...mayNot("dev's server", "publish", `${own}/telemetry`, `${own}/cmd/res`, `${prods}/cmd/req`, "dev/devices"),
  ...mayNot("dev's server", "publish", "$aws/things/dev-meter/shadow/update"),
  ...mayNot("dev's server", "retain", `${own}/cmd/req`),
  ...mayNot("dev's server", "subscribe", "#", "+/#", "dev/#", "dev/devices/#", "dev/devices/+/cmd/req", "$aws/#"),
  ...mayNot("dev's server", "subscribe", "prod/devices/+/telemetry", "+/devices/+/telemetry"),
  ...mayNot("dev's server", "subscribe", "$share/api/#", "$share/api/prod/devices/+/telemetry"),
  ...mayNot("dev's server", "receive", `${own}/cmd/req`, `${prods}/telemetry`, `$share/api/${prods}/telemetry`),
  ...mayNot("dev's server as a device", "connect"),
  ...mayNot("dev's server as prod's", "connect"),

  ...may("prod's server", "connect"),
  ...may("prod's server", "publish", `${prods}/cmd/req`),
  ...may("prod's server", "subscribe", "prod/devices/+/cmd/res", "$share/api/prod/devices/+/telemetry"),
  ...mayNot("prod's server", "publish", `${own}/cmd/req`),
  ...mayNot("prod's server", "subscribe", "dev/devices/+/telemetry"),
  ...mayNot("prod's server", "receive", `${own}/telemetry`),
];

const requests: Readonly<Record<Deed, (who: Who, what: string) => { action: string; resource: string }>> = {
  connect: ({ clientId }) => ({ action: "iot:Connect", resource: arn(`client/${clientId}`) }),
  publish: (_, topic) => ({ action: "iot:Publish", resource: arn(`topic/${topic}`) }),
  retain: (_, topic) => ({ action: "iot:RetainPublish", resource: arn(`topic/${topic}`) }),
  subscribe: (_, filter) => ({ action: "iot:Subscribe", resource: arn(`topicfilter/${filter}`) }),
  receive: (_, topic) => ({ action: "iot:Receive", resource: arn(`topic/${topic}`) }),
  shadow: (_, thing) => ({ action: "iot:GetThingShadow", resource: arn(`thing/${thing}`) }),
};

/**
 * What AWS may know of a connection. Its guide says both that a thing is found by the certificate and that it is found by the client
 * id; the policies must not depend on which of them it is.
 */
function readings({ clientId, attached }: Who): PolicyContext[] {
  return [attached.includes(clientId) ? clientId : attached[0], clientId].map((name = "") => {
    const type = types[name];
    return {
      "iot:ClientId": clientId,
      "iot:Connection.Thing.ThingName": type === undefined ? undefined : name,
      "iot:Connection.Thing.ThingTypeName": type,
      "iot:Connection.Thing.IsAttached": String(attached.includes(name)),
    };
  });
}

/** What the policies say to a line of the table, for each thing that AWS may take for the client. */
export function answers({ who, does, what }: IotRow): readonly boolean[] {
  const person = people[who];
  return readings(person).map((context) => isAllowed(person.policy, { ...requests[does](person, what), context }));
}
