import mqtt, { type IClientOptions, type MqttClient } from "mqtt";

/** Longest that anything here may take before the test says what it waits for. */
const PATIENCE_MS = 60_000;

export interface Received {
  readonly topic: string;
  readonly payload: string;
  readonly retained: boolean;
}

type Quality = 0 | 1 | 2;

export interface PeerOptions extends Pick<IClientOptions, "username" | "password" | "clientId" | "clean" | "ca"> {
  readonly port: number;
  /** Default: 4, which is MQTT 3.1.1. */
  readonly protocolVersion?: 4 | 5;
  /** Milliseconds until it connects again by itself. Default: never. */
  readonly reconnectPeriod?: number;
}

/** A real MQTT client, and all that it heard. */
export class Peer {
  readonly received: Received[] = [];
  private waiting: (() => void)[] = [];

  private constructor(public readonly client: MqttClient) {
    client.on("message", (topic, payload, { retain }) => {
      this.received.push({ topic, payload: payload.toString("utf8"), retained: retain });
      const waiting = this.waiting;
      this.waiting = [];
      for (const look of waiting) look();
    });
    // a client without a listener throws what the broker says to it
    client.on("error", () => undefined);
  }

  /** Connect, or throw what the broker answered. Over TLS when `ca` is given. */
  static async connect({ reconnectPeriod = 0, protocolVersion = 4, ...options }: PeerOptions): Promise<Peer> {
    const client = mqtt.connect({
      host: "127.0.0.1",
      protocol: options.ca === undefined ? "mqtt" : "mqtts",
      connectTimeout: PATIENCE_MS,
      ...options,
      protocolVersion,
      reconnectPeriod,
    });
    const peer = new Peer(client);
    await new Promise<void>((resolve, reject) => {
      client.once("connect", () => resolve());
      client.once("error", reject);
      client.once("close", () => reject(new Error("the broker closed the connection without an answer")));
    });
    return peer;
  }

  /** Send, and learn whether the broker took it, refused included, or hung up on it. */
  async publish(topic: string, payload: string, qos: Quality = 1, retain = false): Promise<"taken" | "closed"> {
    const sent = new Promise<"taken">((resolve, reject) => {
      this.client.publish(topic, payload, { qos, retain }, (error) => (error ? reject(error) : resolve("taken")));
    });
    return this.orClosed(sent, `an answer to what was sent to ${topic}`);
  }

  /** Ask for messages, and learn what the broker answers. */
  async subscribe(topic: string, qos: Quality = 1): Promise<"granted" | "refused" | "closed"> {
    const asked = new Promise<"granted" | "refused">((resolve, reject) => {
      this.client.subscribe(topic, { qos }, (error) => {
        // the only word of MQTT 3.1.1 for a refusal
        if (error?.message === "Subscribe error: Unspecified error") resolve("refused");
        else if (error) reject(error);
        else resolve("granted");
      });
    });
    return this.orClosed(asked, `an answer to a subscription to ${topic}`);
  }

  /** Wait until everything that was sent before has been dealt with: packets of one connection are answered in their order. */
  async settle(): Promise<void> {
    if (this.client.connected) await this.subscribe("$settled");
  }

  /** Wait for a message. */
  async hear(wanted: (message: Received) => boolean, what: string): Promise<Received> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = this.received.find(wanted);
      if (found !== undefined) return found;
      await patience(new Promise<void>((resolve) => this.waiting.push(resolve)), what, deadline - Date.now());
    }
  }

  /** Hang up; what the broker never answered is dropped. */
  async close(): Promise<void> {
    await this.client.endAsync(!this.client.connected);
  }

  /** The broker's answer, or the end of the connection: mqtt.js keeps what was not answered for the next one, and stays silent. */
  private async orClosed<T>(answer: Promise<T>, what: string): Promise<T | "closed"> {
    let hangUp = (): void => undefined;
    const closed = new Promise<"closed">((resolve) => (hangUp = () => resolve("closed")));
    this.client.once("close", hangUp);
    try {
      return await patience(Promise.race([answer, closed]), what);
    } finally {
      this.client.off("close", hangUp);
    }
  }
}

/** `promise`, or an error that says what did not come. */
export async function patience<T>(promise: Promise<T>, what: string, milliseconds = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`there was no ${what}`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
