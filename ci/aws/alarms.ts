import {
  CloudWatchClient,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  paginateDescribeAlarms,
} from "@aws-sdk/client-cloudwatch";
import { clientSettings } from "./client-settings";

/** AWS takes at most this many names in one call. */
const namesAtOnce = 100;

/** The alarms of an environment. */
export class Alarms {
  private readonly client: CloudWatchClient;

  constructor(env: Readonly<Record<string, string>>, region: string) {
    this.client = new CloudWatchClient(clientSettings(env, region, "CLOUDWATCH"));
  }

  /** Names of those that ring and whose name starts with `prefix`. */
  async ringing(prefix: string): Promise<string[]> {
    const names: string[] = [];
    const query = {
      AlarmNamePrefix: prefix,
      StateValue: "ALARM" as const,
      AlarmTypes: ["MetricAlarm" as const, "CompositeAlarm" as const],
    };
    for await (const page of paginateDescribeAlarms({ client: this.client }, query)) {
      for (const { AlarmName: name, StateValue: state } of [
        ...(page.MetricAlarms ?? []),
        ...(page.CompositeAlarms ?? []),
      ]) {
        if (name !== undefined && state === "ALARM") names.push(name);
      }
    }
    return names.sort();
  }

  /** Which of these ring. */
  async ringingOf(names: readonly string[]): Promise<string[]> {
    const ringing: string[] = [];
    for (let i = 0; i < names.length; i += namesAtOnce) {
      const query = { AlarmNames: names.slice(i, i + namesAtOnce), StateValue: "ALARM" as const };
      for await (const { MetricAlarms: page = [] } of paginateDescribeAlarms({ client: this.client }, query)) {
        ringing.push(
          ...page.flatMap(({ AlarmName: name, StateValue: state }) => (state === "ALARM" ? (name ?? []) : [])),
        );
      }
    }
    return ringing.sort();
  }

  /** Whether these alarms tell anybody when they ring. */
  async setActions(names: readonly string[], enabled: boolean): Promise<void> {
    for (let i = 0; i < names.length; i += namesAtOnce) {
      const input = { AlarmNames: names.slice(i, i + namesAtOnce) };
      await this.client.send(enabled ? new EnableAlarmActionsCommand(input) : new DisableAlarmActionsCommand(input));
    }
  }
}
