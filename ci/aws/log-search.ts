import { CloudWatchLogsClient, FilterLogEventsCommand, type FilteredLogEvent } from "@aws-sdk/client-cloudwatch-logs";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

/** A line of a log group. */
export interface FoundLine {
  readonly id: string;
  readonly timestamp: number;
  readonly stream: string;
  readonly text: string;
}

export interface LogQuery {
  readonly logGroup: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  /** Text that a line must hold, as it stands. Default: any line. */
  readonly containing?: string;
}

/** Lines of all streams of a log group. */
export class LogSearch {
  private readonly client: CloudWatchLogsClient;

  constructor(env: Readonly<Record<string, string>>, region: string) {
    this.client = new CloudWatchLogsClient(clientSettings(env, region, "CLOUDWATCH_LOGS"));
  }

  /** Page by page, so that the first lines are shown while the others are looked for. No such log group: no line. */
  async *pages({ logGroup, from, containing }: LogQuery): AsyncGenerator<FoundLine[]> {
    let token: string | undefined;
    do {
      const answer = await this.client
        .send(
          new FilterLogEventsCommand({
            logGroupName: logGroup,
            startTime: from,
            ...(containing === undefined ? {} : { filterPattern: quoted(containing) }),
            ...(token === undefined ? {} : { nextToken: token }),
          }),
        )
        .catch((error: unknown) => {
          if (errorName(error) === "ResourceNotFoundException") return undefined;
          throw error;
        });
      yield (answer?.events ?? []).map(lineOf);
      token = answer?.nextToken;
    } while (token !== undefined);
  }
}

/** CloudWatch's patterns give most characters a meaning, and none to those between quotation marks. */
function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function lineOf({ eventId, timestamp, logStreamName, message }: FilteredLogEvent): FoundLine {
  return { id: eventId ?? "", timestamp: timestamp ?? 0, stream: logStreamName ?? "", text: (message ?? "").trimEnd() };
}
