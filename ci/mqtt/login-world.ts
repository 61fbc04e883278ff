import { Broker, type BrokerLogs, type BrokerStatus } from "../aws/mq";
import { LoginSecret, type StoredLogins } from "../aws/login-secret";
import type { ActiveMqContract } from "../../constructs/shared/mqtt-contract-v1";
import type { Hidden } from "../hidden";
import { type ClientFacts, type Facts, loginsOf, type LoginFacts } from "./login-plan";
import { type Login, loginIn, loginValue, newPassword } from "./login-value";

/** What the broker's part of the work is done with. */
export type BrokerPart = Pick<
  Broker,
  "status" | "logins" | "isPlainMember" | "create" | "update" | "delete" | "setLogs" | "reboot"
>;

/** And the part of one client's secret. */
export type SecretPart = Pick<LoginSecret, "read" | "putNext" | "markSent" | "promote">;

export interface WorldParts {
  readonly broker: BrokerPart;
  readonly secret: (client: string) => SecretPart;
}

/** The broker of an environment and the secrets of its clients; passwords stay in here. */
export class LoginWorld {
  private readonly stored = new Map<string, StoredLogins>();

  constructor(
    private readonly parts: WorldParts,
    private readonly clients: readonly string[],
    /** Logs that the broker is to write. */
    private readonly logs: BrokerLogs,
  ) {}

  static of(
    env: Readonly<Record<string, string>>,
    region: string,
    { brokerId, clients, logs, secretPrefix }: ActiveMqContract,
  ): LoginWorld {
    const parts = {
      broker: new Broker(env, region, brokerId),
      secret: (client: string) => new LoginSecret(env, region, `${secretPrefix}${client}`),
    };
    return new LoginWorld(parts, clients, logs);
  }

  status(): Promise<BrokerStatus> {
    return this.parts.broker.status();
  }

  async facts(progress: (text: string) => void): Promise<Facts> {
    const listed = await this.parts.broker.logins();
    const logins = new Map<string, LoginFacts>();
    for (const { name, pending } of listed) {
      const group = this.groupOf(name);
      // what is about to go is nobody's member any more
      const asks = group !== undefined && pending !== "DELETE";
      const member = asks && (await this.parts.broker.isPlainMember(name, group));
      logins.set(name, { member, ...(pending === undefined ? {} : { pending }) });
    }
    const clients: ClientFacts[] = [];
    for (const client of this.clients) {
      progress(client);
      const stored = await this.secretOf(client).read();
      this.stored.set(client, stored);
      clients.push(clientFacts(client, stored));
    }
    return { clients, logins, logs: await this.logFacts() };
  }

  /** When the login in use was stored; none while there is none. */
  currentSince(client: string): Date | undefined {
    return this.stored.get(client)?.current?.created;
  }

  prepare(client: string, login: string): Promise<void> {
    return this.secretOf(client).putNext(loginValue({ name: login, password: newPassword() }));
  }

  /** Tell the broker what was prepared, and note that. */
  async send(client: string, how: "create" | "update"): Promise<void> {
    const { next } = this.stored.get(client) ?? {};
    await this.tell(client, this.loginOf(client, next?.value), how);
    if (next !== undefined) await this.secretOf(client).markSent(next.version);
  }

  /** Tell the broker what the client reads. */
  restore(client: string, how: "create" | "update"): Promise<void> {
    return this.tell(client, this.loginOf(client, this.stored.get(client)?.current?.value), how);
  }

  async promote(client: string): Promise<void> {
    const { next } = this.stored.get(client) ?? {};
    if (next !== undefined) await this.secretOf(client).promote(next.version);
  }

  delete(login: string): Promise<void> {
    return this.parts.broker.delete(login);
  }

  setLogs(): Promise<void> {
    return this.parts.broker.setLogs(this.logs);
  }

  reboot(): Promise<void> {
    return this.parts.broker.reboot();
  }

  /** Whether nothing waits any more for the restart that these logins waited for. */
  async isSettled(waiting: readonly string[]): Promise<boolean> {
    const logins = await this.parts.broker.logins();
    return !logins.some(({ name, pending }) => pending !== undefined && waiting.includes(name));
  }

  private async logFacts(): Promise<Facts["logs"]> {
    const { logs: coming, logsWait } = await this.status();
    if (coming.audit !== this.logs.audit || coming.general !== this.logs.general) return "wrong";
    return logsWait ? "waiting" : "right";
  }

  private tell(client: string, { name, password }: Login, how: "create" | "update"): Promise<void> {
    return this.parts.broker[how]({ name, group: client, password });
  }

  private loginOf(client: string, value: Hidden | undefined): Login {
    const login = value === undefined ? undefined : loginIn(value);
    if (login === undefined) throw new Error(`the secret of ${client} holds no login`);
    return login;
  }

  /** A client's name is that of its group. */
  private groupOf(login: string): string | undefined {
    return this.clients.find((client) => loginsOf(client).includes(login));
  }

  private secretOf(client: string): SecretPart {
    return this.parts.secret(client);
  }
}

/** Only its own two logins are a client's: whatever else somebody has put into the secret is replaced. */
function clientFacts(name: string, { current, next }: StoredLogins): ClientFacts {
  const own = (value: Hidden | undefined): string | undefined => {
    const login = value === undefined ? undefined : loginIn(value)?.name;
    return login !== undefined && loginsOf(name).includes(login) ? login : undefined;
  };
  const [reads, willRead] = [own(current?.value), own(next?.value)];
  return {
    name,
    ...(reads === undefined ? {} : { current: reads }),
    // the login in use is never prepared anew: its password would be wrong until the next restart
    ...(willRead === undefined || willRead === reads || next === undefined
      ? {}
      : { next: { login: willRead, sent: next.sent } }),
  };
}
