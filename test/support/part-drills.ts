import type { Drill } from "../../ci/rehearse/drill";
import type { EnvironmentInput } from "../../environments/environment";
import { type Entry, newRevision } from "./drill-entry";

type Mqtt = EnvironmentInput["mqtt"];

/** Changes of images, broker and alerts. */
export const partDrills: readonly Entry[] = [
  {
    appliesTo: ({ environment }) => "access" in environment.images,
    of: ({ environment }) => {
      const access = "access" in environment.images && environment.images.access === "public" ? "cdn" : "public";
      return {
        name: "switch the access to images",
        change: ({ project, environment: current }) => ({
          project,
          environment: { ...current, images: { ...current.images, access } },
        }),
        expects: [
          { address: "aws_s3_bucket_policy.Images_*", action: "update" },
          { address: "aws_s3_bucket_public_access_block.Images_*", action: "update" },
        ],
      };
    },
  },
  {
    appliesTo: ({ environment }) => "engine" in environment.mqtt,
    of: ({ environment }) => ({
      name: "switch the engine of the broker",
      change: withMqtt(otherEngine(environment.mqtt)),
      refusedWith: "replaces",
    }),
  },
  {
    appliesTo: ({ environment }) => "engine" in environment.mqtt,
    of: ({ environment }) => {
      const replaces = "engine" in environment.mqtt ? environment.mqtt.engine : "";
      return {
        name: "switch the engine of the broker with a word of confirmation",
        change: withMqtt({ ...otherEngine(environment.mqtt), replaces } as Mqtt),
        expects: [engineCreated[replaces === "activemq" ? "iot-core" : "activemq"]],
        mayDelete: [
          { address: "*.Mqtt_*", because: "it is the broker that goes" },
          { address: "aws_iam_role_policy.*", because: "what services were allowed on it" },
          { address: "*ToMqttBroker*", because: "the way that services had to it" },
        ],
        losesData: [
          { address: "*.Mqtt_*", because: "it is the broker that goes, with its logs and its clients' secrets" },
        ],
        mayReplace: [newRevision],
      };
    },
  },
  {
    appliesTo: ({ environment }) => "engine" in environment.mqtt && environment.mqtt.engine === "activemq",
    of: ({ environment }) => {
      const { mqtt } = environment;
      const clients = "engine" in mqtt && mqtt.engine === "activemq" ? (mqtt.clients ?? []) : [];
      return {
        name: "add a client",
        change: withMqtt({
          ...mqtt,
          clients: [...clients, { name: "drilled", subscribe: ["devices/+/telemetry"] }],
        } as Mqtt),
        expects: [
          { address: "aws_mq_configuration.Mqtt_*", action: "update" },
          { address: "aws_secretsmanager_secret.Mqtt_*", action: "create" },
        ],
      };
    },
  },
  {
    of: () => ({
      name: "add an alarm target",
      change: ({ project, environment }) => ({
        project: {
          ...project,
          alerts: { ...project.alerts, emails: [...project.alerts.emails, "second@example.com"] },
        },
        environment,
      }),
      expects: [{ address: "aws_sns_topic_subscription.Monitoring_*", action: "create" }],
    }),
  },
];

const engineCreated = {
  "iot-core": { address: "aws_iot_policy.Mqtt_*", action: "create" },
  activemq: { address: "aws_mq_broker.Mqtt_*", action: "create" },
} as const;

/** The other engine, as somebody writes it who does not know what goes with it. */
function otherEngine(mqtt: Mqtt): Mqtt {
  return "engine" in mqtt && mqtt.engine === "activemq"
    ? { engine: "iot-core" }
    : { engine: "activemq", deployment: "single", instanceType: "mq.t3.micro" };
}

function withMqtt(mqtt: Mqtt): Drill["change"] {
  return ({ project, environment }) => ({ project, environment: { ...environment, mqtt } });
}
