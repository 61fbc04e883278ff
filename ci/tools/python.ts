import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { CommandError } from "../exit-codes";
import type { Report } from "../report";
import { installedPackages, type Python, pythonNames, unusable, withoutPythonPaths } from "./python-packages";

const run = promisify(execFile);

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
  for (const name of pythonNames) {
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

async function virtualEnvironment(base: Probed, request: PythonRequest): Promise<Python> {
  const { env, cache, emulator, report, signal } = request;
  const program = await installedPackages({
    base,
    requirements: path.join(emulator, "requirements.txt"),
    name: "python",
    what: "the emulator's Python packages",
    lacking: "moto",
    otherwise: ", or install test/emulator/requirements.txt for it",
    ...{ env, cache, report, signal },
  });
  const found = await ask(program, request);
  if (found?.problem === null) return found;
  throw unusable(program, found?.problem ?? "python does not start");
}

/** What a Python says about itself; none when there is none of that name. */
async function ask(program: string, { env, emulator, signal }: PythonRequest): Promise<Probed | undefined> {
  signal.throwIfAborted();
  try {
    const { stdout } = await run(program, ["-c", probe, emulator], { env: withoutPythonPaths(env), timeout: 60_000 });
    return JSON.parse(stdout) as Probed;
  } catch {
    return undefined;
  }
}
