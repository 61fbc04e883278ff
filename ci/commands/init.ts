import { readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { BlueprintError } from "../../constructs/shared/blueprint-error";
import { parseConfiguration } from "../../environments/checks";
import { registryStack, unknownName } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import { lineDifference } from "../init/line-difference";
import { ProjectFile } from "../init/project-file";
import { askWishes } from "../init/questions";
import { changesFor, type Wishes } from "../init/wishes";
import type { UncheckedSession } from "../session";

export interface InitOptions {
  readonly wishes: Wishes;
  readonly yes: boolean;
  readonly json: boolean;
}

/**
 * `init`: make environments/project.ts a fork's own. Without a flag it asks. What the project's rules refuse is told, and nothing
 * is written then; comments and everything that it does not ask for stay.
 */
export async function initCommand(session: UncheckedSession, { wishes: flags, yes, json }: InitOptions): Promise<void> {
  const { report, surroundings, prompts, environments } = session;
  const file = path.join(surroundings.root, "environments", "project.ts");
  const before = await ProjectFile.read(readFileSync(file, "utf8"));
  refuseUnknown(flags, Object.keys(environments));
  const { accounts, ...others } = flags;
  const wished = Object.keys(accounts).length + Object.keys(others).length > 0;
  if (!wished) {
    prompts.insistOnTerminal(
      "pass what is to change, such as --name shop --account dev=123456789012 (--help says all)",
    );
  }
  const wishes = wished ? flags : await ask(session, before);

  const after = before.with(changesFor(before.value, wishes));
  // throws with everything that is wrong
  parseConfiguration(after.value, environments);
  const difference = after.text === before.text ? [] : lineDifference(before.text, after.text);
  if (!json) for (const line of difference) report.result(line);
  if (difference.length > 0) {
    if (!yes) await confirm(session);
    // either the old file or the new one, whenever this ends
    writeFileSync(`${file}.new`, after.text);
    renameSync(`${file}.new`, file);
  }
  if (json) report.json({ ok: true, changed: difference.length > 0, difference });
  else report.line(lastWord(difference, Object.keys(environments)));
}

function refuseUnknown({ accounts }: Wishes, environments: readonly string[]): void {
  const known = [...environments, registryStack];
  for (const name of Object.keys(accounts)) {
    if (!known.includes(name)) throw new CommandError(unknownName("environment", name, known), exitCodes.usage);
  }
}

function ask({ report, prompts, environments }: UncheckedSession, before: ProjectFile): Promise<Wishes> {
  report.line("Enter keeps what stands in brackets.");
  return askWishes({
    ask: (question) => prompts.ask(question, "pass flags"),
    tell: (line) => report.line(line),
    problemsOf: (wishes) => problemsOf(before.with(changesFor(before.value, wishes)), environments),
    project: before.value,
    environments: Object.keys(environments),
  });
}

function problemsOf({ value }: ProjectFile, environments: UncheckedSession["environments"]): readonly string[] {
  try {
    parseConfiguration(value, environments);
    return [];
  } catch (error) {
    if (error instanceof BlueprintError) return error.problems;
    throw error;
  }
}

async function confirm({ prompts }: UncheckedSession): Promise<void> {
  const answer = await prompts.ask("write this to environments/project.ts? [y/N] ", "pass --yes to write it");
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new CommandError("not confirmed: nothing was written");
}

function lastWord(difference: readonly string[], [environment = "dev"]: readonly string[]): string {
  return difference.length === 0
    ? "environments/project.ts says all that already: nothing was written"
    : `environments/project.ts is written; next: npm run doctor -- ${environment}`;
}
