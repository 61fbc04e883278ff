import { type ChildProcess, spawn } from "node:child_process";
import { InterruptedError } from "../exit-codes";
import type { Report } from "../report";

/** What delivers signals: `process`, or an emitter in tests. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

export interface SpawnOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /**
   * When the child can be stopped; a signal that comes earlier is kept for it until then. Default: from the start. Terraform confirms
   * an interrupt that comes while it loads its plugins, forgets it, and carries the whole plan out.
   */
  readonly stoppable?: Promise<void>;
}

// SIGHUP too: a closed terminal must not tear the pipe that Terraform writes to while it works
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** npm passes on the signal that the terminal already sent: within this time it is one and the same. */
const sameSignalMs = 500;

/**
 * Stops Terraform the one way that loses nothing. Every child gets a process group of its own, so that Ctrl-C in the terminal does
 * not reach it or its plugins; the first signal sends exactly one SIGINT to each child's own process. Terraform then finishes what
 * it has begun and saves its state. A second SIGINT would make it drop what it is creating; so none is ever sent.
 */
export class Interrupts {
  private readonly abort = new AbortController();
  private readonly children = new Map<ChildProcess, Promise<void>>();
  private readonly listener = (): void => this.interrupt();
  private firstAt: number | undefined;

  constructor(
    private readonly report: Report,
    private readonly source: SignalSource = process,
  ) {
    for (const signal of signals) source.on(signal, this.listener);
  }

  /** A signal has come; nothing new is to be begun. */
  get interrupted(): boolean {
    return this.firstAt !== undefined;
  }

  /** Aborts at the first signal: for requests and for clean-up. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Give the signals back to whoever had them. */
  dispose(): void {
    for (const signal of signals) this.source.off(signal, this.listener);
  }

  /** @throws InterruptedError once a signal has come */
  check(): void {
    if (this.interrupted) throw new InterruptedError();
  }

  /** `work`, given up at the first signal: for waiting, never for what must be finished. */
  async race<T>(work: Promise<T>): Promise<T> {
    this.check();
    let stop: (() => void) | undefined;
    const stopped = new Promise<never>((_, reject) => {
      stop = () => reject(new InterruptedError());
      this.signal.addEventListener("abort", stop, { once: true });
    });
    try {
      return await Promise.race([work, stopped]);
    } finally {
      if (stop !== undefined) this.signal.removeEventListener("abort", stop);
    }
  }

  /** Wait; a signal ends it. */
  async pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await this.race(new Promise<void>((resolve) => (timer = setTimeout(resolve, ms))));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Start a program in a process group of its own; its output is piped, its input is closed. */
  spawn(path: string, args: readonly string[], { cwd, env, stoppable }: SpawnOptions): ChildProcess {
    this.check();
    const child = spawn(path, [...args], { cwd, env: { ...env }, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    this.children.set(child, stoppable ?? Promise.resolve());
    const forget = (): void => void this.children.delete(child);
    child.once("exit", forget);
    child.once("error", forget);
    return child;
  }

  private interrupt(): void {
    const now = Date.now();
    if (this.firstAt !== undefined) {
      if (now - this.firstAt >= sameSignalMs) {
        this.report.line(
          this.children.size > 0
            ? "still stopping: Terraform finishes what it has begun and saves the state; pulling harder would lose resources from it"
            : "still stopping",
        );
      }
      return;
    }
    this.firstAt = now;
    if (this.children.size > 0) {
      this.report.line("stopping: Terraform finishes what it has begun and saves the state; this can take a minute");
      for (const [child, stoppable] of this.children) void stoppable.then(() => this.ask(child));
    }
    this.abort.abort();
  }

  private ask(child: ChildProcess): void {
    // to the process alone: its plugins must live until it has heard from them
    if (this.children.has(child)) child.kill("SIGINT");
  }
}
