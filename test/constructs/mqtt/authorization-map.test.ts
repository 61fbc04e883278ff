import fc from "fast-check";
import { authorizationMapXml, type BrokerClient, CONSOLE_GROUP } from "../../../constructs/mqtt/authorization-map";
import { serverTopics } from "../../../constructs/mqtt/topics";
import { delivers, topicFilters, topics } from "../../support/topics";
import { readXml, type Xml } from "../../support/xml";

const names = fc.constantFrom("gateway", "meter", "dash", "site-a");
const clientLists: fc.Arbitrary<BrokerClient[]> = fc.uniqueArray(
  fc.record({
    name: names,
    publish: fc.uniqueArray(topicFilters, { maxLength: 4 }),
    subscribe: fc.uniqueArray(topicFilters, { maxLength: 4 }),
  }),
  { selector: ({ name }) => name, maxLength: 4 },
);

/** What Amazon MQ takes, for the elements that are used. */
const permitted: Readonly<
  Record<string, { readonly attributes: readonly string[]; readonly children: readonly string[] }>
> = {
  broker: {
    attributes: ["rejectDurableConsumers", "schedulePeriodForDestinationPurge", "xmlns"],
    children: ["destinationPolicy", "plugins"],
  },
  destinationPolicy: { attributes: [], children: ["policyMap"] },
  policyMap: { attributes: [], children: ["policyEntries"] },
  policyEntries: { attributes: [], children: ["policyEntry"] },
  policyEntry: {
    attributes: ["gcInactiveDestinations", "inactiveTimoutBeforeGC", "queue", "topic"],
    children: ["pendingMessageLimitStrategy"],
  },
  pendingMessageLimitStrategy: { attributes: [], children: ["constantPendingMessageLimitStrategy"] },
  constantPendingMessageLimitStrategy: { attributes: ["limit"], children: [] },
  plugins: { attributes: [], children: ["authorizationPlugin"] },
  authorizationPlugin: { attributes: [], children: ["map"] },
  map: { attributes: [], children: ["authorizationMap"] },
  authorizationMap: { attributes: [], children: ["authorizationEntries", "tempDestinationAuthorizationEntry"] },
  authorizationEntries: { attributes: [], children: ["authorizationEntry"] },
  authorizationEntry: { attributes: ["admin", "queue", "read", "topic", "write"], children: [] },
  tempDestinationAuthorizationEntry: {
    attributes: ["admin", "read", "write"],
    children: ["tempDestinationAuthorizationEntry"],
  },
};

function all(xml: Xml): Xml[] {
  return [xml, ...xml.children.flatMap(all)];
}

function entriesOf(text: string): readonly Readonly<Record<string, string>>[] {
  return all(readXml(text))
    .filter(({ name }) => name === "authorizationEntry")
    .map(({ attributes }) => attributes);
}

/** Groups with a right on a topic, as ActiveMQ finds them: those of all entries that fit, together. */
function holders(text: string, right: "admin" | "read" | "write", topic: string): Set<string> {
  const destination = topic.split("/");
  const fitting = entriesOf(text).filter(({ topic: pattern }) => pattern !== undefined && fits(pattern, destination));
  return new Set(fitting.flatMap((entry) => entry[right]?.split(",") ?? []));
}

function fits(pattern: string, destination: readonly string[]): boolean {
  const [first, ...rest] = pattern.split(".");
  if (first === ">") return true;
  if (destination.length === 0) return false;
  if (first !== "*" && first !== destination[0]) return false;
  if (rest.length === 0) return destination.length === 1;
  return fits(rest.join("."), destination.slice(1));
}

test("the configuration of two clients reads as documented", () => {
  const text = authorizationMapXml({
    environment: "prod",
    clients: [
      {
        name: "gateway",
        publish: ["devices/prod-gateway/telemetry"],
        subscribe: ["devices/prod-gateway/cmd/req"],
      },
      { name: "dash", publish: [], subscribe: ["devices/+/telemetry", "site/#"] },
    ],
  });
  const lines = text.split("\n").filter((line) => line.includes("<authorizationEntry "));
  expect(lines.map((line) => line.trim())).toEqual([
    '<authorizationEntry admin="activemq-webconsole" queue="&gt;" read="activemq-webconsole" write="activemq-webconsole"/>',
    '<authorizationEntry admin="activemq-webconsole" read="activemq-webconsole" topic="&gt;" write="activemq-webconsole"/>',
    '<authorizationEntry admin="dash,gateway,server" topic="ActiveMQ.Advisory.&gt;"/>',
    '<authorizationEntry admin="server" topic="prod.devices.*.cmd.req" write="server"/>',
    '<authorizationEntry admin="server" read="server" topic="prod.devices.*.cmd.res"/>',
    '<authorizationEntry admin="dash,server" read="dash,server" topic="prod.devices.*.telemetry"/>',
    '<authorizationEntry admin="gateway" read="gateway" topic="prod.devices.prod-gateway.cmd.req"/>',
    '<authorizationEntry admin="gateway" topic="prod.devices.prod-gateway.telemetry" write="gateway"/>',
    '<authorizationEntry admin="dash" read="dash" topic="prod.site.&gt;"/>',
  ]);
});

test("it is well-formed, of elements and attributes that Amazon MQ takes", () => {
  fc.assert(
    fc.property(clientLists, fc.boolean(), (clients, persistentSessions) => {
      const elements = all(readXml(authorizationMapXml({ environment: "dev", clients, persistentSessions })));
      expect(elements.length).toBeGreaterThan(20);
      const wrong = elements.filter(({ name, attributes, children }) => {
        const may = permitted[name];
        const names = Object.keys(attributes);
        return (
          may === undefined ||
          !names.every((attribute) => may.attributes.includes(attribute)) ||
          !children.every((child) => may.children.includes(child.name)) ||
          // the order that a second look at the broker gives back must be the one that was sent
          names.join() !== [...names].sort().join()
        );
      });
      expect(wrong).toEqual([]);
    }),
  );
});

test("every client may do what it says, below its environment, and nothing else", () => {
  fc.assert(
    fc.property(clientLists, fc.constantFrom("dev", "prod"), topics, fc.nat(), (clients, environment, topic, pick) => {
      const text = authorizationMapXml({ environment, clients });
      const own = (filters: readonly string[]): string[] => filters.map((filter) => `${environment}/${filter}`);
      const parties = [
        { name: "server", ...serverTopics(environment) },
        ...clients.map(({ name, publish, subscribe }) => ({
          name,
          publish: own(publish),
          subscribe: own(subscribe),
        })),
      ];
      // a topic out of the blue meets no grant: put the levels of one of the grants into it
      const filters = parties.flatMap(({ publish, subscribe }) => [...publish, ...subscribe]);
      const near = filters[pick % filters.length]?.replaceAll("+", "x").replace("#", topic) ?? topic;
      for (const asked of [topic, `${environment}/${topic}`, near, `${near}/x`]) {
        const can = (grants: readonly string[]): boolean => grants.some((filter) => delivers(filter, asked));
        const [writers, readers, admins] = (["write", "read", "admin"] as const).map((right) =>
          holders(text, right, asked),
        );
        const got = parties.map(({ name }) => [name, writers?.has(name), readers?.has(name), admins?.has(name)]);
        expect(got).toEqual(
          parties.map(({ name, publish, subscribe }) => [
            name,
            can(publish),
            can(subscribe),
            can(publish) || can(subscribe),
          ]),
        );
      }
    }),
  );
});

test("queues, temporary destinations and what the broker says of others are the console's alone", () => {
  fc.assert(
    fc.property(clientLists, (clients) => {
      const text = authorizationMapXml({ environment: "prod", clients });
      const console = { admin: CONSOLE_GROUP, read: CONSOLE_GROUP, write: CONSOLE_GROUP };
      expect(entriesOf(text).filter(({ queue }) => queue !== undefined)).toEqual([{ ...console, queue: ">" }]);
      const [, temporary] = all(readXml(text)).filter(({ name }) => name === "tempDestinationAuthorizationEntry");
      expect(temporary?.attributes).toEqual(console);
      for (const right of ["read", "write"] as const) {
        expect(holders(text, right, "ActiveMQ/Advisory/Connection")).toEqual(new Set([CONSOLE_GROUP]));
      }
      expect(holders(text, "admin", "ActiveMQ/Advisory/Connection")).toEqual(
        new Set([CONSOLE_GROUP, "server", ...clients.map(({ name }) => name)]),
      );
    }),
  );
});

test("the same rights in another order are the same text", () => {
  fc.assert(
    fc.property(clientLists, (clients) => {
      const turned = [...clients].reverse().map(({ name, publish, subscribe }) => ({
        name,
        publish: [...publish].reverse(),
        subscribe: [...subscribe].reverse(),
      }));
      expect(authorizationMapXml({ environment: "prod", clients: turned })).toBe(
        authorizationMapXml({ environment: "prod", clients }),
      );
    }),
  );
});

test("subscriptions that outlive their connection are refused unless they are asked for", () => {
  const refused = (persistentSessions?: boolean): string | undefined =>
    readXml(
      authorizationMapXml({
        environment: "prod",
        clients: [],
        ...(persistentSessions === undefined ? {} : { persistentSessions }),
      }),
    ).attributes["rejectDurableConsumers"];
  expect([refused(), refused(false), refused(true)]).toEqual(["true", "true", "false"]);
});

test.each(["server", "activemq-webconsole", "*", "a,b", "", "A", '"'])("a client cannot be named %j", (name) => {
  expect(() =>
    authorizationMapXml({ environment: "prod", clients: [{ name, publish: [], subscribe: ["#"] }] }),
  ).toThrow(
    `a client must not be named ${JSON.stringify(name)}: its group would have other rights than those of its topics, choose lower-case letters, digits and hyphens other than server and activemq-webconsole`,
  );
});

test("a topic that ActiveMQ reads as several is refused", () => {
  expect(() =>
    authorizationMapXml({ environment: "prod", clients: [{ name: "a", publish: ["x,y"], subscribe: [] }] }),
  ).toThrow('"prod/x,y" is no topic that ActiveMQ can keep apart');
});
