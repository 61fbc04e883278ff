import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { CloudwatchLogResourcePolicy } from "@cdktf/provider-aws/lib/cloudwatch-log-resource-policy";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { IotPolicy } from "@cdktf/provider-aws/lib/iot-policy";
import { IotThingType } from "@cdktf/provider-aws/lib/iot-thing-type";
import { MqBroker } from "@cdktf/provider-aws/lib/mq-broker";
import { MqConfiguration } from "@cdktf/provider-aws/lib/mq-configuration";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { authorizationMapXml } from "../../constructs/mqtt/authorization-map";
import { devicePolicy, serverStatements } from "../../constructs/mqtt/iot-policies";
import { MqttBroker } from "../../constructs/mqtt-broker";
import type { MqttBrokerInput } from "../../constructs/settings/mqtt-broker";
import type { Context } from "../../constructs/shared/context";
import type { NetworkLike } from "../../constructs/shared/network-like";
import { TerraformData } from "../../constructs/shared/terraform-data";
import { monitoringIn } from "../support/spec-alarm";
import { StubPeer } from "../support/stubs";
import { synth, type Json, type Synthesized } from "../support/synth";
import { existingNetwork, withoutHash } from "../support/tasks";

interface Built {
  readonly broker: MqttBroker;
  readonly peer: StubPeer;
  readonly stack: Synthesized;
}

interface Settings {
  readonly input: MqttBrokerInput;
  readonly overrides?: Partial<Context>;
  readonly network?: NetworkLike;
  readonly watched?: boolean;
  readonly used?: boolean;
}

function built({ input, overrides, network = existingNetwork, watched = false, used = false }: Settings): Built {
  let made: { readonly broker: MqttBroker; readonly peer: StubPeer } | undefined;
  const stack = synth((scope, context) => {
    const broker = new MqttBroker(scope, "Mqtt", {
      context,
      network,
      ...(watched ? { monitoring: monitoringIn(scope, context) } : {}),
      ...input,
    });
    const peer = new StubPeer(scope, "Api");
    if (used) {
      broker.allowFrom(peer);
      broker.grantServer(peer);
      broker.grantSecretRead(peer);
    }
    made = { broker, peer };
  }, overrides);
  return { ...made!, stack };
}

/** The parameter that commands read. */
const contractOf = (stack: Synthesized): Json => JSON.parse(withoutHash(stack.one(SsmParameter)["value"])) as Json;

const single = { engine: "activemq", deployment: "single", instanceType: "mq.t3.micro" } as const;
const pair = { ...single, deployment: "active-standby", instanceType: "mq.m5.large" } as const;
const place = { region: "eu-west-1", account: "123456789012", environment: "test" };

describe("on AWS IoT Core", () => {
  const { broker, peer, stack } = built({ input: { engine: "iot-core" }, used: true });

  test("the environment has a type of thing and a policy of its own", () => {
    expect(stack.one(IotThingType)).toEqual(expect.objectContaining({ name: "shop-test-device" }));
    const policy = stack.one(IotPolicy);
    expect(policy["name"]).toBe("shop-test-device");
    // Terraform takes the sign away that keeps it from reading AWS's variable as one of its own
    expect(JSON.parse(policy["policy"].replaceAll("$${", "${"))).toEqual(
      devicePolicy({ ...place, thingType: "shop-test-device" }),
    );
    expect(policy["policy"].replaceAll("$${", "")).not.toContain("${");
  });

  test("services find the account's endpoint, and sign with their role", () => {
    expect(Object.values<Json>(stack.json["data"]["aws_iot_endpoint"])).toEqual([
      expect.objectContaining({ endpoint_type: "iot:Data-ATS" }),
    ]);
    expect(broker.engine).toBe("iot-core");
    expect(broker.variables).toEqual({
      MQTT_HOST: broker.host,
      MQTT_PORT: "443",
      MQTT_AUTH: "sigv4",
      MQTT_TOPIC_PREFIX: "test/devices",
    });
    expect(broker.secretVariables).toEqual({});
  });

  test("a service may be the server, and gets neither a secret nor a way through the network", () => {
    expect(peer.allowed).toEqual(
      Object.fromEntries(
        serverStatements(place).map(({ Sid, Action, Resource }) => [Sid, { actions: Action, resources: Resource }]),
      ),
    );
    expect(stack.has(VpcSecurityGroupEgressRule)).toBe(false);
    expect(stack.has(VpcSecurityGroupIngressRule)).toBe(false);
    expect(stack.has(SecretsmanagerSecret)).toBe(false);
  });

  test("commands read where it is", () => {
    expect(stack.one(SsmParameter)).toMatchObject({ name: "/shop/test/mqtt", type: "String", tier: "Standard" });
    expect(contractOf(stack)).toEqual({
      version: 1,
      engine: "iot-core",
      host: "${data.aws_iot_endpoint.Mqtt_IotCore_Endpoint.endpoint_address}",
      port: 443,
      topicPrefix: "test/devices",
      thingType: "${aws_iot_thing_type.Mqtt_IotCore_DeviceType.name}",
      policy: "${aws_iot_policy.Mqtt_IotCore_DevicePolicy.name}",
    });
  });

  test("it is watched where there is somebody to watch it", () => {
    expect(stack.has(CloudwatchMetricAlarm)).toBe(false);
    const watched = built({ input: { engine: "iot-core" }, watched: true }).stack;
    const namespaces = watched
      .all(CloudwatchMetricAlarm)
      .flatMap(({ metric_query }) =>
        ((metric_query ?? []) as Json[]).map(({ metric }) => (metric as Json)?.["namespace"]),
      );
    expect(namespaces).toContain("AWS/IoT");
  });
});

describe("on ActiveMQ", () => {
  const clients = [
    { name: "meter-1", publish: ["devices/test-meter/telemetry"] },
    { name: "meter1", subscribe: ["status/#"] },
  ];
  const { broker, peer, stack } = built({ input: { ...single, clients }, used: true });

  test("a single broker is one instance in one isolated subnet, without an address on the internet", () => {
    expect(stack.one(MqBroker)).toMatchObject({
      broker_name: "shop-test-mqtt",
      engine_type: "ActiveMQ",
      engine_version: "5.19",
      auto_minor_version_upgrade: true,
      deployment_mode: "SINGLE_INSTANCE",
      host_instance_type: "mq.t3.micro",
      authentication_strategy: "simple",
      encryption_options: { use_aws_owned_key: true },
      publicly_accessible: false,
      subnet_ids: ["subnet-isolated-a"],
      maintenance_window_start_time: { day_of_week: "SUNDAY", time_of_day: "03:00", time_zone: "UTC" },
      timeouts: { create: "60m", update: "60m", delete: "60m" },
    });
    expect(stack.one(MqBroker)).not.toHaveProperty("storage_type");
  });

  test("a pair is two in two zones, and stays where it is when a zone is added", () => {
    const network = { ...existingNetwork, isolatedSubnetIds: ["subnet-a", "subnet-b", "subnet-c"] };
    expect(built({ input: pair, network }).stack.one(MqBroker)).toMatchObject({
      deployment_mode: "ACTIVE_STANDBY_MULTI_AZ",
      subnet_ids: ["subnet-a", "subnet-b"],
    });
  });

  test("a pair in a network of one zone is refused", () => {
    const network = { ...existingNetwork, isolatedSubnetIds: ["subnet-a"] };
    expect(() => built({ input: pair, network })).toThrow(
      'test/Mqtt/ActiveMq:\n  - network must have 2 isolated subnets for deployment "active-standby", got 1: give it more zones',
    );
  });

  test.each([
    ["temporary", false],
    ["permanent", true],
  ] as const)("in a %s environment its protection is %s", (lifetime, protect) => {
    const { stack } = built({ input: single, overrides: { lifetime } });
    expect(stack.one(MqBroker)["lifecycle"]["prevent_destroy"] ?? false).toBe(protect);
    expect(stack.one(SecretsmanagerSecret)["recovery_window_in_days"]).toBe(protect ? 7 : 0);
  });

  test.each([true, false])("changes that need a restart come at once: %s, as the run says", (applyNow) => {
    expect(built({ input: single, overrides: { applyNow } }).stack.one(MqBroker)["apply_immediately"]).toBe(applyNow);
  });

  test("its one user from Terraform is in no group, has a password that nobody typed, and is never looked at again", () => {
    const broker = stack.one(MqBroker);
    expect(broker["user"]).toEqual([
      {
        username: "bootstrap",
        password: expect.stringMatching(/^\$\{terraform_data\.Mqtt_ActiveMq_Bootstrap_\w+\.id\}$/),
      },
    ]);
    expect(broker["lifecycle"]["ignore_changes"]).toEqual(["logs", "user"]);
    expect(stack.one(MqConfiguration)["data"]).not.toContain("bootstrap");
  });

  test("who may do what is in its configuration, which stands beside the one of another version", () => {
    const configuration = stack.one(MqConfiguration);
    expect(configuration).toMatchObject({
      name: "shop-test-mqtt-5.19",
      engine_type: "ActiveMQ",
      engine_version: "5.19",
      data: authorizationMapXml({
        environment: "test",
        clients: clients.map((client) => ({ publish: [], subscribe: [], ...client })),
      }),
      lifecycle: { create_before_destroy: true },
    });
    expect(withoutHash(JSON.stringify(stack.one(MqBroker)["configuration"]))).toBe(
      '{"id":"${aws_mq_configuration.Mqtt_ActiveMq_Configuration.id}","revision":"${aws_mq_configuration.Mqtt_ActiveMq_Configuration.latest_revision}"}',
    );
    expect(built({ input: { ...single, version: "5.18" } }).stack.one(MqConfiguration)["name"]).toBe(
      "shop-test-mqtt-5.18",
    );
  });

  test("sessions that outlive a connection are refused until they are asked for", () => {
    const rejects = (input: object): unknown =>
      /rejectDurableConsumers="(\w+)"/.exec(
        String(built({ input: { ...single, ...input } }).stack.one(MqConfiguration)["data"]),
      )?.[1];
    expect(rejects({})).toBe("true");
    expect(rejects({ persistentSessions: true })).toBe("false");
  });

  test("it is made without logs, whose groups wait for it with an end to what they keep", () => {
    expect(stack.one(MqBroker)).not.toHaveProperty("logs");
    const groups = stack
      .all(CloudwatchLogGroup)
      .map(({ name, retention_in_days }) => [withoutHash(name), retention_in_days]);
    expect(groups).toEqual([
      ["/aws/amazonmq/broker/${aws_mq_broker.Mqtt_ActiveMq_Broker.id}/audit", 30],
      ["/aws/amazonmq/broker/${aws_mq_broker.Mqtt_ActiveMq_Broker.id}/general", 30],
    ]);
    expect(contractOf(stack)["logs"]).toEqual({ audit: true, general: true });
  });

  test("Amazon MQ writes there for this broker alone", () => {
    const policy = stack.one(CloudwatchLogResourcePolicy);
    expect(policy["policy_name"]).toBe("shop-test-mqtt");
    expect(JSON.parse(withoutHash(policy["policy_document"]))["Statement"]).toEqual([
      {
        Sid: "WriteBrokerLogs",
        Effect: "Allow",
        Principal: { Service: "mq.amazonaws.com" },
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource:
          "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/amazonmq/broker/${aws_mq_broker.Mqtt_ActiveMq_Broker.id}/*",
        Condition: {
          StringEquals: {
            "aws:SourceAccount": "123456789012",
            "aws:SourceArn": "${aws_mq_broker.Mqtt_ActiveMq_Broker.arn}",
          },
        },
      },
    ]);
  });

  test("a log that is off has no group, and without any there is no policy either", () => {
    const audit = built({ input: { ...single, generalLog: false, logRetentionDays: 365 } }).stack;
    expect(audit.one(CloudwatchLogGroup)).toMatchObject({ retention_in_days: 365 });
    expect(audit.one(CloudwatchLogGroup)["name"]).toMatch(/\/audit$/);
    expect(contractOf(audit)["logs"]).toEqual({ audit: true, general: false });
    const none = built({ input: { ...single, generalLog: false, auditLog: false } }).stack;
    expect(none.has(CloudwatchLogGroup)).toBe(false);
    expect(none.has(CloudwatchLogResourcePolicy)).toBe(false);
    expect(contractOf(none)["logs"]).toEqual({ audit: false, general: false });
  });

  test("every client has an empty secret of its own, however alike their names are", () => {
    expect(stack.all(SecretsmanagerSecret).map(({ name }) => name)).toEqual([
      "/shop/test/mqtt/meter-1",
      "/shop/test/mqtt/meter1",
      "/shop/test/mqtt/server",
    ]);
    expect(stack.json["resource"]).not.toHaveProperty("aws_secretsmanager_secret_version");
    expect(contractOf(stack)).toMatchObject({
      clients: ["server", "meter-1", "meter1"],
      secretPrefix: "/shop/test/mqtt/",
    });
  });

  test("what tools know of it fits into one parameter with as many clients as there may be", () => {
    const most = Array.from({ length: 100 }, (_, i) => ({ name: `meter-${String(i).padStart(14, "0")}` }));
    const { stack } = built({ input: { ...single, clients: most } });
    // references become longer or shorter by some characters
    expect(String(stack.one(SsmParameter)["value"]).length).toBeLessThan(4096 - 500);
  });

  test("services are told host, port and topics, and in secret how to log in", () => {
    expect(broker.variables).toMatchObject({
      MQTT_PORT: "8883",
      MQTT_AUTH: "password",
      MQTT_TOPIC_PREFIX: "test/devices",
    });
    expect(broker.variables.MQTT_HOST).toBe(broker.host);
    expect(Object.keys(broker.secretVariables)).toEqual(["MQTT_USERNAME", "MQTT_PASSWORD"]);
    expect(broker.secretVariables["MQTT_USERNAME"]).toMatch(/:username::$/);
    expect(broker.secretVariables["MQTT_PASSWORD"]).toMatch(/:password::$/);
  });

  test("its host is the one of its MQTT endpoint, wherever that stands among the others", () => {
    const at = (instance: number) =>
      `element(regex("mqtt[+]ssl://([^:/]+):8883", join(" ", aws_mq_broker.Mqtt_ActiveMq_Broker.instances[${instance}].endpoints)), 0)`;
    expect(hostIn(stack)).toBe(`\${join(",", sort([${at(0)}]))}`);
    expect(hostIn(built({ input: pair }).stack)).toBe(`\${join(",", sort([${at(0)}, ${at(1)}]))}`);
    expect(contractOf(stack)).toMatchObject({
      version: 1,
      engine: "activemq",
      host: "${local.Mqtt_ActiveMq_Host}",
      port: 8883,
      topicPrefix: "test/devices",
      brokerId: "${aws_mq_broker.Mqtt_ActiveMq_Broker.id}",
    });
  });

  test("a service reads the server's login, and no other", () => {
    expect(Object.keys(peer.allowed)).toEqual(["ReadBrokerLogin"]);
    expect(peer.allowed["ReadBrokerLogin"]?.actions).toEqual(["secretsmanager:GetSecretValue"]);
    expect(peer.allowed["ReadBrokerLogin"]?.resources).toHaveLength(1);
  });

  test("a peer connects on the two ports of MQTT, and nobody else on any", () => {
    const ports = [
      [8883, 8883, "tcp"],
      [61619, 61619, "tcp"],
    ];
    const portsOf = (rule: Json) => [rule["from_port"], rule["to_port"], rule["ip_protocol"]];
    expect(stack.all(VpcSecurityGroupIngressRule).map(portsOf)).toEqual(ports);
    expect(stack.all(VpcSecurityGroupEgressRule).map(portsOf)).toEqual(ports);
    for (const rule of stack.all(VpcSecurityGroupIngressRule)) {
      expect(withoutHash(rule["security_group_id"])).toBe("${aws_security_group.Mqtt_ActiveMq_Network_Group.id}");
      expect(withoutHash(rule["referenced_security_group_id"])).toBe("${aws_security_group.Api_SecurityGroup.id}");
      expect(rule).not.toHaveProperty("cidr_ipv4");
    }
    const unused = built({ input: single }).stack;
    expect(unused.has(VpcSecurityGroupIngressRule)).toBe(false);
    expect(unused.named(SecurityGroup, "Mqtt_ActiveMq_Network_Group")).not.toHaveProperty("ingress");
    expect(unused.named(SecurityGroup, "Mqtt_ActiveMq_Network_Group")).not.toHaveProperty("egress");
  });

  test("an address block that is let in comes in on the same two", () => {
    const { stack } = built({ input: { ...single, allowedCidrs: ["10.8.0.0/16"] } });
    expect(stack.all(VpcSecurityGroupIngressRule).map(({ cidr_ipv4, from_port }) => [cidr_ipv4, from_port])).toEqual([
      ["10.8.0.0/16", 8883],
      ["10.8.0.0/16", 61619],
    ]);
  });

  test("an address on the internet is refused", () => {
    expect(() => built({ input: { ...single, publiclyAccessible: true } })).toThrow(
      "publiclyAccessible must be false, got true: AWS takes no security groups for a public broker",
    );
  });

  test.each([
    [single, ["shop-test-mqtt-1"]],
    [pair, ["shop-test-mqtt-1", "shop-test-mqtt-2"]],
  ] as const)("each instance of %j is watched", (input, instances) => {
    const { stack } = built({ input, watched: true });
    const broker = (metric: Json | undefined): unknown =>
      metric?.["namespace"] === "AWS/AmazonMQ" ? metric["dimensions"]?.["Broker"] : undefined;
    const dimensions = stack
      .all(CloudwatchMetricAlarm)
      .flatMap((alarm) => [
        broker(alarm),
        ...((alarm["metric_query"] ?? []) as Json[]).map(({ metric }) => broker(metric)),
      ]);
    const seen = new Set(dimensions.filter((name) => name !== undefined).map((name) => withoutHash(name)));
    const prefix = "${aws_mq_broker.Mqtt_ActiveMq_Broker.broker_name}";
    expect([...seen].sort()).toEqual(instances.map((name) => name.replace("shop-test-mqtt", prefix)));
  });
});

/** The one local value, as Terraform computes it. */
function hostIn(stack: Synthesized): string {
  const [value, ...others] = Object.values(stack.json["locals"] as Json);
  expect(others).toEqual([]);
  return withoutHash(String(value));
}

describe("another engine", () => {
  const origin = (input: MqttBrokerInput): Json => built({ input }).stack.named(TerraformData, "Mqtt_Origin");

  test("is refused by the plan, with the word that confirms it", () => {
    expect(origin({ engine: "iot-core" })).toEqual(
      expect.objectContaining({
        input: { engine: "iot-core" },
        lifecycle: {
          ignore_changes: ["input"],
          postcondition: [
            {
              condition: '${self.output.engine == "iot-core"}',
              error_message: expect.stringMatching(
                /^mqtt\.engine must stay \$\{self\.output\.engine\}, got iot-core: .* replaces: "\$\{self\.output\.engine\}"$/,
              ),
            },
          ],
        },
      }),
    );
  });

  test("is recorded once it was confirmed", () => {
    const { lifecycle } = origin({ ...single, replaces: "iot-core" });
    expect(lifecycle).not.toHaveProperty("ignore_changes");
    expect(lifecycle.postcondition[0].condition).toBe('${self.output.engine == "activemq"}');
  });

  test("cannot be confirmed with the name of the one that comes", () => {
    expect(() => origin({ ...single, replaces: "activemq" } as unknown as MqttBrokerInput)).toThrow("replaces");
  });
});
