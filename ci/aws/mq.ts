import {
  CreateUserCommand,
  DeleteUserCommand,
  DescribeBrokerCommand,
  DescribeUserCommand,
  ListUsersCommand,
  MqClient,
  RebootBrokerCommand,
  UpdateBrokerCommand,
  UpdateUserCommand,
} from "@aws-sdk/client-mq";
import { CommandError } from "../exit-codes";
import type { Hidden } from "../hidden";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

/** What of a login is carried out by the next restart. */
export type PendingChange = "CREATE" | "UPDATE" | "DELETE";

/** A login, and what waits for a restart. */
export interface BrokerLogin {
  readonly name: string;
  readonly pending?: PendingChange;
}

/** Which logs a broker writes. */
export interface BrokerLogs {
  readonly audit: boolean;
  readonly general: boolean;
}

export interface BrokerStatus {
  /** `RUNNING`, `REBOOT_IN_PROGRESS`, ... */
  readonly state: string;
  /** It has a standby that takes over. */
  readonly standby: boolean;
  /** As the next restart has them. */
  readonly logs: BrokerLogs;
  /** They change with that restart. */
  readonly logsWait: boolean;
  /** What else the next restart carries out, in words. */
  readonly pending: readonly string[];
}

/** A login as it is to be. */
export interface WantedLogin {
  readonly name: string;
  readonly group: string;
  readonly password: Hidden;
}

/** One broker of Amazon MQ and its users; a change of those waits for the next restart. */
export class Broker {
  private readonly client: MqClient;

  constructor(
    env: Readonly<Record<string, string>>,
    region: string,
    private readonly id: string,
  ) {
    this.client = new MqClient(clientSettings(env, region, "MQ"));
  }

  async status(): Promise<BrokerStatus> {
    try {
      const found = await this.client.send(new DescribeBrokerCommand({ BrokerId: this.id }));
      const { Configurations: { Pending: configuration } = {}, PendingSecurityGroups: groups = [] } = found;
      const { Logs: logs = { General: false, GeneralLogGroup: undefined } } = found;
      const coming = { ...logs, ...logs.Pending };
      const waiting: readonly (readonly [string, string | undefined])[] = [
        ["configuration revision", configuration?.Revision?.toString()],
        ["version", found.PendingEngineVersion],
        ["instance type", found.PendingHostInstanceType],
        ["security groups", groups.length === 0 ? undefined : groups.join(", ")],
        ["authentication", found.PendingAuthenticationStrategy],
      ];
      return {
        state: found.BrokerState ?? "unknown",
        logs: { audit: coming.Audit ?? false, general: coming.General ?? false },
        logsWait: logs.Pending !== undefined,
        standby: found.DeploymentMode === "ACTIVE_STANDBY_MULTI_AZ",
        pending: waiting.flatMap(([what, value]) => (value === undefined ? [] : [`${what} ${value}`])),
      };
    } catch (error) {
      if (errorName(error) !== "NotFoundException") throw error;
      throw new CommandError(`broker ${this.id} is not there: deploy the environment, which makes it`);
    }
  }

  async logins(): Promise<BrokerLogin[]> {
    const logins: BrokerLogin[] = [];
    let next: string | undefined;
    do {
      const page = await this.client.send(
        new ListUsersCommand({
          BrokerId: this.id,
          MaxResults: 100,
          ...(next === undefined ? {} : { NextToken: next }),
        }),
      );
      for (const { Username: name, PendingChange: pending } of page.Users ?? []) {
        if (name !== undefined) logins.push({ name, ...(pending === undefined ? {} : { pending }) });
      }
      next = page.NextToken;
    } while (next !== undefined && next !== "");
    return logins;
  }

  /** Whether a login is, or after the restart will be, in this group alone, and not let into the console. */
  async isPlainMember(login: string, group: string): Promise<boolean> {
    const {
      Groups: groups,
      ConsoleAccess: console,
      Pending: pending,
    } = await this.client.send(new DescribeUserCommand({ BrokerId: this.id, Username: login }));
    const coming = pending?.Groups ?? groups ?? [];
    return coming.length === 1 && coming[0] === group && !(pending?.ConsoleAccess ?? console ?? false);
  }

  async create({ name, group, password }: WantedLogin): Promise<void> {
    await this.hiding(password, () =>
      this.client.send(
        new CreateUserCommand({
          BrokerId: this.id,
          Username: name,
          Password: password.reveal(),
          Groups: [group],
          ConsoleAccess: false,
        }),
      ),
    );
  }

  async update({ name, group, password }: WantedLogin): Promise<void> {
    await this.hiding(password, () =>
      this.client.send(
        new UpdateUserCommand({
          BrokerId: this.id,
          Username: name,
          Password: password.reveal(),
          Groups: [group],
          ConsoleAccess: false,
        }),
      ),
    );
  }

  async delete(login: string): Promise<void> {
    await this.client.send(new DeleteUserCommand({ BrokerId: this.id, Username: login }));
  }

  async setLogs({ audit, general }: BrokerLogs): Promise<void> {
    await this.client.send(new UpdateBrokerCommand({ BrokerId: this.id, Logs: { Audit: audit, General: general } }));
  }

  async reboot(): Promise<void> {
    await this.client.send(new RebootBrokerCommand({ BrokerId: this.id }));
  }

  /** An error of AWS may quote what it was sent. */
  private async hiding(password: Hidden, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new CommandError(
        `broker ${this.id} does not take a login (${errorName(error)}: ${password.removeFrom(message)})`,
      );
    }
  }
}
