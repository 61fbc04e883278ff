import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { StringDecoder } from "node:string_decoder";
import { InterruptedError } from "../exit-codes";
import type { Interrupts } from "../terraform/interrupts";

export interface ProgramRun {
  readonly env: Readonly<Record<string, string>>;
  readonly interrupts: Interrupts;
  /** Folder to run it in. Default: that of this process. */
  readonly cwd?: string;
  /** All of its standard input. Default: none. */
  readonly input?: string;
  /** Gets each line of standard error and standard output as it comes. Default: nobody does. */
  readonly line?: (text: string) => void;
}

/** How a program ended, and what it said. */
export interface ProgramResult {
  /** Exit code; 1 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The file of a program, found like a shell finds it; none when it is not installed. */
export function findProgram(name: string, env: Readonly<Record<string, string>>): string | undefined {
  return (env["PATH"] ?? "")
    .split(path.delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => path.join(folder, name))
    .find(isProgram);
}

/**
 * Run a program to its end. It has a process group of its own, so that Ctrl-C reaches it once, as one SIGINT from here, and it can
 * clean up.
 *
 * @throws InterruptedError after it has ended, when a signal has come meanwhile
 */
export async function runProgram(file: string, args: readonly string[], run: ProgramRun): Promise<ProgramResult> {
  const { env, interrupts, cwd, input, line } = run;
  interrupts.check();
  const child = spawn(file, [...args], {
    env: { ...env },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const stop = (): void => void child.kill("SIGINT");
  interrupts.signal.addEventListener("abort", stop, { once: true });
  // a program that ends before it has read everything says so by its exit code
  child.stdin.on("error", () => undefined);
  child.stdin.end(input ?? "");
  const stdout = gather(child.stdout, line);
  const stderr = gather(child.stderr, line);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode) => resolve(exitCode ?? 1));
    });
    if (interrupts.interrupted) throw new InterruptedError();
    return { code, stdout: stdout(), stderr: stderr() };
  } finally {
    interrupts.signal.removeEventListener("abort", stop);
  }
}

/** Keeps what a stream brings, and passes on its lines. */
function gather(stream: NodeJS.ReadableStream, line: ((text: string) => void) | undefined): () => string {
  const decoder = new StringDecoder("utf8");
  let all = "";
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const text = decoder.write(chunk);
    all += text;
    const parts = `${rest}${text}`.split(/\r\n|\n|\r/);
    rest = parts.pop() ?? "";
    for (const part of parts) line?.(part);
  });
  stream.on("end", () => {
    if (rest !== "") line?.(rest);
  });
  return () => all;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
