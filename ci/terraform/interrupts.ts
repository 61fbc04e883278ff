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
  /** Resolves when the child can be stopped without a loss; `hurry` aborts when that has to be soon. Default: at any time. */
  readonly stoppable?: Stoppable;
}

export type Stoppable = (hurry: AbortSignal) => Promise<void>;

// SIGHUP too: a closed terminal must not tear the pipe that Terraform writes to while it works
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** npm passes on the signal that the terminal already sent: within this time it is one and the same. */
const sameSignalMs = 500;

/** A child that does not become stoppable of itself is hurried after this time. */
const patienceMs = 60_000;

/**
 * Stops Terraform the one way that loses nothing. Every child gets a process group of its own, so that Ctrl-C in the terminal does
 * not reach it or its plugins; the first signal sends exactly one SIGINT to each child's own process, as soon as that loses nothing.
 * Terraform then saves its state. A second SIGINT would make it drop what it is creating; so none is ever sent.
 */
export class Interrupts {
  private readonly abort = new AbortController();
  private readonly hurry = new AbortController();
  private readonly children = new Map<ChildProcess, Stoppable | undefined>();
  private readonly listeners = signals.map((signal) => ({ signal, listener: () => this.interrupt(signal) }));
  private firstAt: number | undefined;
  private lent = false;

  constructor(
    private readonly report: Report,
    private readonly source: SignalSource = process,
  ) {
    for (const { signal, listener } of this.listeners) source.on(signal, listener);
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
    for (const { signal, listener } of this.listeners) this.source.off(signal, listener);
  }

  /** @throws InterruptedError once a signal has come */
  check(): void {
    if (this.interrupted) throw new InterruptedError();
  }

  /** `work`, given up at the first signal: for waiting, never for what must be finished. */
  async race<T>(work: Promise<T>): Promise<T> {
    // what was given up may still fail: a rejection that nobody takes would end the process, whatever is being undone
    work.catch(() => undefined);
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

  /**
   * `work`, during which Ctrl-C is for the program that the terminal was handed to: a shell on another machine stops what runs
   * there, and lives on. Every other signal still counts.
   */
  async lend<T>(work: () => Promise<T>): Promise<T> {
    this.check();
    this.lent = true;
    try {
      return await work();
    } finally {
      this.lent = false;
    }
  }

  /** Start a program in a process group of its own; its output is piped, its input is closed. */
  spawn(path: string, args: readonly string[], { cwd, env, stoppable }: SpawnOptions): ChildProcess {
    this.check();
    const child = spawn(path, [...args], { cwd, env: { ...env }, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    this.children.set(child, stoppable);
    const forget = (): void => void this.children.delete(child);
    child.once("exit", forget);
    child.once("error", forget);
    return child;
  }

  private interrupt(signal: NodeJS.Signals): void {
    if (this.lent && signal === "SIGINT") return;
    if (this.firstAt !== undefined) {
      if (Date.now() - this.firstAt >= sameSignalMs) this.again(signal);
      return;
    }
    this.firstAt = Date.now();
    if (this.children.size > 0) {
      this.report.line("stopping: Terraform finishes what it has begun and saves the state; this can take a minute");
      setTimeout(() => this.hurry.abort(), patienceMs).unref();
    }
    for (const [child, stoppable] of this.children) void this.ask(child, stoppable);
    this.abort.abort();
  }

  private again(signal: NodeJS.Signals): void {
    this.report.line(
      this.children.size > 0
        ? "still stopping: Terraform finishes what it has begun and saves the state; pulling harder would lose resources from it"
        : "still stopping",
    );
    // a machine that says it twice is about to kill everything
    if (signal === "SIGTERM") this.hurry.abort();
  }

  private async ask(child: ChildProcess, stoppable: Stoppable | undefined): Promise<void> {
    await stoppable?.(this.hurry.signal);
    // to the process alone: its plugins must live until it has heard from them
    if (this.children.has(child)) child.kill("SIGINT");
  }
}
