import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { CommandError } from "../exit-codes";
import type { Report } from "../report";
import { installedPackages, type Python, pythonNames, unusable, withoutPythonPaths } from "./python-packages";

const run = promisify(execFile);

/** What the scanner's packages need. */
const minimum = "3.11";

const probe = `
import json, platform, sys
good = sys.version_info >= (${minimum.replace(".", ", ")})
print(json.dumps({"path": sys.executable, "version": platform.python_version(), "good": good}))
`;

export interface CheckovRequest {
  readonly env: Readonly<Record<string, string>>;
  /** The project's folder. */
  readonly root: string;
  /** Where its virtual environment is kept for the next run. */
  readonly cache: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** The scanner, ready to run. */
export interface Checkov {
  readonly python: string;
  /** Such as `3.3.30`. */
  readonly version: string;
}

/**
 * The pinned checkov, in a private virtual environment: one on PATH would be of any version, and find other things.
 *
 * @throws CommandError that says what to install
 */
export async function findCheckov(request: CheckovRequest): Promise<Checkov> {
  const { env, root, cache, report, signal } = request;
  const base = await firstPython(env, signal);
  if (base === undefined) {
    throw new CommandError(
      `the scan needs Python ${minimum} or newer, and there is no such python3 on PATH: install it`,
    );
  }
  const python = await installedPackages({
    base,
    requirements: path.join(root, "ci", "data", "checkov-requirements.txt"),
    name: "checkov",
    what: "the scanner (300 MB, once)",
    lacking: "checkov",
    ...{ env, cache, report, signal },
  });
  try {
    const asked = "from checkov.version import version; print(version)";
    const { stdout } = await run(python, ["-c", asked], { env: withoutPythonPaths(env), signal });
    return { python, version: stdout.trim() };
  } catch {
    signal.throwIfAborted();
    throw unusable(python, "checkov does not start");
  }
}

async function firstPython(env: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Python | undefined> {
  for (const name of pythonNames) {
    signal.throwIfAborted();
    try {
      const { stdout } = await run(name, ["-c", probe], { env: withoutPythonPaths(env), timeout: 60_000 });
      const { good, ...python } = JSON.parse(stdout) as Python & { readonly good: boolean };
      if (good) return python;
    } catch {
      // not there, or no Python
    }
  }
  return undefined;
}
