import { GetScheduleCommand, SchedulerClient, UpdateScheduleCommand } from "@aws-sdk/client-scheduler";
import { CommandError } from "../exit-codes";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

/** What a schedule starts. */
export interface ScheduleState {
  readonly enabled: boolean;
  readonly taskDefinitionArn: string;
}

/** The schedules of an environment. */
export class Schedules {
  private readonly client: SchedulerClient;

  constructor(env: Readonly<Record<string, string>>, region: string) {
    this.client = new SchedulerClient(clientSettings(env, region, "SCHEDULER"));
  }

  /** None when there is no such schedule. */
  async state(group: string, name: string): Promise<ScheduleState | undefined> {
    try {
      const { State: state, Target: target } = await this.client.send(
        new GetScheduleCommand({ GroupName: group, Name: name }),
      );
      return { enabled: state === "ENABLED", taskDefinitionArn: target?.EcsParameters?.TaskDefinitionArn ?? "" };
    } catch (error) {
      if (errorName(error) === "ResourceNotFoundException") return undefined;
      throw error;
    }
  }

  /** Let a schedule start another revision, and switch it on or off; everything else of it stays. */
  async change(group: string, name: string, { taskDefinitionArn, enabled }: ScheduleState): Promise<void> {
    // the call replaces the whole schedule: what is not sent again is lost
    const found = await this.client.send(new GetScheduleCommand({ GroupName: group, Name: name }));
    const { ScheduleExpression, FlexibleTimeWindow, Target } = found;
    if (Target?.EcsParameters === undefined)
      throw new CommandError(`schedule ${name} starts no task: deploy the environment`);
    await this.client.send(
      new UpdateScheduleCommand({
        GroupName: group,
        Name: name,
        ScheduleExpression,
        FlexibleTimeWindow,
        ...(found.ScheduleExpressionTimezone === undefined
          ? {}
          : { ScheduleExpressionTimezone: found.ScheduleExpressionTimezone }),
        ...(found.StartDate === undefined ? {} : { StartDate: found.StartDate }),
        ...(found.EndDate === undefined ? {} : { EndDate: found.EndDate }),
        ...(found.Description === undefined ? {} : { Description: found.Description }),
        ...(found.KmsKeyArn === undefined ? {} : { KmsKeyArn: found.KmsKeyArn }),
        ...(found.ActionAfterCompletion === undefined ? {} : { ActionAfterCompletion: found.ActionAfterCompletion }),
        State: enabled ? "ENABLED" : "DISABLED",
        Target: { ...Target, EcsParameters: { ...Target.EcsParameters, TaskDefinitionArn: taskDefinitionArn } },
      }),
    );
  }
}
