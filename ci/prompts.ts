import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { CommandError, exitCodes, InterruptedError } from "./exit-codes";
import type { Surroundings } from "./surroundings";

/** Questions to a person; without a terminal there is nobody to ask, and every question is an error that says what to pass instead. */
export class Prompts {
  constructor(
    private readonly surroundings: Surroundings,
    /** Ends a question that nobody has answered. Default: nothing does, but Ctrl-C. */
    private readonly signal?: AbortSignal,
  ) {}

  /** Ask for a word. `instead` completes "without a terminal, pass ...". */
  async ask(question: string, instead: string): Promise<string> {
    this.insistOnTerminal(instead);
    return this.read(question, false);
  }

  /** A value that must not be seen: typed blind on a terminal, else all of standard input, less one line end. */
  async secret(question: string): Promise<string> {
    if (this.surroundings.isTTY) return this.read(question, true);
    return (await this.unlessInterrupted(text(this.surroundings.stdin))).replace(/\r?\n$/, "");
  }

  /** @throws CommandError when there is nobody to ask; for finding out before the work that the question is about */
  insistOnTerminal(instead: string): void {
    if (this.surroundings.isTTY) return;
    throw new CommandError(`nobody is there to confirm: ${instead}`, exitCodes.usage);
  }

  private async unlessInterrupted<T>(work: Promise<T>): Promise<T> {
    const over = new AbortController();
    try {
      return await Promise.race([
        work,
        new Promise<never>((_, reject) => this.onInterrupt(() => reject(new InterruptedError()), over.signal)),
      ]);
    } finally {
      over.abort();
    }
  }

  /** Call `stop` once the signal comes, at once if it has come already, and no more once `over` is. */
  private onInterrupt(stop: () => void, over: AbortSignal): void {
    if (this.signal?.aborted === true) stop();
    else this.signal?.addEventListener("abort", stop, { once: true, signal: over });
  }

  private read(question: string, hidden: boolean): Promise<string> {
    const { stdin, stderr } = this.surroundings;
    const echo = new Writable({
      write(chunk: Buffer, _encoding, done) {
        if (!hidden) stderr.write(chunk.toString("utf8"));
        done();
      },
    });
    stderr.write(question);
    const lines = createInterface({ input: stdin, output: echo, terminal: true, historySize: 0 });
    return new Promise<string>((resolve, reject) => {
      let answer: string | undefined;
      lines.once("line", (line) => {
        answer = line;
        lines.close();
      });
      // on a terminal in raw mode Ctrl-C is a character, not a signal; Ctrl-D closes
      lines.once("SIGINT", () => lines.close());
      const over = new AbortController();
      lines.once("close", () => {
        over.abort();
        if (hidden || answer === undefined) stderr.write("\n");
        if (answer === undefined) reject(new InterruptedError("interrupted: nothing was changed"));
        else resolve(answer);
      });
      this.onInterrupt(() => lines.close(), over.signal);
    });
  }
}
