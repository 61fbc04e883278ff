import type { BrokerLogs, BrokerStatus, PendingChange, WantedLogin } from "../../../ci/aws/mq";
import type { StoredLogins } from "../../../ci/aws/login-secret";
import { InterruptedError } from "../../../ci/exit-codes";
import { Hidden } from "../../../ci/hidden";
import type { BrokerPart, SecretPart } from "../../../ci/mqtt/login-world";

/** What befalls one call: it never arrives, or its answer is lost. The command ends there either way. */
export interface Fault {
  /** Number of the call in its run, from 0. */
  readonly call: number;
  readonly when: "before" | "after";
}

interface User {
  readonly password: string;
  readonly group: string;
}

interface Secret {
  readonly versions: string[];
  /** Which version bears a label. */
  readonly labels: Map<string, number>;
}

const current = "AWSCURRENT";
const pendingLabel = "AWSPENDING";
const sent = "MQTT_SENT";

/** Amazon MQ's users and the secrets of its clients, in memory; every change is looked at by `watch`. */
export class LoginAccount implements BrokerPart {
  /** What the running broker lets in. */
  running = new Map<string, User>();
  /** What it will after the next restart. */
  waiting = new Map<string, { readonly change: PendingChange; readonly user?: User }>();
  readonly secrets = new Map<string, Secret>();
  loggedNow: BrokerLogs = { audit: false, general: false };
  loggedNext: BrokerLogs | undefined;
  /** How many more times AWS calls the broker restarting. */
  restarting = 0;
  restarts = 0;
  /** What was changed since the run began. */
  readonly changes: string[] = [];
  /** Every password that the broker was ever told. */
  readonly passwords = new Set<string>();
  watch: () => void = () => {};
  private fault: Fault | undefined;
  private calls = 0;

  begin(fault?: Fault): void {
    this.fault = fault;
    this.calls = 0;
    this.restarts = 0;
    this.changes.length = 0;
  }

  /** Somebody restarts the broker: this command, a person, or AWS in its window. */
  restart(): void {
    for (const [name, { change, user }] of this.waiting) {
      if (change === "DELETE" || user === undefined) this.running.delete(name);
      else this.running.set(name, user);
    }
    this.waiting.clear();
    this.loggedNow = this.loggedNext ?? this.loggedNow;
    this.loggedNext = undefined;
  }

  /** Whether the running broker lets in whoever reads this client's secret; undefined when there is no login in it. */
  letsIn(client: string): boolean | undefined {
    const login = this.read(client);
    if (login === undefined) return undefined;
    const user = this.running.get(login.username);
    return user?.password === login.password && user.group === client;
  }

  /** What readers of a client's secret get. */
  read(client: string): { readonly username: string; readonly password: string } | undefined {
    const secret = this.secrets.get(client);
    const version = secret?.labels.get(current);
    const value = JSON.parse(version === undefined ? "{}" : (secret?.versions[version] ?? "{}"));
    return value.username === undefined ? undefined : value;
  }

  /** Whether a rotation of this client is under way. */
  isUnderWay(client: string): boolean {
    const labels = this.secrets.get(client)?.labels;
    return labels?.get(pendingLabel) !== undefined && labels.get(pendingLabel) !== labels.get(current);
  }

  status(): Promise<BrokerStatus> {
    return this.call(() => {
      const state = this.restarting > 0 ? "REBOOT_IN_PROGRESS" : "RUNNING";
      this.restarting = Math.max(0, this.restarting - 1);
      const logs = this.loggedNext ?? this.loggedNow;
      return { state, standby: false, logs, logsWait: this.loggedNext !== undefined, pending: [] };
    });
  }

  logins(): ReturnType<BrokerPart["logins"]> {
    return this.call(() =>
      [...new Set([...this.running.keys(), ...this.waiting.keys()])].map((name) => {
        const pending = this.waiting.get(name)?.change;
        return { name, ...(pending === undefined ? {} : { pending }) };
      }),
    );
  }

  isPlainMember(login: string, group: string): Promise<boolean> {
    return this.call(() => (this.waiting.get(login)?.user ?? this.running.get(login))?.group === group);
  }

  create(login: WantedLogin): Promise<void> {
    return this.change(`create ${login.name}`, () => {
      if (this.running.has(login.name) || this.waiting.has(login.name))
        throw new Error(`${login.name} is there already`);
      this.waiting.set(login.name, { change: "CREATE", user: this.userOf(login) });
    });
  }

  update(login: WantedLogin): Promise<void> {
    return this.change(`update ${login.name}`, () => {
      const { change = "UPDATE" } = this.waiting.get(login.name) ?? {};
      if (change === "DELETE") throw new Error(`${login.name} will be deleted`);
      if (change === "UPDATE" && !this.running.has(login.name)) throw new Error(`there is no ${login.name}`);
      this.waiting.set(login.name, { change, user: this.userOf(login) });
    });
  }

  delete(login: string): Promise<void> {
    return this.change(`delete ${login}`, () => {
      if (this.running.has(login)) this.waiting.set(login, { change: "DELETE" });
      else this.waiting.delete(login);
    });
  }

  setLogs(logs: BrokerLogs): Promise<void> {
    return this.change("logs", () => (this.loggedNext = logs));
  }

  reboot(): Promise<void> {
    return this.change("reboot", () => {
      this.restarts += 1;
      this.restarting = 2;
      this.restart();
    });
  }

  secret(client: string): SecretPart {
    const secret = this.secrets.get(client) ?? { versions: [], labels: new Map<string, number>() };
    this.secrets.set(client, secret);
    const put = (text: string, label: string): Promise<void> =>
      this.change(`put ${label} of ${client}`, () => {
        const version = secret.versions.push(text) - 1;
        secret.labels.set(label, version);
        // the first value of a secret is its current one, whatever label it was given
        if (version === 0) secret.labels.set(current, version);
      });
    const move = (label: string, version: string): Promise<void> =>
      this.change(`move ${label} of ${client}`, () => secret.labels.set(label, Number(version)));
    return {
      read: () => this.call(() => readSecret(secret)),
      putNext: async (value) => {
        if (!secret.labels.has(current)) await put("{}", current);
        await put(value.reveal(), pendingLabel);
      },
      markSent: (version) => move(sent, version),
      promote: (version) => move(current, version),
    };
  }

  private userOf({ password, group }: WantedLogin): User {
    this.passwords.add(password.reveal());
    return { password: password.reveal(), group };
  }

  private change(what: string, work: () => unknown): Promise<void> {
    return this.call(() => {
      work();
      this.changes.push(what);
      this.watch();
    });
  }

  private async call<T>(work: () => T): Promise<T> {
    await Promise.resolve();
    const number = this.calls;
    this.calls += 1;
    const { call, when } = this.fault ?? {};
    if (number === call && when === "before") throw new InterruptedError();
    const answer = work();
    if (number === call) throw new InterruptedError();
    return answer;
  }
}

function readSecret({ versions, labels }: Secret): StoredLogins {
  const at = (version: number): NonNullable<StoredLogins["current"]> => ({
    version: String(version),
    value: new Hidden(versions[version] ?? ""),
    created: new Date(0),
  });
  const [reads, next] = [labels.get(current), labels.get(pendingLabel)];
  return {
    ...(reads === undefined ? {} : { current: at(reads) }),
    ...(next === undefined || next === reads ? {} : { next: { ...at(next), sent: labels.get(sent) === next } }),
  };
}
