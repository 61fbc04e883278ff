import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { CommandError, exitCodes } from "../exit-codes";

const run = promisify(execFile);

/** The program that does the work: Terraform, or OpenTofu. */
export interface Engine {
  readonly kind: "terraform" | "opentofu";
  readonly path: string;
  readonly version: string;
}

export interface EngineSearch {
  readonly env: Readonly<Record<string, string>>;
  /** Path of an engine to use where none is installed: from a cache, or downloaded. Default: there is none. */
  readonly fallback?: () => Promise<string | undefined>;
}

/** First version with write-only attributes, ephemeral values and the S3 lock file, in Terraform and in OpenTofu. */
const minimum = [1, 11] as const;

/**
 * The engine of this run: the one that TERRAFORM_BINARY_NAME names, else `terraform`, else `tofu` on PATH, else the fallback.
 *
 * @throws CommandError when none is good enough; it names what was found
 */
export async function findEngine({ env, fallback }: EngineSearch): Promise<Engine> {
  const named = env["TERRAFORM_BINARY_NAME"];
  if (named !== undefined && named !== "") {
    const found = onPath(named, env);
    if (found === undefined) {
      throw new CommandError(
        `TERRAFORM_BINARY_NAME names ${named}, which is not there: correct or unset it`,
        exitCodes.usage,
      );
    }
    return usable(await inspect(found, env), "set TERRAFORM_BINARY_NAME to a newer one");
  }

  const tooOld: Engine[] = [];
  for (const name of ["terraform", "tofu"]) {
    const found = onPath(name, env);
    if (found === undefined) continue;
    const engine = await inspect(found, env);
    if (isNewEnough(engine)) return engine;
    tooOld.push(engine);
  }
  const other = await fallback?.();
  if (other !== undefined) return usable(await inspect(other, env), "remove it, so that it is fetched again");

  const [old] = tooOld;
  if (old !== undefined) return usable(old, "upgrade it, or set TERRAFORM_BINARY_NAME to a newer one");
  throw new CommandError(
    `neither terraform nor tofu is on PATH: install Terraform or OpenTofu ${minimum.join(".")} or later, or set TERRAFORM_BINARY_NAME to its path`,
    exitCodes.usage,
  );
}

/** `Terraform 1.11.4`, for people. */
export function engineText({ kind, version }: Engine): string {
  return `${kind === "terraform" ? "Terraform" : "OpenTofu"} ${version}`;
}

function usable(engine: Engine, fix: string): Engine {
  if (isNewEnough(engine)) return engine;
  throw new CommandError(
    `${engineText(engine)} at ${engine.path} is older than ${minimum.join(".")}: ${fix}`,
    exitCodes.usage,
  );
}

function isNewEnough({ version }: Engine): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > minimum[0] || (major === minimum[0] && minor >= minimum[1]);
}

async function inspect(file: string, env: Readonly<Record<string, string>>): Promise<Engine> {
  let output: string;
  try {
    ({ stdout: output } = await run(file, ["version"], { env: { ...env, CHECKPOINT_DISABLE: "1" }, timeout: 30_000 }));
  } catch (error) {
    throw new CommandError(`${file} does not start: ${error instanceof Error ? error.message : String(error)}`);
  }
  const [, product, version] = /^(Terraform|OpenTofu) v(\d+\.\d+\.\d+)/.exec(output) ?? [];
  if (product === undefined || version === undefined) {
    throw new CommandError(
      `${file} is neither Terraform nor OpenTofu: its \`version\` says ${JSON.stringify(output.slice(0, 60))}`,
    );
  }
  return { kind: product === "Terraform" ? "terraform" : "opentofu", path: file, version };
}

/** Full path of a program, by name or by path; none when it is not there or cannot be run. */
function onPath(name: string, env: Readonly<Record<string, string>>): string | undefined {
  const candidates =
    path.basename(name) === name
      ? (env["PATH"] ?? "")
          .split(path.delimiter)
          .filter((folder) => folder !== "")
          .map((folder) => path.join(folder, name))
      : [path.resolve(name)];
  return candidates.find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
