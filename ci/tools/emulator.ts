import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { CommandError } from "../exit-codes";
import type { Python } from "./python-packages";

/** A call that the emulator could not answer, or an exception inside it. */
export interface UnknownCall {
  readonly service: string;
  readonly operation: string;
  readonly kind: string;
  readonly detail: string;
}

/** One thing that exists in the emulated account. */
export interface InventoryItem {
  readonly service: string;
  readonly type: string;
  readonly id: string;
  readonly account: string;
  readonly region: string;
  /** Where it matters, such as for a snapshot. */
  readonly state?: string;
}

/** A permission that a call needed, as IAM would look at it. */
export interface RecordedCall {
  /** Name of the role whose session made it; none for everybody else. */
  readonly role: string | null;
  /** Of the caller. */
  readonly account: string;
  readonly region: string;
  /** `ecs:RunTask`; also what AWS asks for besides, such as `iam:PassRole`. */
  readonly action: string;
  /** ARNs; `*` where there are none or none can be told. */
  readonly resources: readonly string[];
  /** What conditions can ask for, as far as it is known. */
  readonly context: Readonly<Record<string, string>>;
  /** It was given what it asked for. */
  readonly ok: boolean;
}

export interface EmulatorOptions {
  readonly python: Python;
  /** Folder of `server.py`. */
  readonly source: string;
  /** Where its log and its ready file go. */
  readonly directory: string;
  /** Account of callers whose access key is not an account itself. */
  readonly account: string;
  /** Hosted zones of that account that are there from the start. Default: none. */
  readonly hostedZones?: readonly { readonly id: string; readonly name: string }[];
  readonly env: Readonly<Record<string, string>>;
  /** Survive this process; otherwise it ends with it, however that ends. Default: false. */
  readonly keep?: boolean;
  /** Default: a free one. */
  readonly port?: number;
  readonly signal: AbortSignal;
}

const startMs = 120_000;
const answerMs = 120_000;

/** An emulated AWS of its own process, on the loopback interface alone. */
export class Emulator {
  private stopping = false;

  private constructor(
    private readonly child: ChildProcess,
    /** Where AWS answers. */
    readonly url: string,
    /** Such as `moto 5.2.1 (Python 3.11.7)`. */
    readonly version: string,
    readonly log: string,
    /** Rejects with one sentence when the process ends before `stop`; never resolves. */
    readonly death: Promise<never>,
  ) {}

  /** @throws CommandError with what the emulator said, when it does not start */
  static async start(options: EmulatorOptions): Promise<Emulator> {
    const { python, source, directory, account, hostedZones = [], env, keep = false, port = 0, signal } = options;
    const log = path.join(directory, "emulator.log");
    const readyFile = path.join(directory, "emulator.ready");
    const output = openSync(log, "a", 0o600);
    const child = spawn(
      python.path,
      [
        path.join(source, "server.py"),
        ...["--port", String(port), "--ready-file", readyFile],
        ...(keep ? [] : ["--parent-pid", String(process.pid)]),
      ],
      {
        // a group of its own: Ctrl-C in the terminal must not end it before Terraform
        detached: true,
        stdio: ["ignore", output, output],
        env: {
          ...emulatorVariables(env),
          MOTO_ACCOUNT_ID: account,
          EMULATOR_HOSTED_ZONES: hostedZones.map(({ id, name }) => `${id}=${name}`).join(","),
          PYTHONDONTWRITEBYTECODE: "1",
        },
      },
    );
    closeSync(output);
    const ended = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, killed) =>
        resolve(code === null ? `killed by ${String(killed)}` : `exit code ${code}`),
      );
    });
    let emulator: Emulator | undefined;
    try {
      const { port: actual, moto, python: version } = await ready(readyFile, log, ended, signal);
      const death = ended.then((how) => {
        if (emulator?.stopping === true) return new Promise<never>(() => {});
        throw new CommandError(`the emulator ended in the middle of the run (${how}): ${lastWords(log)}`);
      });
      // a death that nobody waits for yet is not an unhandled one
      death.catch(() => {});
      emulator = new Emulator(child, `http://127.0.0.1:${actual}`, `moto ${moto} (Python ${version})`, log, death);
      if (keep) child.unref();
      return emulator;
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  async unknownCalls(): Promise<readonly UnknownCall[]> {
    return (await this.ask("unknown-calls")) as readonly UnknownCall[];
  }

  /** Every signed call since the start, each different one once. */
  async calls(): Promise<readonly RecordedCall[]> {
    return (await this.ask("calls")) as readonly RecordedCall[];
  }

  async inventory(): Promise<readonly InventoryItem[]> {
    return (await this.ask("inventory")) as readonly InventoryItem[];
  }

  async secretValues(): Promise<readonly string[]> {
    return (await this.ask("secret-values")) as readonly string[];
  }

  async stop(): Promise<void> {
    this.stopping = true;
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    const late = setTimeout(() => this.child.kill("SIGKILL"), 5000);
    await gone;
    clearTimeout(late);
  }

  private async ask(what: string): Promise<unknown> {
    const url = `${this.url}/_slipway/${what}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(answerMs) });
    if (!response.ok)
      throw new CommandError(`the emulator answers ${response.status} to /_slipway/${what}: see ${this.log}`);
    return response.json();
  }
}

interface Ready {
  readonly port: number;
  readonly moto: string;
  readonly python: string;
}

async function ready(file: string, log: string, ended: Promise<string>, signal: AbortSignal): Promise<Ready> {
  const end = ended.then((how) => ({ how }));
  const deadline = Date.now() + startMs;
  for (;;) {
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Ready;
    // looked once more: this process may have been busy until now
    if (Date.now() >= deadline) break;
    const early = await Promise.race([end, pause(50, undefined, { signal })]);
    if (early !== undefined) throw new CommandError(`the emulator did not start (${early.how}): ${lastWords(log)}`);
  }
  throw new CommandError(`the emulator was not ready after ${startMs / 1000} s: ${lastWords(log)}`);
}

/** The line in which Python says why, else where to look. */
function lastWords(log: string): string {
  const line = readFileSync(log, "utf8")
    .split("\n")
    .filter((text) => text.trim() !== "" && !text.startsWith("{"))
    .at(-1);
  return line === undefined ? "it said nothing; run it again" : line.trim();
}

/** Nothing of the user's AWS settings may reach moto, which calls itself through an SDK. */
function emulatorVariables(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(AWS_|MOTO_|PYTHONPATH$|PYTHONHOME$|https?_proxy$|all_proxy$)/i.test(name),
    ),
  );
}
