import { isAllowed, type PolicyContext, type PolicyStatement } from "../support/iot-policy-evaluator";

/** Page of AWS's guide that says so. */
const page = (name: string): string => `https://docs.aws.amazon.com/iot/latest/developerguide/${name}.html`;
const arn = (rest: string): string => `arn:aws:iot:us-east-1:123456789012:${rest}`;

const allow = (Action: string, Resource: string, Condition?: PolicyStatement["Condition"]): PolicyStatement => ({
  Effect: "Allow",
  Action: [Action],
  Resource: [Resource],
  ...(Condition === undefined ? {} : { Condition }),
});
const deny = (Action: string, Resource: string, Condition?: PolicyStatement["Condition"]): PolicyStatement => ({
  ...allow(Action, Resource, Condition),
  Effect: "Deny",
});

const THING = "iot:Connection.Thing.ThingName";
const ATTRIBUTES = "iot:ConnectAttributes";
const connectAsThing = allow("iot:Connect", arn(`client/\${${THING}}`));
const both = ["PersistentConnect", "LastWill"];

interface Example {
  readonly page: string;
  readonly says: string;
  readonly policy: readonly PolicyStatement[];
  readonly tries: readonly (readonly [action: string, resource: string, context: PolicyContext, allowed: boolean])[];
}

const examples: readonly Example[] = [
  {
    page: page("connect-policy"),
    says: "one client id may connect",
    policy: [allow("iot:Connect", arn("client/client1"))],
    tries: [
      ["iot:Connect", arn("client/client1"), {}, true],
      ["iot:Connect", arn("client/client2"), {}, false],
      ["iot:Connect", arn("client/client11"), {}, false],
      ["iot:Publish", arn("client/client1"), {}, false],
    ],
  },
  {
    page: page("connect-policy"),
    says: "two ids are denied, and whoever is a thing may connect under its name",
    policy: [{ ...deny("iot:Connect", ""), Resource: [arn("client/client1"), arn("client/client2")] }, connectAsThing],
    tries: [
      ["iot:Connect", arn("client/thing1"), { [THING]: "thing1" }, true],
      ["iot:Connect", arn("client/thing2"), { [THING]: "thing1" }, false],
      ["iot:Connect", arn("client/client1"), { [THING]: "client1" }, false],
    ],
  },
  {
    page: page("connect-policy"),
    says: "nothing but a persistent session may be asked for",
    policy: [allow("iot:Connect", "*", { "ForAllValues:StringEquals": { [ATTRIBUTES]: ["PersistentConnect"] } })],
    tries: [
      ["iot:Connect", arn("client/a"), { [ATTRIBUTES]: ["PersistentConnect"] }, true],
      ["iot:Connect", arn("client/a"), {}, true],
      ["iot:Connect", arn("client/a"), { [ATTRIBUTES]: both }, false],
    ],
  },
  {
    page: page("connect-policy"),
    says: "anything but a persistent session may be asked for",
    policy: [allow("iot:Connect", "*", { "ForAllValues:StringNotEquals": { [ATTRIBUTES]: ["PersistentConnect"] } })],
    tries: [
      ["iot:Connect", arn("client/a"), { [ATTRIBUTES]: ["LastWill"] }, true],
      ["iot:Connect", arn("client/a"), { [ATTRIBUTES]: both }, false],
    ],
  },
  {
    page: page("connect-policy"),
    says: "the same, as a denial",
    policy: [
      allow("iot:Connect", "*"),
      deny("iot:Connect", "*", { "ForAnyValue:StringEquals": { [ATTRIBUTES]: ["PersistentConnect"] } }),
    ],
    tries: [
      ["iot:Connect", arn("client/a"), {}, true],
      ["iot:Connect", arn("client/a"), { [ATTRIBUTES]: ["LastWill"] }, true],
      ["iot:Connect", arn("client/a"), { [ATTRIBUTES]: both }, false],
    ],
  },
  {
    page: page("connect-policy"),
    says: "a persistent session must be asked for, whatever else is",
    policy: [allow("iot:Connect", "*", { "ForAnyValue:StringEquals": { [ATTRIBUTES]: ["PersistentConnect"] } })],
    tries: [
      ["iot:Connect", arn("client/a"), { [ATTRIBUTES]: both }, true],
      ["iot:Connect", arn("client/a"), { [ATTRIBUTES]: ["LastWill"] }, false],
      ["iot:Connect", arn("client/a"), {}, false],
    ],
  },
  {
    page: page("connect-policy"),
    says: "only who leaves a will for one topic may connect",
    policy: [allow("iot:Connect", "*", { ArnEquals: { "iot:LastWillTopic": arn("topic/*my/lastwill/topicName*") } })],
    tries: [
      ["iot:Connect", arn("client/a"), { "iot:LastWillTopic": arn("topic/my/lastwill/topicName") }, true],
      ["iot:Connect", arn("client/a"), { "iot:LastWillTopic": arn("topic/another") }, false],
      ["iot:Connect", arn("client/a"), {}, false],
    ],
  },
  {
    page: page("pub-sub-policy"),
    says: "a thing publishes below its own name",
    policy: [connectAsThing, allow("iot:Publish", arn(`topic/\${${THING}}/*`))],
    tries: [
      ["iot:Publish", arn("topic/thing1/a"), { [THING]: "thing1" }, true],
      ["iot:Publish", arn("topic/thing1/a/b/c"), { [THING]: "thing1" }, true],
      ["iot:Publish", arn("topic/thing2/a"), { [THING]: "thing1" }, false],
      ["iot:Publish", arn("topic/thing1"), { [THING]: "thing1" }, false],
    ],
  },
  {
    page: page("pub-sub-policy"),
    says: "* at the end of a filter is any text",
    policy: [
      allow("iot:Subscribe", arn(`topicfilter/\${${THING}}/room*`)),
      allow("iot:Receive", arn(`topic/\${${THING}}/room*`)),
    ],
    tries: [
      ["iot:Subscribe", arn("topicfilter/thing1/room2"), { [THING]: "thing1" }, true],
      ["iot:Receive", arn("topic/thing1/room1"), { [THING]: "thing1" }, true],
      ["iot:Receive", arn("topicfilter/thing1/room1"), { [THING]: "thing1" }, false],
      ["iot:Subscribe", arn("topicfilter/thing1/hall"), { [THING]: "thing1" }, false],
    ],
  },
  {
    page: page("pub-sub-policy"),
    says: "the wildcards of MQTT are literal",
    policy: [allow("iot:Subscribe", arn("topicfilter/some/+/topic"))],
    tries: [
      ["iot:Subscribe", arn("topicfilter/some/+/topic"), {}, true],
      ["iot:Subscribe", arn("topicfilter/some/one/topic"), {}, false],
      ["iot:Subscribe", arn("topicfilter/some/#"), {}, false],
    ],
  },
  {
    page: page("pub-sub-policy"),
    says: "the wildcards of policies meet those of MQTT: * also takes +, ? one character",
    policy: [allow("iot:Subscribe", arn("topicfilter/some/*/topic")), allow("iot:Publish", arn("topic/some/?/topic"))],
    tries: [
      ["iot:Subscribe", arn("topicfilter/some/+/topic"), {}, true],
      ["iot:Subscribe", arn("topicfilter/some/one/two/topic"), {}, true],
      ["iot:Publish", arn("topic/some/1/topic"), {}, true],
      ["iot:Publish", arn("topic/some/12/topic"), {}, false],
    ],
  },
  {
    page: page("pub-sub-policy"),
    says: "all topics of the client but one",
    policy: [
      allow("iot:Publish", arn("topic/${iot:ClientId}/*")),
      deny("iot:Publish", arn("topic/${iot:ClientId}/bar")),
    ],
    tries: [
      ["iot:Publish", arn("topic/client1/foo"), { "iot:ClientId": "client1" }, true],
      ["iot:Publish", arn("topic/client1/bar"), { "iot:ClientId": "client1" }, false],
      ["iot:Publish", arn("topic/client2/foo"), { "iot:ClientId": "client1" }, false],
    ],
  },
  {
    page: page("basic-policy-variables"),
    says: "a client id that is + opens everybody's topics, where nothing says who may connect",
    policy: [allow("iot:Subscribe", arn("topicfilter/my/${iot:ClientId}/topic"))],
    tries: [
      ["iot:Subscribe", arn("topicfilter/my/+/topic"), { "iot:ClientId": "+" }, true],
      ["iot:Subscribe", arn("topicfilter/my/+/topic"), { "iot:ClientId": "client1" }, false],
    ],
  },
  {
    page: page("iot-policy-variables"),
    says: "special characters have variables of their own, in which they are literal",
    policy: [allow("iot:Publish", arn("topic/${*}/${?}/${$}"))],
    tries: [
      ["iot:Publish", arn("topic/*/?/$"), {}, true],
      ["iot:Publish", arn("topic/a/b/c"), {}, false],
    ],
  },
  {
    page: page("thing-policy-examples"),
    says: "only who is attached to its thing may connect",
    policy: [allow("iot:Connect", "*", { Bool: { "iot:Connection.Thing.IsAttached": ["true"] } })],
    tries: [
      ["iot:Connect", arn("client/a"), { "iot:Connection.Thing.IsAttached": "true" }, true],
      ["iot:Connect", arn("client/a"), { "iot:Connection.Thing.IsAttached": "false" }, false],
      ["iot:Connect", arn("client/a"), {}, false],
    ],
  },
  {
    page: page("thing-policy-examples"),
    says: "type and attribute of the thing count as well",
    policy: [
      allow("iot:Publish", arn("topic/device/stats"), {
        StringEquals: {
          "iot:Connection.Thing.Attributes[floor]": "1",
          "iot:Connection.Thing.ThingTypeName": "lamp",
        },
        Bool: { "iot:Connection.Thing.IsAttached": "true" },
      }),
    ],
    tries: [
      ["iot:Publish", arn("topic/device/stats"), lamp({}), true],
      ["iot:Publish", arn("topic/device/stats"), lamp({ "iot:Connection.Thing.ThingTypeName": "door" }), false],
      ["iot:Publish", arn("topic/device/stats"), lamp({ "iot:Connection.Thing.Attributes[floor]": undefined }), false],
      ["iot:Publish", arn("topic/device/stats"), lamp({ "iot:Connection.Thing.IsAttached": "false" }), false],
    ],
  },
  {
    page: page("thing-policy-examples"),
    says: "a variable without a value refuses",
    policy: [allow("iot:Publish", arn("topic/${iot:Connection.Thing.Attributes[floor]}/*"))],
    tries: [
      ["iot:Publish", arn("topic/1/a"), { "iot:Connection.Thing.Attributes[floor]": "1" }, true],
      ["iot:Publish", arn("topic/1/a"), {}, false],
      ["iot:Publish", arn("topic//a"), {}, false],
    ],
  },
  {
    page: page("iot-policy-actions"),
    says: "to publish and to publish what is kept are two permissions",
    policy: [allow("iot:Publish", arn("topic/a"))],
    tries: [
      ["iot:Publish", arn("topic/a"), {}, true],
      ["iot:RetainPublish", arn("topic/a"), {}, false],
    ],
  },
];

function lamp(changes: PolicyContext): PolicyContext {
  return {
    "iot:Connection.Thing.Attributes[floor]": "1",
    "iot:Connection.Thing.ThingTypeName": "lamp",
    "iot:Connection.Thing.IsAttached": "true",
    ...changes,
  };
}

describe.each(examples)("$page: $says", ({ policy, tries }) => {
  test.each(tries)("%s %s with %j: %s", (action, resource, context, allowed) => {
    expect(isAllowed({ Statement: policy }, { action, resource, context })).toBe(allowed);
  });
});

describe("what it does not know it does not guess", () => {
  const request = { action: "iot:Connect", resource: arn("client/a"), context: { list: ["a", "b"] } };
  const evaluate = (statement: object) => () => isAllowed({ Statement: [statement as PolicyStatement] }, request);

  test.each([
    ["an element", { ...allow("iot:Connect", "*"), Principal: "*" }, "the element Principal of a statement"],
    ["an element and its opposite", { ...allow("iot:Connect", "*"), NotResource: "*" }, "an element or its opposite"],
    ["an operator", allow("iot:Connect", "*", { NumericEquals: { a: "1" } }), "the operator NumericEquals of"],
    ["a list as one value", allow("iot:Connect", "*", { StringEquals: { list: "a" } }), "compares one value, got 2"],
    ["a list as a variable", allow("iot:Connect", "${list}"), "the variable list has several values"],
  ])("%s", (_, statement, message) => {
    expect(evaluate(statement)).toThrow(message);
  });
});

test("an empty policy allows nothing", () => {
  expect(isAllowed({ Statement: [] }, { action: "iot:Connect", resource: arn("client/a") })).toBe(false);
});
