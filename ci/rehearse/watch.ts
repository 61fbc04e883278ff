import { CommandError } from "../exit-codes";
import type { Emulator, UnknownCall } from "../tools/emulator";
import type { Halt } from "./halt";

const pollMs = 1000;

/** `rds DescribeEvents (unimplemented: ...)` */
export function unknownCallText({ service, operation, kind, detail }: UnknownCall): string {
  return `${service} ${operation} (${kind}: ${detail})`;
}

/**
 * End the rehearsal as soon as the emulator dies or is asked something that it does not know: Terraform would go on for minutes,
 * and fail on something else.
 */
export class Watch {
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly emulator: Emulator,
    private readonly halt: Halt,
    private readonly unknownCalls: string[],
  ) {
    emulator.death.catch((error: Error) => {
      if (!this.closed) this.halt.stop(error);
    });
    this.poll();
  }

  /** Ask once more, so that what the last calls did is not missed. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.look();
    this.halt.check();
  }

  private poll(): void {
    this.timer = setTimeout(() => {
      // an emulator that does not answer is dead or dying: its death says more than the failed question
      this.look()
        .catch(() => {})
        .finally(() => {
          if (!this.closed) this.poll();
        });
    }, pollMs);
  }

  private async look(): Promise<void> {
    for (const call of await this.emulator.unknownCalls()) {
      const text = unknownCallText(call);
      if (!this.unknownCalls.includes(text)) this.unknownCalls.push(text);
    }
    if (this.unknownCalls.length === 0) return;
    this.halt.stop(
      new CommandError(
        `the emulator does not know: ${this.unknownCalls.join("; ")}: add it to test/emulator/overlay, or do without the call`,
      ),
    );
  }
}
