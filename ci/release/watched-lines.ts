import { errorName } from "../aws/errors";
import type { OneTask } from "./run-task";
import type { ReleaseWork } from "./work";

/** How much of the log is kept for whoever has to say why it failed. */
const keptLines = 20;

/** The log of one task, told as it comes. */
export class WatchedLines {
  /** The last ones, each with its container. */
  readonly last: string[] = [];
  private silent = false;

  constructor(
    private readonly work: Pick<ReleaseWork, "logs" | "report">,
    private readonly one: Pick<OneTask, "logGroup" | "streamPrefix" | "watched" | "told" | "tell">,
    private readonly task: string,
  ) {}

  /** Tell what is new. A log that cannot be read is said once, and stops nothing: how the task ends is what counts. */
  async look(): Promise<void> {
    const { watched, told = watched } = this.one;
    for (const container of told) {
      if (this.silent) return;
      try {
        await this.lookAt(container);
      } catch (error) {
        this.silent = true;
        this.work.report.warn(`the log of the task cannot be read (${errorName(error)}): it is told without`);
      }
    }
  }

  private async lookAt(container: string): Promise<void> {
    const { logGroup, streamPrefix, tell } = this.one;
    for (const { text } of await this.work.logs.next(logGroup, `${streamPrefix}/${container}/${this.task}`)) {
      tell(container, text);
      this.last.push(`${container}: ${text}`);
      if (this.last.length > keptLines) this.last.shift();
    }
  }
}
