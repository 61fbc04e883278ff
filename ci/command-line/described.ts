import type { Command } from "commander";
import { exitCodeHelp } from "../exit-codes";
import type { Session, UncheckedSession } from "../session";

/** What a command works with, made when it is run and not when its help is read. */
export type Open = () => Session;

/** The same for a command that has to run where the configuration is wrong. */
export type OpenUnchecked = () => UncheckedSession;

/** The flag of every command that a script may read. */
export const json = ["--json", "print one JSON value on stdout", false] as const;

/** Help of a command: what it does, an example, and the exit codes. */
export function described(command: Command, description: string, example: string): Command {
  return command.description(description).addHelpText("after", `\nExample:\n  ${example}\n\n${exitCodeHelp}`);
}
