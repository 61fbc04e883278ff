import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

/** A line of a container. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly text: string;
}

/** The log streams of tasks, each read from its beginning and on. */
export class TaskLogs {
  private readonly client: CloudWatchLogsClient;
  /** Where to go on, by group and stream. */
  private readonly tokens = new Map<string, string>();

  constructor(env: Readonly<Record<string, string>>, region: string) {
    this.client = new CloudWatchLogsClient(clientSettings(env, region, "CLOUDWATCH_LOGS"));
  }

  /** Lines since the last question; none while the container has not begun to write. */
  async next(logGroup: string, stream: string): Promise<LogLine[]> {
    const key = `${logGroup} ${stream}`;
    const lines: LogLine[] = [];
    try {
      for (;;) {
        const token = this.tokens.get(key);
        const { events = [], nextForwardToken } = await this.client.send(
          new GetLogEventsCommand({
            logGroupName: logGroup,
            logStreamName: stream,
            startFromHead: true,
            ...(token === undefined ? {} : { nextToken: token }),
          }),
        );
        lines.push(...events.map(({ timestamp = 0, message = "" }) => ({ timestamp, text: message.trimEnd() })));
        if (nextForwardToken === undefined) return lines;
        this.tokens.set(key, nextForwardToken);
        // the same token again is how the end is told: a page may be empty long before
        if (nextForwardToken === token) return lines;
      }
    } catch (error) {
      if (errorName(error) === "ResourceNotFoundException") return lines;
      throw error;
    }
  }
}
