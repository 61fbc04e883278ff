import type { Clock } from "../../../ci/clock";

/** Whoever sleeps more often waits for what never comes. */
const mostSleeps = 150;

/** A clock that jumps: whoever sleeps is awake at once, and what was planned for the time between has happened. */
export class FakeClock implements Clock {
  private time = Date.parse("2026-11-26T12:00:00Z");
  private sleeps = 0;
  private plans: { readonly at: number; readonly happen: () => void }[] = [];

  now(): number {
    return this.time;
  }

  async sleep(ms: number): Promise<void> {
    this.sleeps += 1;
    if (this.sleeps > mostSleeps) throw new Error(`nothing has ended after ${mostSleeps} looks at the clock`);
    const end = this.time + ms;
    for (;;) {
      const [next] = this.plans.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.plans = this.plans.filter((plan) => plan !== next);
      this.time = Math.max(this.time, next.at);
      next.happen();
    }
    this.time = end;
    // whoever was interrupted meanwhile learns of it first
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Let something happen `ms` from now. */
  in(ms: number, happen: () => void): void {
    this.plans.push({ at: this.time + ms, happen });
  }
}
