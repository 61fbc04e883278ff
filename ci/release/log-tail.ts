import type { FoundLine, LogSearch } from "../aws/log-search";
import type { LogSource } from "./log-sources";

/** CloudWatch gives a line out some seconds after a task wrote it, and not in the order of writing. */
const lateMs = 20_000;

/** A line, and whose it is. */
export interface TailedLine {
  readonly service: string;
  readonly task: string;
  readonly container: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly text: string;
}

export interface TailOptions {
  readonly search: Pick<LogSearch, "pages">;
  readonly source: LogSource;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly containing: string | undefined;
}

/** What is new in a log group, look by look; each line is told once. */
export class LogTail {
  /** Timestamps by id, of the lines that the next look may find again. */
  private readonly told = new Map<string, number>();
  private newest: number;

  constructor(private readonly options: TailOptions) {
    this.newest = options.from;
  }

  /** Lines since the last look, as they are found. */
  async *look(): AsyncGenerator<TailedLine, void> {
    const { search, source, from, containing } = this.options;
    const query = { logGroup: source.logGroup, from: Math.max(from, this.newest - lateMs) };
    for await (const page of search.pages({ ...query, ...(containing === undefined ? {} : { containing }) })) {
      for (const line of page) {
        if (this.told.has(line.id)) continue;
        this.told.set(line.id, line.timestamp);
        this.newest = Math.max(this.newest, line.timestamp);
        yield lineOf(source.name, line);
      }
    }
    for (const [id, timestamp] of this.told) if (timestamp < this.newest - lateMs) this.told.delete(id);
  }
}

function lineOf(service: string, { stream, timestamp, text }: FoundLine): TailedLine {
  // `<prefix>/<container>/<task id>`
  const [, container = "", task = stream] = stream.split("/");
  return { service, task, container, timestamp, text };
}
