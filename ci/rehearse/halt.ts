import { EventEmitter } from "node:events";
import type { ChildProcess } from "node:child_process";
import { InterruptedError } from "../exit-codes";
import type { Report } from "../report";
import { Interrupts, type SpawnOptions } from "../terraform/interrupts";

/**
 * Ends one rehearsal at once and says why: a signal, an emulator that died, a call that it does not know. Where nothing real is at
 * stake there is nothing to save, so Terraform is killed together with its plugins instead of being asked to finish.
 */
export class Halt extends Interrupts {
  private readonly groups = new Set<ChildProcess>();
  private readonly ended = new AbortController();
  private cause: Error | undefined;

  constructor(report: Report) {
    // signals come through `stop`: the base would ask Terraform to finish first
    super(report, new EventEmitter());
  }

  override get interrupted(): boolean {
    return this.cause !== undefined;
  }

  override get signal(): AbortSignal {
    return this.ended.signal;
  }

  /** The person wants no more of it; what else stops a rehearsal is a failure. */
  get isGivenUp(): boolean {
    return this.cause instanceof InterruptedError;
  }

  /** End everything; only the first cause counts. */
  stop(cause: Error): void {
    if (this.cause !== undefined) return;
    this.cause = cause;
    for (const { pid } of this.groups) if (pid !== undefined) killGroup(pid);
    this.ended.abort(cause);
  }

  /** @throws what `stop` was given */
  override check(): void {
    if (this.cause !== undefined) throw this.cause;
  }

  override spawn(path: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    const child = super.spawn(path, args, options);
    this.groups.add(child);
    child.once("close", () => this.groups.delete(child));
    return child;
  }

  /** `work`; when it was stopped, its cause counts and not what broke because of it. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    this.check();
    try {
      return await work();
    } catch (error) {
      this.check();
      throw error;
    }
  }
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // it is gone already
  }
}
