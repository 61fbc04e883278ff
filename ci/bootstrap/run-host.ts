import { CommandError } from "../exit-codes";
import type { PipelineHost } from "../pipelines/hosts";
import type { Session } from "../session";
import { findProgram, runProgram } from "../tools/program";

/** The program of a host is not there, or refuses. */
export class HostError extends CommandError {}

/** What the program of a host says. */
export async function runHost(
  { surroundings: { env }, interrupts }: Session,
  { program, env: own }: PipelineHost,
  args: readonly string[],
): Promise<string> {
  const file = findProgram(program, env);
  if (file === undefined) throw new HostError(`${program} is not on PATH`);
  const { code, stdout, stderr } = await runProgram(file, args, { env: { ...env, ...own }, interrupts });
  if (code === 0) return stdout;
  const reason = stderr.trim().split("\n").at(-1) ?? "";
  throw new HostError(`${program} ${args.slice(0, 3).join(" ")} says "${reason}"`);
}
