import { setTimeout as pause } from "node:timers/promises";
import type { UiEvent } from "./ui-stream";

/**
 * After this time what is being created is in the state, and what is left is waiting. The call itself is answered within a second or
 * two; but the provider waits another five before it takes a launch template for real, and forgets it when it is stopped meanwhile.
 */
const youngMs = 10_000;
const pollMs = 100;

/**
 * Finds the moment at which an apply can be stopped without a loss. An interrupt cancels the calls that are under way: what AWS
 * creates for a call whose answer nobody hears is in no state. And one that comes while Terraform loads its plugins is confirmed,
 * forgotten, and the whole plan carried out. So: once something has begun, and while nothing is in its first seconds of being created.
 */
export class QuietMoment {
  private readonly creating = new Map<string, number>();
  private begun = false;
  private over = false;

  take(event: UiEvent): void {
    if (event.kind !== "resource") return;
    const { address, action, phase } = event.event;
    this.begun = true;
    if (phase === "start" && action === "create") this.creating.set(address, Date.now());
    if (phase === "complete" || phase === "errored") this.creating.delete(address);
  }

  /** Nobody needs to wait for it any more: the apply has ended. */
  end(): void {
    this.over = true;
  }

  /** Resolves at the moment; `hurry` takes the next one at which an interrupt is heard at all. */
  async reached(hurry: AbortSignal): Promise<void> {
    while (!this.over && !(this.begun && (hurry.aborted || this.isQuiet()))) await pause(pollMs);
  }

  private isQuiet(): boolean {
    const youngest = Math.max(0, ...this.creating.values());
    return Date.now() - youngest >= youngMs;
  }
}
