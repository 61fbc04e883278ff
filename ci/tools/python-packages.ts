import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { CommandError } from "../exit-codes";
import type { Report } from "../report";

/** A Python interpreter. */
export interface Python {
  readonly path: string;
  readonly version: string;
}

/** What a Python may be called on PATH, in the order of asking. */
export const pythonNames = [
  "python3",
  "python3.14",
  "python3.13",
  "python3.12",
  "python3.11",
  "python3.10",
  "python3.9",
  "python",
];

export interface PackagesRequest {
  /** The Python that the virtual environment is made of. */
  readonly base: Python;
  /** File with the packages, each of one version. */
  readonly requirements: string;
  /** Start of the folder's name in the cache. */
  readonly name: string;
  /** What a person reads while it is installed, such as `the emulator's Python packages`. */
  readonly what: string;
  /** The package for whose sake all this is, such as `moto`. */
  readonly lacking: string;
  /** A way out beside installing venv, with the comma before it. Default: none. */
  readonly otherwise?: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where a virtual environment is kept for the next run. */
  readonly cache: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/**
 * The Python of a private virtual environment that has the packages: from the cache, else made there. Another set of packages, or
 * another Python, is another environment.
 *
 * @throws CommandError that says what to install
 */
export async function installedPackages(request: PackagesRequest): Promise<string> {
  const { base, requirements, name, what, cache, report } = request;
  const key = createHash("sha256")
    .update(`${base.version}\n`)
    .update(readFileSync(requirements))
    .digest("hex")
    .slice(0, 12);
  const folder = path.join(cache, `${name}-${key}`);
  const program = path.join("bin", "python");
  if (!existsSync(path.join(folder, program))) {
    await report.step(`install ${what}`, async () => {
      mkdirSync(cache, { recursive: true });
      const partial = mkdtempSync(`${folder}.`);
      try {
        await makeVenv(base, partial, request);
        await work(path.join(partial, program), ["-m", "pip", "install", ...quietly, "-r", requirements], request);
        putInPlace(partial, folder, program);
      } finally {
        rmSync(partial, { recursive: true, force: true });
      }
    });
  }
  return path.join(folder, program);
}

/** The packages are there and do not work. */
export function unusable(program: string, problem: string): CommandError {
  const folder = path.dirname(path.dirname(program));
  return new CommandError(
    `the Python packages in ${folder} cannot be used (${problem}): remove that folder and run again`,
  );
}

/** Without what would bring packages of another Python. */
export function withoutPythonPaths(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== "PYTHONPATH" && name !== "PYTHONHOME"));
}

const quietly = ["--disable-pip-version-check", "--no-input", "--no-cache-dir", "--progress-bar", "off"];

async function makeVenv(base: Python, folder: string, request: PackagesRequest): Promise<void> {
  try {
    await work(base.path, ["-m", "venv", folder], request);
  } catch (error) {
    request.signal.throwIfAborted();
    throw new CommandError(
      `${base.path} has no ${request.lacking} and cannot make a virtual environment (${messageOf(error)}): install its venv ` +
        `module (python3-venv on Debian and Ubuntu)${request.otherwise ?? ""}`,
    );
  }
}

/** Run a program whose lines are progress; the last ones explain a failure. */
async function work(program: string, args: readonly string[], { env, report, signal }: PackagesRequest): Promise<void> {
  const child = spawn(program, [...args], { env: withoutPythonPaths(env), signal, stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  const read = async (stream: NodeJS.ReadableStream): Promise<void> => {
    for await (const line of createInterface({ input: stream })) {
      lines.push(line);
      report.progress(line.trim().slice(0, 80));
    }
  };
  const exit = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
  const [code] = await Promise.all([exit, read(child.stdout), read(child.stderr)]);
  if (code === 0) return;
  const reason = lines.filter((line) => line.startsWith("ERROR")).at(-1) ?? lines.filter((line) => line !== "").at(-1);
  throw new CommandError(
    `${path.basename(program)} ${args.slice(0, 3).join(" ")} failed: ${reason ?? `exit code ${code}`}`,
  );
}

/** Another run may have been faster; its result is as good. */
function putInPlace(partial: string, folder: string, program: string): void {
  try {
    renameSync(partial, folder);
  } catch (error) {
    if (!existsSync(path.join(folder, program))) throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
