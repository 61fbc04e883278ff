import { deviceTopics, serverTopics } from "./topics";

/** AWS IoT puts the name of the thing here whose certificate is connected, and refuses where there is none. */
const THING = "${iot:Connection.Thing.ThingName}";

/** Where things and topics of an environment are. */
export interface IotPlace {
  readonly region: string;
  readonly account: string;
  readonly environment: string;
}

export interface DevicePolicyProps extends IotPlace {
  /** Type of all things of this environment, and of no others. */
  readonly thingType: string;
}

/** One statement of a policy. */
export interface IotStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface IotPolicy {
  readonly Version: "2012-10-17";
  readonly Statement: readonly IotStatement[];
}

/**
 * What every device of an environment may do, in one policy: connect under its own name, with a certificate that is attached to a
 * thing of this environment's type, and use its own topics. Retained messages would need `iot:RetainPublish`, and a last will is
 * one more message of its own topics. Who publishes over HTTP is no connected thing, and is refused.
 * https://docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html
 */
export function devicePolicy({ thingType, ...place }: DevicePolicyProps): IotPolicy {
  const { publish, subscribe } = deviceTopics(place.environment, THING);
  const Condition = {
    Bool: { "iot:Connection.Thing.IsAttached": "true" },
    // a certificate may be attached to things of several environments: this policy is good for those of one
    StringEquals: { "iot:Connection.Thing.ThingTypeName": thingType },
  };
  const allow = (Sid: string, Resource: readonly string[]): IotStatement => ({
    Sid,
    Effect: "Allow",
    Action: [`iot:${Sid}`],
    Resource,
    Condition,
  });
  return {
    Version: "2012-10-17",
    Statement: [
      allow("Connect", [arn(place, "client", THING)]),
      allow("Publish", all(place, "topic", publish)),
      allow("Subscribe", all(place, "topicfilter", subscribe)),
      allow("Receive", all(place, "topic", subscribe)),
    ],
  };
}

/**
 * What a service may do with its task role, as statements of IAM: connect as `<environment>-server-<anything>`, send commands, and
 * hear what devices send, all of them or one, alone or sharing a subscription with its other tasks. A message of a shared
 * subscription is received under its own topic; AWS's examples also name the one with `$share`, so that both are allowed.
 * https://docs.aws.amazon.com/iot/latest/developerguide/mqtt.html#mqtt5-shared-subscription
 */
export function serverStatements(place: IotPlace): readonly IotStatement[] {
  const topics = serverTopics(place.environment);
  const publish = topics.publish.map(ofPolicy);
  const subscribe = topics.subscribe.map(ofPolicy).flatMap((topic) => [topic, `$share/*/${topic}`]);
  const allow = (Sid: string, action: string, Resource: readonly string[]): IotStatement => ({
    Sid,
    Effect: "Allow",
    Action: [action],
    Resource,
  });
  return [
    allow("ConnectToBroker", "iot:Connect", [arn(place, "client", `${serverClientPrefix(place.environment)}*`)]),
    allow("SendCommands", "iot:Publish", all(place, "topic", publish)),
    allow("SubscribeToDevices", "iot:Subscribe", all(place, "topicfilter", subscribe)),
    allow("ReceiveFromDevices", "iot:Receive", all(place, "topic", subscribe)),
  ];
}

/**
 * Start of every client id of services. A device whose id began with `server-` would be called like one, and push it off the
 * broker when it connects: no device may get such an id.
 */
export function serverClientPrefix(environment: string): string {
  return `${environment}-server-`;
}

/** In a policy `+` is itself, and `*` is any text: every single thing, and the `+` of a subscription to all of them. */
function ofPolicy(topic: string): string {
  return topic.replaceAll("+", "*");
}

type ResourceType = "client" | "topic" | "topicfilter";

function all(place: IotPlace, type: ResourceType, names: readonly string[]): string[] {
  return names.map((name) => arn(place, type, name));
}

function arn({ region, account }: IotPlace, type: ResourceType, name: string): string {
  return `arn:aws:iot:${region}:${account}:${type}/${name}`;
}
