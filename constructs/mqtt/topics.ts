/** One level of a topic: a name without `.`, which ActiveMQ would read as the end of a level. */
const LEVEL = "[A-Za-z0-9_-]+";
const FILTER = new RegExp(`^(?:#|(?:${LEVEL}|\\+)(?:/(?:${LEVEL}|\\+))*(?:/#)?)$`);

/**
 * Where the topics of all devices of an environment start, without a slash at the end. Environments that share an account, or a
 * broker, never share a topic.
 */
export function devicesPrefix(environment: string): string {
  return `${environment}/devices`;
}

/** What a device measures. The device publishes, the server subscribes. `thing` may be `+` for all devices. */
export function telemetry(environment: string, thing: string): string {
  return `${devicesPrefix(environment)}/${thing}/telemetry`;
}

/** Commands for a device. The server publishes, that device subscribes. `thing` may be `+` for all devices. */
export function commandRequest(environment: string, thing: string): string {
  return `${devicesPrefix(environment)}/${thing}/cmd/req`;
}

/** Answers to commands. The device publishes, the server subscribes. `thing` may be `+` for all devices. */
export function commandResponse(environment: string, thing: string): string {
  return `${devicesPrefix(environment)}/${thing}/cmd/res`;
}

/** Topics that somebody may use, in MQTT's wildcards. */
export interface TopicGrants {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** The server's half of the contract, on both engines. */
export function serverTopics(environment: string): TopicGrants {
  return {
    publish: [commandRequest(environment, "+")],
    subscribe: [commandResponse(environment, "+"), telemetry(environment, "+")],
  };
}

/** The half of the contract of one device, on both engines; `thing` is its whole name, `<environment>-<id>`. */
export function deviceTopics(environment: string, thing: string): TopicGrants {
  return {
    publish: [commandResponse(environment, thing), telemetry(environment, thing)],
    subscribe: [commandRequest(environment, thing)],
  };
}

/** Whether both engines can serve `topic`, which may have wildcards: `+` for one level, a final `#` for the rest. */
export function isTopicFilter(topic: string): boolean {
  return FILTER.test(topic);
}

/**
 * The name under which ActiveMQ keeps an MQTT topic: `/` is `.`, `+` is `*`, `#` is `>`. Other topics than `isTopicFilter` takes
 * are refused, for ActiveMQ would read a comma as a list of destinations and a question mark as options.
 */
export function activeMqName(topic: string): string {
  if (!isTopicFilter(topic)) {
    throw new Error(
      `${JSON.stringify(topic)} is no topic that ActiveMQ can keep apart: use letters, digits, _ and - between slashes, + for one level and a final # for the rest`,
    );
  }
  return topic.replaceAll("/", ".").replaceAll("+", "*").replaceAll("#", ">");
}

/** The MQTT topic of a destination of ActiveMQ: what `activeMqName` was given. */
export function mqttTopic(name: string): string {
  return name.replaceAll(".", "/").replaceAll("*", "+").replaceAll(">", "#");
}
