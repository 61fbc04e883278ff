import { EventEmitter } from "node:events";
import { Readable } from "node:stream";
import { type Clock, systemClock } from "../../../ci/clock";
import { exitCodes } from "../../../ci/exit-codes";
import { exitCodeOfFailure } from "../../../ci/failure";
import { Prompts } from "../../../ci/prompts";
import { Report } from "../../../ci/report";
import type { Session } from "../../../ci/session";
import { Interrupts } from "../../../ci/terraform/interrupts";
import type { Configuration } from "../../../environments/checks";

/** How a command ended, and all it said. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Circumstances {
  readonly configuration: Configuration;
  readonly env: Readonly<Record<string, string>>;
  readonly root: string;
  readonly stdin?: string;
  readonly isTTY?: boolean;
  /** Emits signals to the command. Default: nobody does. */
  readonly signals?: EventEmitter;
  /** Its result is read by a script. */
  readonly json?: boolean;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/** A command in this process: its session, and the way failures are told, are those of the command line. */
export async function runCommand(
  command: (session: Session) => Promise<void>,
  circumstances: Circumstances,
): Promise<Ran> {
  const { configuration, env, root, stdin = "", isTTY = false, json = false } = circumstances;
  const { signals = new EventEmitter(), clock = systemClock } = circumstances;
  const written = { out: "", err: "" };
  const surroundings = {
    env,
    root,
    stdin: Readable.from(stdin === "" ? [] : [Buffer.from(stdin)]),
    stdout: { write: (text: string) => (written.out += text) },
    stderr: { write: (text: string) => (written.err += text) },
    isTTY,
  };
  const report = Report.to({ stderr: surroundings.stderr, stdout: surroundings.stdout, tty: isTTY });
  const interrupts = new Interrupts(report, signals);
  const prompts = new Prompts(surroundings, interrupts.signal);
  let code: number = exitCodes.ok;
  try {
    await command({ surroundings, report, interrupts, prompts, configuration, clock });
  } catch (error) {
    code = exitCodeOfFailure(error, { argv: json ? ["--json"] : [], env, report, interrupts });
  } finally {
    interrupts.dispose();
  }
  // colours would hide what the text says
  return { code, out: written.out, err: written.err.replaceAll(/\u001b\[\d+m/g, "") };
}
