import { activeMqName, serverTopics, type TopicGrants } from "./topics";

/** Somebody who may use topics: everyone who logs in as a member of the group that is named like the client. */
export interface BrokerClient extends TopicGrants {
  readonly name: string;
}

export interface AuthorizationMap {
  /** Start of all topics. */
  readonly environment: string;
  /** Besides the server, with topics below the environment, in MQTT's wildcards. */
  readonly clients: readonly BrokerClient[];
  /**
   * Keep QoS 1 and 2 messages for clients that are away (`clean` false). ActiveMQ does not ask whether such a subscription may hear
   * a topic that comes after it: with `+` in it, any client hears what its neighbours do, and a server with `+` that is away misses
   * the first message of a new device. Say true only when all clients trust each other. Default: false, such subscriptions are
   * refused.
   */
  readonly persistentSessions?: boolean;
}

/** Name of the built-in client that the services connect as; it holds the server's half of the topic contract. */
export const SERVER_CLIENT = "server";

/** Amazon MQ's own group of people at the web console. Nothing here puts anybody into it, and the console's port is closed. */
export const CONSOLE_GROUP = "activemq-webconsole";

/** Creating a destination, listening and sending. */
type Right = "admin" | "read" | "write";

const GROUP = /^[a-z][a-z0-9-]*$/;

/**
 * Configuration of an Amazon MQ broker on which each client reaches the topics that it says, and nothing else.
 *
 * Rights add up and there is no denial: whoever no entry names is refused. So the entries for everything, `>`, name the console's
 * group alone, and the one for temporary destinations is there because without it they are anybody's.
 *
 * Advisory topics are created in the name of the client whose coming they announce: without `admin` on them nobody could connect.
 * Only the console's group may read or write them, for they tell who else is connected and to what, and MQTT needs neither. Apache
 * says so of ordinary users too: https://activemq.apache.org/components/classic/documentation/security#authorization
 *
 * The destination policy is what Amazon MQ sets in a broker without a configuration of its own: topics that nobody uses are
 * forgotten after ten minutes, and a subscriber that does not keep up loses its oldest messages beyond a thousand. Elements and
 * attributes are those of https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/permitted-collections.html and
 * https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/permitted-attributes.html
 *
 * The text depends on what is granted, not on the order it is written in: equal rights never reboot a broker.
 */
export function authorizationMapXml({ environment, clients, persistentSessions = false }: AuthorizationMap): string {
  for (const { name } of clients) refuseForeignGroup(name);
  const below = (topic: string): string => `${environment}/${topic}`;
  const all: readonly BrokerClient[] = [
    { name: SERVER_CLIENT, ...serverTopics(environment) },
    ...clients.map(({ name, publish, subscribe }) => ({
      name,
      publish: publish.map(below),
      subscribe: subscribe.map(below),
    })),
  ];
  const console = { admin: CONSOLE_GROUP, read: CONSOLE_GROUP, write: CONSOLE_GROUP };
  const entries = [
    element("authorizationEntry", { ...console, queue: ">" }),
    element("authorizationEntry", { ...console, topic: ">" }),
    element("authorizationEntry", { admin: list(all.map(({ name }) => name)), topic: "ActiveMQ.Advisory.>" }),
    ...topicEntries(all),
  ];
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<broker rejectDurableConsumers="${!persistentSessions}" schedulePeriodForDestinationPurge="10000" xmlns="http://activemq.apache.org/schema/core">
  <destinationPolicy>
    <policyMap>
      <policyEntries>
        <policyEntry gcInactiveDestinations="true" inactiveTimoutBeforeGC="600000" topic="&gt;">
          <pendingMessageLimitStrategy>
            <constantPendingMessageLimitStrategy limit="1000"/>
          </pendingMessageLimitStrategy>
        </policyEntry>
        <policyEntry gcInactiveDestinations="true" inactiveTimoutBeforeGC="600000" queue="&gt;"/>
      </policyEntries>
    </policyMap>
  </destinationPolicy>
  <plugins>
    <authorizationPlugin>
      <map>
        <authorizationMap>
          <authorizationEntries>
${entries.map((entry) => " ".repeat(12) + entry).join("\n")}
          </authorizationEntries>
          <tempDestinationAuthorizationEntry>
            ${element("tempDestinationAuthorizationEntry", console)}
          </tempDestinationAuthorizationEntry>
        </authorizationMap>
      </map>
    </authorizationPlugin>
  </plugins>
</broker>
`;
}

function refuseForeignGroup(name: string): void {
  if (GROUP.test(name) && name !== SERVER_CLIENT && name !== CONSOLE_GROUP) return;
  throw new Error(
    `a client must not be named ${JSON.stringify(name)}: its group would have other rights than those of its topics, choose lower-case letters, digits and hyphens other than ${SERVER_CLIENT} and ${CONSOLE_GROUP}`,
  );
}

/** One entry per topic that anybody names. */
function topicEntries(clients: readonly BrokerClient[]): string[] {
  const rights = new Map<string, Record<Right, Set<string>>>();
  const grant = (topic: string, right: Right, group: string): void => {
    const name = activeMqName(topic);
    const entry = rights.get(name) ?? { admin: new Set(), read: new Set(), write: new Set() };
    rights.set(name, entry);
    entry[right].add(group);
    // whoever comes first creates the topic
    entry.admin.add(group);
  };
  for (const { name, publish, subscribe } of clients) {
    for (const topic of publish) grant(topic, "write", name);
    for (const topic of subscribe) grant(topic, "read", name);
  }
  return [...rights].sort(byKey).map(([topic, { admin, read, write }]) =>
    element("authorizationEntry", {
      admin: list(admin),
      ...(read.size > 0 ? { read: list(read) } : {}),
      topic,
      ...(write.size > 0 ? { write: list(write) } : {}),
    }),
  );
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function list(groups: Iterable<string>): string {
  return [...new Set(groups)].sort().join(",");
}

/** With its attributes in the order of their names. */
function element(name: string, attributes: Readonly<Record<string, string>>): string {
  const written = Object.entries(attributes)
    .sort(byKey)
    .map(([key, value]) => ` ${key}="${escaped(value)}"`);
  return `<${name}${written.join("")}/>`;
}

function escaped(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
