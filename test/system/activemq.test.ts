import { setTimeout as pause } from "node:timers/promises";
import { authorizationMapXml, type BrokerClient, CONSOLE_GROUP } from "../../constructs/mqtt/authorization-map";
import { commandRequest, commandResponse, deviceTopics, serverTopics, telemetry } from "../../constructs/mqtt/topics";
import { ActiveMq, type BrokerUser, missingBroker } from "./support/activemq";
import {
  clients,
  connectTable,
  fenceOf,
  publishTable,
  subscribeTable,
  tableCounts,
  topics,
  type Probe,
} from "./support/broker-table";
import { patience, Peer, type PeerOptions } from "./support/mqtt-peer";

const PASSWORD = "right-Password-1";
const environment = "prod";
const missing = missingBroker();
jest.setTimeout(600_000);

/** Devices with a client each, for the exchange of many commands at once. */
const devices = Array.from({ length: 20 }, (_, i) => `prod-device-${i + 1}`);
const deviceClients: readonly BrokerClient[] = devices.map((thing) => {
  const below = (topic: string): string => topic.slice(`${environment}/`.length);
  const { publish, subscribe } = deviceTopics(environment, thing);
  return { name: thing.slice("prod-".length), publish: publish.map(below), subscribe: subscribe.map(below) };
});

/** The logins that `mqtt sync` makes, Terraform's own, and one of a person at the console, who sees everything. */
function usersOf(all: readonly BrokerClient[]): BrokerUser[] {
  const logins = ["server", ...all.map(({ name }) => name)].flatMap((name) =>
    ["a", "b"].map((half) => ({ username: `${name}-${half}`, password: PASSWORD, groups: [name] })),
  );
  return [
    ...logins,
    { username: "bootstrap", password: PASSWORD, groups: [] },
    { username: "console", password: PASSWORD, groups: [CONSOLE_GROUP] },
  ];
}

async function startBroker(persistentSessions: boolean): Promise<ActiveMq> {
  const all = [...clients, ...deviceClients];
  return ActiveMq.start({
    configuration: authorizationMapXml({ environment, clients: all, persistentSessions }),
    users: usersOf(all),
  });
}

let broker: ActiveMq;
const peers: Peer[] = [];
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

async function connect(username: string, options: Partial<PeerOptions> = {}): Promise<Peer> {
  const peer = await Peer.connect({ port: broker.port, username, password: PASSWORD, ...options });
  peers.push(peer);
  return peer;
}

if (missing === undefined) {
  describe("a broker with the generated configuration", () => {
    beforeAll(async () => {
      broker = await startBroker(false);
    });
    afterAll(async () => {
      await broker.close();
      const counts = Object.entries(tableCounts).map(
        ([verb, { all, allowed }]) => `${all} ${verb} (${allowed} allowed)`,
      );
      process.stderr.write(`\ntried on a real ActiveMQ: ${counts.join(", ")}\n`);
    });
    describeTable();
    describeExchange();
    describeRestart();
  });
  describe("a broker that keeps sessions", () => {
    beforeAll(async () => {
      broker = await startBroker(true);
    });
    afterAll(() => broker.close());
    describeSessions();
  });
} else {
  test("a broker is here, or nobody said that it must be", () => {
    process.stderr.write(`\nSKIPPED: the configuration of ActiveMQ was not tried on a real broker: ${missing}\n`);
    expect({ required: process.env["SLIPWAY_REQUIRE_ACTIVEMQ"] ?? "", missing }).toEqual({ required: "", missing });
  });
}

function describeTable(): void {
  test("nobody is let in by the first message alone: Terraform's user is refused until somebody made the advisory topics", async () => {
    await expect(connect("bootstrap")).rejects.toThrow("Connection refused: Not authorized");
  });

  test.each(connectTable)("connect: $as", async ({ username, password, protocolVersion, refusal }) => {
    const connecting = Peer.connect({
      port: broker.port,
      ...(username === undefined ? {} : { username }),
      ...(password === "none" ? {} : { password: password === "right" ? PASSWORD : "wrong-Password-1" }),
      ...(protocolVersion === undefined ? {} : { protocolVersion }),
    });
    if (refusal === undefined) peers.push(await connecting);
    else await expect(connecting).rejects.toThrow(refusal);
  });

  test.each(publishTable.map((row, i) => ({ ...row, i, outcome: row.arrives === undefined ? "denied" : "allowed" })))(
    "publish $i: $by to $to is $outcome",
    async ({ i, by, to, arrives, qos = 1, retain = false, answer = "taken" }) => {
      const observer = await connect("console");
      await observer.subscribe("#");
      const peer = await connect(by);
      const payload = `publish ${i}`;
      expect(await peer.publish(to, payload, qos, retain)).toBe(answer);
      await peer.settle();
      await observer.publish("fence", payload);
      await observer.hear((message) => message.topic === "fence" && message.payload === payload, "fence");
      const heard = observer.received.filter((message) => message.payload === payload && message.topic !== "fence");
      expect(heard.map(({ topic }) => topic)).toEqual(arrives === undefined ? [] : [arrives]);
      // what was refused is not kept for who comes later either
      const late = await connect("console");
      await late.subscribe(to.replace(/[?,].*/, ""));
      await late.subscribe("fence");
      await late.publish("fence", payload);
      await late.hear((message) => message.topic === "fence", "fence");
      const kept = late.received.filter((message) => message.payload === payload && message.topic !== "fence");
      expect(kept.map(({ topic, retained }) => ({ topic, retained }))).toEqual(
        retain && arrives !== undefined ? [{ topic: arrives, retained: true }] : [],
      );
    },
  );

  test.each(subscribeTable.map((row, i) => ({ ...row, i })))(
    "subscribe $i: $by to $to is $answer and hears $hears",
    async ({ i, by, to, answer, hears, persistent }) => {
      const peer = await connect(by, persistent ? { clientId: `subscribe-${i}`, clean: false } : {});
      const fence = fenceOf(by);
      expect(await peer.subscribe(fence ?? "prod/fence", 0)).toBe(fence === undefined ? "refused" : "granted");
      expect(await peer.subscribe(to)).toBe(answer);
      const feeder = await connect("console");
      const fresh = (topic: string): string => topic.replace("prod-new", `prod-new-${i}`);
      // the fresh topic is the one of this row
      if (to.includes("prod-new")) await peer.subscribe(fresh(to));
      for (const [probe, topic] of Object.entries(topics)) {
        await feeder.publish(fresh(topic), `subscribe ${i} ${probe}`);
      }
      // one that may hear nothing has no fence either, and nothing to wait for
      if (fence !== undefined) {
        await feeder.publish(fence, "fence");
        await peer.hear(({ payload }) => payload === "fence", "fence");
      }
      await peer.settle();
      const heard = peer.received.filter(({ payload }) => payload.startsWith(`subscribe ${i} `));
      expect(heard.map(({ payload }) => payload.split(" ")[2] as Probe).sort()).toEqual([...hears].sort());
      // nor does it hear of others' coming and going
      expect(peer.received.filter(({ topic }) => topic.startsWith("ActiveMQ"))).toEqual([]);
    },
  );

  test("whoever takes another's client id ends its connection, but gets nothing of it", async () => {
    const server = await connect("server-a", { clientId: "prod-server-1" });
    await server.subscribe("prod/devices/+/telemetry");
    const gone = new Promise<void>((resolve) => server.client.once("close", () => resolve()));
    const thief = await connect("gateway-a", { clientId: "prod-server-1" });
    await patience(gone, "end of the connection whose client id was taken");
    await thief.subscribe("prod/fence/gateway", 0);
    const feeder = await connect("console");
    await feeder.publish(topics.gatewayTelemetry, "for the server");
    await feeder.publish("prod/fence/gateway", "fence");
    await thief.hear(({ payload }) => payload === "fence", "fence");
    expect(thief.received.map(({ payload }) => payload)).toEqual(["fence"]);
  });
}

function describeExchange(): void {
  test("a thousand commands to twenty devices are answered at once, each to the one that waits for it", async () => {
    const commands = 50;
    const secure = { port: broker.tlsPort, ca: broker.certificate };
    const server = await connect("server-a", secure);
    for (const topic of serverTopics(environment).subscribe) expect(await server.subscribe(topic)).toBe("granted");
    const heardBy = new Map<string, string[]>();
    for (const { name } of deviceClients) {
      const thing = `prod-${name}`;
      const device = await connect(`${name}-a`, secure);
      expect(await device.subscribe(commandRequest(environment, thing))).toBe("granted");
      const heard: string[] = [];
      heardBy.set(thing, heard);
      device.client.on("message", (_, payload) => {
        const { id } = JSON.parse(payload.toString("utf8")) as { readonly id: string };
        heard.push(id);
        device.client.publish(commandResponse(environment, thing), JSON.stringify({ id, by: thing }), { qos: 1 });
      });
    }
    const waiting = new Map<string, (answer: { readonly by: string; readonly topic: string }) => void>();
    server.client.on("message", (topic, payload) => {
      const { id, by } = JSON.parse(payload.toString("utf8")) as { readonly id: string; readonly by: string };
      waiting.get(id)?.({ by, topic });
      waiting.delete(id);
    });
    const asked = devices.flatMap((thing) =>
      Array.from({ length: commands }, (_, i) => ({ thing, id: `${thing}#${i}` })),
    );
    const answers = asked.map(({ thing, id }) => {
      const answer = new Promise<{ readonly by: string; readonly topic: string }>((resolve) =>
        waiting.set(id, resolve),
      );
      return patience(answer, `answer of ${thing} to ${id}`, 120_000);
    });
    await Promise.all(
      asked.map(({ thing, id }) =>
        server.client.publishAsync(commandRequest(environment, thing), JSON.stringify({ id }), { qos: 1 }),
      ),
    );
    const given = await Promise.all(answers);
    expect(given).toEqual(asked.map(({ thing }) => ({ by: thing, topic: commandResponse(environment, thing) })));
    for (const thing of devices) {
      expect(heardBy.get(thing)?.sort()).toEqual(
        asked
          .filter((one) => one.thing === thing)
          .map(({ id }) => id)
          .sort(),
      );
    }
  });
}

function describeRestart(): void {
  test("clients come back to a broker that was restarted, and find no message of before", async () => {
    const server = await connect("server-a", { reconnectPeriod: 200 });
    const device = await connect("device-1-a", { reconnectPeriod: 200 });
    expect(await server.subscribe(telemetry(environment, "prod-device-1"))).toBe("granted");
    expect(await device.subscribe(commandRequest(environment, "prod-device-1"))).toBe("granted");
    await device.publish(telemetry(environment, "prod-device-1"), "kept", 1, true);
    await server.hear(({ payload }) => payload === "kept", "message before the restart");
    const back = [server, device].map(
      ({ client }) =>
        new Promise<void>((resolve) => client.once("close", () => client.once("connect", () => resolve()))),
    );
    await broker.down();
    await broker.up();
    await patience(Promise.all(back), "client that connects again");
    // mqtt.js asks for its subscriptions again by itself: this comes behind them
    await Promise.all([server.settle(), device.settle()]);
    await device.publish(telemetry(environment, "prod-device-1"), "from the device");
    await server.publish(commandRequest(environment, "prod-device-1"), "from the server");
    await server.hear(({ payload }) => payload === "from the device", "telemetry after the restart");
    await device.hear(({ payload }) => payload === "from the server", "command after the restart");
    expect(server.received.map(({ payload }) => payload)).toEqual(["kept", "from the device"]);
  });
}

function describeSessions(): void {
  const session = (clientId: string): Partial<PeerOptions> => ({ clientId, clean: false });

  test("commands for a device that is away wait for it, over a restart too", async () => {
    const gateway = await connect("gateway-a", session("gateway"));
    expect(await gateway.subscribe(topics.gatewayRequest)).toBe("granted");
    await gateway.close();
    const server = await connect("server-a");
    await server.publish(topics.gatewayRequest, "before");
    await server.close();
    await broker.down();
    await broker.up();
    const again = await connect("server-a");
    await again.publish(topics.gatewayRequest, "after");
    const back = await connect("gateway-a", session("gateway"));
    await back.hear(({ payload }) => payload === "after", "command that was sent while the device was away");
    expect(back.received.map(({ payload }) => payload)).toEqual(["before", "after"]);
  });

  test("a session with a wildcard hears what its client may not: why sessions are a choice", async () => {
    const gateway = await connect("gateway-a", session("listener"));
    expect(await gateway.subscribe("prod/devices/+/cmd/req")).toBe("granted");
    const meter = await connect("meter-a");
    expect(await meter.subscribe(topics.meterRequest)).toBe("granted");
    const server = await connect("server-a");
    await server.publish(topics.meterRequest, "for the meter alone");
    await gateway.hear(({ topic }) => topic === topics.meterRequest, "message that the gateway must not hear");
  });

  test("a server's session with a wildcard misses the first message of a device that is new while it is away: why it must not have one", async () => {
    const server = await connect("server-a", session("server"));
    expect(await server.subscribe("prod/devices/+/telemetry")).toBe("granted");
    await server.close();
    const meter = await connect("meter-a");
    for (const payload of ["first", "second"]) await meter.publish(topics.meterTelemetry, payload);
    const back = await connect("server-a", session("server"));
    // the broker says yes to a client before it has given the session its subscriptions back: what comes in between is lost as well
    const heard = (): string[] => back.received.map(({ payload }) => payload);
    for (let tries = 0; tries < 100 && !heard().includes("later"); tries++) {
      await meter.publish(topics.meterTelemetry, "later");
      await pause(200);
    }
    expect(heard()).toContain("later");
    expect(heard()).not.toContain("first");
  });
}
