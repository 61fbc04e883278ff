import type { Clock } from "../../../ci/clock";

export interface JournalCall {
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970, by the fake clock. */
  readonly at: number;
}

/** What an account was asked, and what it was made to change. */
export class Journal {
  readonly calls: JournalCall[] = [];
  /** Every change as a short text, in the order in which they were made. */
  readonly writes: string[] = [];

  constructor(private readonly clock: Clock) {}

  /** AWS tells times as seconds since 1970. */
  get seconds(): number {
    return this.clock.now() / 1000;
  }

  call(action: string, input: Readonly<Record<string, unknown>>): void {
    this.calls.push({ action, input, at: this.clock.now() });
  }

  write(text: string): void {
    this.writes.push(text);
  }

  inputs(action: string): Readonly<Record<string, unknown>>[] {
    return this.calls.flatMap((call) => (call.action === action ? [call.input] : []));
  }
}

/** Calls by the name of their action; each gets its input as the SDK's client sends it. */
export type Handlers = Readonly<Record<string, (input: never) => object>>;

/** The longest time, by the fake clock, in which nothing was asked: how late at most a change is noticed. */
export function longestGapSec(calls: readonly JournalCall[]): number {
  return Math.max(0, ...calls.map(({ at }, i) => (at - (calls[i - 1]?.at ?? at)) / 1000));
}
