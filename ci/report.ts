import pc from "picocolors";

/** Where text goes; `process.stderr` and `process.stdout` fit. */
export interface Sink {
  write(text: string): unknown;
}

export interface ReportOptions {
  /** Progress, warnings and errors. */
  readonly stderr: Sink;
  /** Results: what a script reads. */
  readonly stdout: Sink;
  /** A person watches stderr: draw one moving line instead of writing one every ten seconds. Default: false. */
  readonly tty?: boolean;
}

const heartbeatMs = 10_000;
const frameMs = 120;
const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

interface Step {
  readonly name: string;
  readonly prefix: string;
  readonly started: number;
  spoken: number;
  detail: string;
}

/**
 * Tells a person what happens: named steps with their duration, and a sign of life for those that take long. Progress goes to
 * stderr, results to stdout, so that `--json` leaves exactly one JSON value there.
 */
export class Report {
  private readonly steps: Step[] = [];

  private constructor(
    private readonly screen: Screen,
    private readonly stdout: Sink,
    private readonly prefix: string,
  ) {}

  static to({ stderr, stdout, tty = false }: ReportOptions): Report {
    return new Report(new Screen(stderr, tty), stdout, "");
  }

  /** A report on the same screen whose lines start with `name`: for work that runs side by side. */
  named(name: string): Report {
    return new Report(this.screen, this.stdout, `${this.prefix}${name}: `);
  }

  /** Run `work` under a name; says when it is done or failed, and after how long. `failed` knows a result that is a failure. */
  async step<T>(name: string, work: () => Promise<T>, failed: (result: T) => boolean = () => false): Promise<T> {
    const now = Date.now();
    const step: Step = { name, prefix: this.prefix, started: now, spoken: now, detail: "" };
    this.steps.push(step);
    this.screen.begin(step);
    try {
      const result = await work();
      this.end(step, failed(result));
      return result;
    } catch (error) {
      this.end(step, true);
      throw error;
    } finally {
      this.steps.splice(this.steps.indexOf(step), 1);
    }
  }

  private end(step: Step, failed: boolean): void {
    const duration = pc.dim(`(${durationText(Date.now() - step.started)})`);
    this.screen.end(step, `${failed ? pc.red("✗") : pc.green("✓")} ${step.name} ${duration}`);
  }

  /** What the step in hand is waiting for; shown by the moving line and by the sign of life. */
  progress(detail: string): void {
    const step = this.steps.at(-1);
    if (step !== undefined) step.detail = detail;
  }

  /** A line of progress, on stderr. */
  line(text: string): void {
    this.screen.line(this.prefix, text);
  }

  warn(text: string): void {
    this.screen.line(this.prefix, `${pc.yellow("warning:")} ${text}`);
  }

  error(text: string): void {
    this.screen.line(this.prefix, `${pc.red("error:")} ${text}`);
  }

  /** A line of the result, on stdout. */
  result(text: string): void {
    this.screen.aside(() => this.stdout.write(`${text}\n`));
  }

  /** The result of `--json`, on stdout. */
  json(value: unknown): void {
    this.result(JSON.stringify(value, undefined, 2));
  }
}

/** The one place that writes to stderr: lines, and below them the moving line of all steps in hand. */
class Screen {
  private readonly active: Step[] = [];
  private timer: NodeJS.Timeout | undefined;
  private frame = 0;

  constructor(
    private readonly stderr: Sink,
    private readonly tty: boolean,
  ) {}

  begin(step: Step): void {
    this.active.push(step);
    if (this.timer !== undefined) return;
    this.timer = setInterval(() => (this.tty ? this.draw() : this.beat()), this.tty ? frameMs : 1000);
    // a sign of life must not keep the process alive
    this.timer.unref();
  }

  end(step: Step, text: string): void {
    this.active.splice(this.active.indexOf(step), 1);
    if (this.active.length === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
    this.line(step.prefix, text);
  }

  line(prefix: string, text: string): void {
    this.aside(() => {
      for (const part of text.split("\n")) this.stderr.write(`${prefix}${part}\n`);
    });
  }

  aside(write: () => void): void {
    this.wipe();
    write();
    if (this.active.length > 0) this.draw();
  }

  private wipe(): void {
    if (this.tty) this.stderr.write("\r\u001b[2K");
  }

  private draw(): void {
    if (!this.tty) return;
    this.frame = (this.frame + 1) % frames.length;
    const text = this.active.map((step) => this.describe(step)).join(" · ");
    // longer than the terminal is wide would wrap, and then cannot be wiped
    const width = Math.max(20, ("columns" in this.stderr ? Number(this.stderr.columns) : 100) - 3);
    this.stderr.write(`\r\u001b[2K${pc.cyan(frames[this.frame] ?? "")} ${text.slice(0, width)}`);
  }

  private beat(): void {
    const now = Date.now();
    for (const step of this.active) {
      if (now - step.spoken < heartbeatMs) continue;
      step.spoken = now;
      this.line(step.prefix, `… ${this.describe(step)}`);
    }
  }

  private describe({ prefix, name, started, detail }: Step): string {
    const shown = this.tty ? prefix : "";
    return `${shown}${name} (${durationText(Date.now() - started)})${detail === "" ? "" : `: ${detail}`}`;
  }
}

/** `0.4 s`, `12 s`, `1 min 36 s`. */
export function durationText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
