import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { CommandError } from "../exit-codes";
import type { Report } from "../report";

const run = promisify(execFile);

/** A Python that can run the emulator. */
export interface Python {
  readonly path: string;
  readonly version: string;
}

export interface PythonRequest {
  readonly env: Readonly<Record<string, string>>;
  /** Folder of the emulator: `server.py` knows which moto it takes, `requirements.txt` names a set that works. */
  readonly emulator: string;
  /** Where a virtual environment is kept for the next run. */
  readonly cache: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** What the emulator's own code needs. */
const minimum = "3.9";

const names = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python3.9", "python"];

/**
 * Asks a Python about itself. Which moto is good is asked of server.py, so that the range stands in one place; the import proves
 * that the server's own dependencies are there too.
 */
const probe = `
import json, platform, sys
found = {"path": sys.executable, "version": platform.python_version(), "problem": None}
if sys.version_info < (${minimum.replace(".", ", ")}):
    found["problem"] = "too old"
else:
    sys.dont_write_bytecode = True
    sys.path.insert(0, sys.argv[1])
    import server
    found["problem"] = server.moto_problem()
    if found["problem"] is None:
        try:
            import boto3, moto.moto_server.werkzeug_app
        except ImportError as error:
            found["problem"] = str(error)
print(json.dumps(found))
`;

interface Probed extends Python {
  readonly problem: string | null;
}

/**
 * A Python with the emulator's packages: one on PATH that has them, else a private virtual environment that gets them.
 *
 * @throws CommandError that says what to install
 */
export async function findPython(request: PythonRequest): Promise<Python> {
  const bases: Probed[] = [];
  for (const name of names) {
    const found = await ask(name, request);
    if (found === undefined) continue;
    if (found.problem === null) return found;
    if (found.problem !== "too old") bases.push(found);
  }
  const [base] = bases;
  if (base === undefined) {
    throw new CommandError(
      `the emulator needs Python ${minimum} or newer, and there is no such python3 on PATH: install it`,
    );
  }
  return virtualEnvironment(base, request);
}

async function virtualEnvironment(base: Python, request: PythonRequest): Promise<Python> {
  const { cache, emulator, report } = request;
  const requirements = path.join(emulator, "requirements.txt");
  const key = createHash("sha256")
    .update(`${base.version}\n`)
    .update(readFileSync(requirements))
    .digest("hex")
    .slice(0, 12);
  const folder = path.join(cache, `python-${key}`);
  const program = path.join("bin", "python");
  if (!existsSync(path.join(folder, program))) {
    await report.step("install the emulator's Python packages", async () => {
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
  const found = await ask(path.join(folder, program), request);
  if (found?.problem === null) return found;
  throw new CommandError(
    `the Python packages in ${folder} cannot be used (${found?.problem ?? "python does not start"}): remove that folder and run again`,
  );
}

const quietly = ["--disable-pip-version-check", "--no-input", "--no-cache-dir", "--progress-bar", "off"];

async function makeVenv(base: Python, folder: string, request: PythonRequest): Promise<void> {
  try {
    await work(base.path, ["-m", "venv", folder], request);
  } catch (error) {
    request.signal.throwIfAborted();
    throw new CommandError(
      `${base.path} has no moto and cannot make a virtual environment (${messageOf(error)}): install its venv module ` +
        "(python3-venv on Debian and Ubuntu), or install test/emulator/requirements.txt for it",
    );
  }
}

/** Run a program whose lines are progress; the last ones explain a failure. */
async function work(program: string, args: readonly string[], { env, report, signal }: PythonRequest): Promise<void> {
  const child = spawn(program, [...args], { env: cleanOf(env), signal, stdio: ["ignore", "pipe", "pipe"] });
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

/** What a Python says about itself; none when there is none of that name. */
async function ask(program: string, { env, emulator, signal }: PythonRequest): Promise<Probed | undefined> {
  signal.throwIfAborted();
  try {
    const { stdout } = await run(program, ["-c", probe, emulator], { env: cleanOf(env), timeout: 60_000 });
    return JSON.parse(stdout) as Probed;
  } catch {
    return undefined;
  }
}

/** Another run may have been faster; its result is as good. */
function putInPlace(partial: string, folder: string, program: string): void {
  try {
    renameSync(partial, folder);
  } catch (error) {
    if (!existsSync(path.join(folder, program))) throw error;
  }
}

/** Without what would bring packages of another Python. */
function cleanOf(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== "PYTHONPATH" && name !== "PYTHONHOME"));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
