import { createInterface, type Interface } from "node:readline";
import type { Report } from "../report";
import type { Surroundings } from "../surroundings";

export interface RollbackWishOptions {
  readonly surroundings: Pick<Surroundings, "stdin" | "isTTY">;
  readonly report: Report;
  readonly environment: string;
  /** Do not ask: `--early-rollback`. */
  readonly always: boolean;
}

/** Whether a deployment whose tasks keep dying is to be given up before ECS does that, which can take many minutes. */
export class RollbackWish {
  private lines: Interface | undefined;
  private said = false;
  private isWished = false;

  constructor(private readonly options: RollbackWishOptions) {}

  get wished(): boolean {
    return this.isWished;
  }

  /** Tasks of a service keep dying. */
  offer(service: string): void {
    const { surroundings, report, environment, always } = this.options;
    if (always) {
      if (!this.isWished) report.line(`tasks of ${service} keep dying: rolling back (--early-rollback)`);
      this.isWished = true;
      return;
    }
    if (this.said) return;
    this.said = true;
    const look = `npm run logs -- ${environment} ${service} says why`;
    if (!surroundings.isTTY) {
      report.warn(
        `tasks of ${service} keep dying; ${look}; ECS gives up in time, --early-rollback does so at this point`,
      );
      return;
    }
    report.warn(`tasks of ${service} keep dying; ${look}; type r and Enter to roll back now`);
    this.lines = createInterface({ input: surroundings.stdin });
    this.lines.on("line", (line) => (this.isWished ||= line.trim() === "r"));
  }

  /** Nobody is listened to any more. */
  close(): void {
    this.lines?.close();
    this.lines = undefined;
  }
}
