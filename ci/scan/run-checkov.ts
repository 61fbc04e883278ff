import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { CommandError } from "../exit-codes";
import type { Interrupts } from "../terraform/interrupts";
import type { Checkov } from "../tools/checkov";
import { forScanner, type ScannedStack } from "./scanned-stack";
import type { ScannerReport } from "./verdict";

export interface RunCheckovOptions {
  readonly checkov: Checkov;
  /** The project's folder. */
  readonly root: string;
  readonly stack: string;
  readonly json: ScannedStack;
  /** A folder of this run, where the scanner may write. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly interrupts: Interrupts;
}

const file = "cdk.tf.json";

/**
 * What checkov says of a stack. It asks nothing of the network, and reads no settings but these.
 *
 * @throws CommandError when it did not look at the whole stack
 */
export async function runCheckov({
  checkov,
  root,
  stack,
  json,
  directory,
  env,
  interrupts,
}: RunCheckovOptions): Promise<ScannerReport> {
  const folder = path.join(directory, stack);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, file), JSON.stringify(forScanner(json), undefined, 1));
  const child = interrupts.spawn(
    checkov.python,
    [
      ...[path.join(root, "ci", "scan", "checkov_with_json.py"), "--file", file, "--framework", "terraform_json"],
      ...["--output", "json", "--quiet", "--compact", "--skip-download"],
    ],
    { cwd: folder, env: alone(env, folder) },
  );
  const exit = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 2));
  });
  if (child.stdout === null || child.stderr === null) throw new Error("the output of checkov is not piped");
  const [code, said, errors] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  interrupts.check();
  // 1 is what it ends with when it has found something
  if (code > 1) throw new CommandError(`checkov failed at ${stack}: ${lastLine(errors) ?? `exit code ${code}`}`);
  return readReport(stack, said, errors);
}

/** Its own home, so that nobody's settings count, and a proxy that is none: what it would fetch changes what it finds. */
function alone(env: Readonly<Record<string, string>>, folder: string): Record<string, string> {
  const nowhere = "http://127.0.0.1:9";
  return {
    PATH: env["PATH"] ?? "",
    HOME: folder,
    LANG: "C.UTF-8",
    PYTHONDONTWRITEBYTECODE: "1",
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    http_proxy: nowhere,
    https_proxy: nowhere,
  };
}

interface CheckovJson {
  readonly results?: {
    readonly failed_checks?: readonly {
      readonly check_id: string;
      readonly check_name: string;
      readonly resource: string;
    }[];
  };
  readonly summary?: { readonly passed: number; readonly failed: number; readonly parsing_errors: number };
}

/** Read its JSON; a stack that it could not read, or saw nothing in, has not passed. */
export function readReport(stack: string, said: string, errors: string): ScannerReport {
  const json = parsed(said);
  const { results, summary } = json ?? {};
  if (summary === undefined || summary.parsing_errors > 0) {
    throw new CommandError(`checkov could not read ${stack}: ${lastLine(errors) ?? saidOf(said)}`);
  }
  const failed = (results?.failed_checks ?? []).map(({ check_id, check_name, resource }) => ({
    check: check_id,
    wants: check_name,
    resource,
  }));
  if (failed.length !== summary.failed) {
    throw new CommandError(
      `checkov counts ${summary.failed} findings in ${stack} and lists ${failed.length}: its output is not as this version's, see ci/data/checkov-requirements.txt`,
    );
  }
  if (summary.passed + failed.length === 0) {
    throw new CommandError(`checkov could not read ${stack}: it has checked nothing`);
  }
  return { passed: summary.passed, failed };
}

function parsed(said: string): CheckovJson | undefined {
  try {
    // one object when it has looked at one framework
    const value = JSON.parse(said) as CheckovJson | readonly CheckovJson[];
    return Array.isArray(value) ? (value as readonly CheckovJson[])[0] : (value as CheckovJson);
  } catch {
    return undefined;
  }
}

function saidOf(output: string): string {
  const text = output.trim().slice(0, 200);
  return text === "" ? "it said nothing" : text;
}

function lastLine(output: string): string | undefined {
  return output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .at(-1);
}
