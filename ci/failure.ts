import { CommanderError } from "commander";
import { BlueprintError } from "../constructs/shared/blueprint-error";
import { CommandError, exitCodes, ToldError } from "./exit-codes";
import type { Report } from "./report";
import type { Interrupts } from "./terraform/interrupts";

export interface FailureContext {
  /** The command line, without the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly report: Report;
  readonly interrupts: Interrupts;
}

/** Tell a person, and with `--json` a script, why a command has ended early; gives the exit code. */
export function exitCodeOfFailure(error: unknown, { argv, env, report, interrupts }: FailureContext): number {
  // help and mistakes of the command line, which commander has explained
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof ToldError) return error.exitCode;

  const exitCode = interrupts.interrupted ? exitCodes.interrupted : exitCodeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  report.error(message);
  if (exitCode === exitCodes.interrupted) report.line(`to go on from here: \`${again(argv, env)}\``);
  const place = placeOf(error);
  if (exitCode === exitCodes.failed && place !== undefined) report.line(place);
  if (argv.includes("--json")) report.json({ ok: false, exitCode, error: message, ...detailsOf(error) });
  return exitCode;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  return error instanceof BlueprintError ? exitCodes.usage : exitCodes.failed;
}

function detailsOf(error: unknown): Readonly<Record<string, unknown>> {
  return error instanceof CommandError ? error.details : {};
}

/** Of an error that nobody foresaw: where it happened, for whoever mends it. */
function placeOf(error: unknown): string | undefined {
  if (error instanceof CommandError || !(error instanceof Error)) return undefined;
  return error.stack?.split("\n").slice(1, 4).join("\n");
}

/** The same command, as it was started. */
function again([command = "", ...rest]: readonly string[], env: Readonly<Record<string, string>>): string {
  const lifetime = env["SLIPWAY_LIFETIME"];
  const variables = lifetime === undefined || lifetime === "" ? "" : `SLIPWAY_LIFETIME=${lifetime} `;
  return `${variables}npm run ${command} -- ${rest.join(" ")}`;
}
