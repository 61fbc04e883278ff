import fc from "fast-check";
import {
  activeMqName,
  commandRequest,
  commandResponse,
  deviceTopics,
  isTopicFilter,
  mqttTopic,
  serverTopics,
  telemetry,
} from "../../../constructs/mqtt/topics";
import { topicFilters } from "../../support/topics";

test("a topic becomes the name that ActiveMQ gives it, and comes back", () => {
  const pairs = [
    ["prod/devices/prod-gate_1/cmd/req", "prod.devices.prod-gate_1.cmd.req"],
    ["prod/devices/+/telemetry", "prod.devices.*.telemetry"],
    ["prod/#", "prod.>"],
    ["+/+/#", "*.*.>"],
    ["#", ">"],
  ] as const;
  for (const [topic, name] of pairs) {
    expect(activeMqName(topic)).toBe(name);
    expect(mqttTopic(name)).toBe(topic);
  }
});

test("no two topics share a name", () => {
  fc.assert(
    fc.property(topicFilters, topicFilters, (one, other) => {
      expect(mqttTopic(activeMqName(one))).toBe(one);
      expect(activeMqName(one) === activeMqName(other)).toBe(one === other);
    }),
  );
});

test.each([
  ["prod/devices/a.b/telemetry"],
  ["prod/a,prod/b"],
  ["prod/a?consumer.exclusive=true"],
  ["prod/*/a"],
  ["prod/>"],
  ["prod/a+/b"],
  ["prod/#/a"],
  ["prod/a#"],
  ["prod//a"],
  ["/prod"],
  ["prod/"],
  [""],
  ["$share/group/prod/a"],
  ["prod/a\nprod/b"],
  ["prod/a\n"],
])("%j, which ActiveMQ would read as something else, is refused", (topic) => {
  expect(isTopicFilter(topic)).toBe(false);
  expect(() => activeMqName(topic)).toThrow(
    `${JSON.stringify(topic)} is no topic that ActiveMQ can keep apart: use letters, digits, _ and - between slashes, + for one level and a final # for the rest`,
  );
});

test("device and server hold the two ends of the same three topics", () => {
  expect(deviceTopics("prod", "prod-gate")).toEqual({
    publish: ["prod/devices/prod-gate/cmd/res", "prod/devices/prod-gate/telemetry"],
    subscribe: ["prod/devices/prod-gate/cmd/req"],
  });
  expect(serverTopics("prod")).toEqual({
    publish: ["prod/devices/+/cmd/req"],
    subscribe: ["prod/devices/+/cmd/res", "prod/devices/+/telemetry"],
  });
  for (const topic of [telemetry, commandRequest, commandResponse]) {
    // IoT Core takes at most seven slashes
    expect(topic("prod", "prod-gate").split("/").length).toBeLessThanOrEqual(8);
  }
});
