import path from "node:path";
import { environments, project } from "../../environments";
import { type Configuration, parseConfiguration } from "../../environments/checks";
import { project as projectOfVariants, variants } from "../../test/support/variants";
import { unknownName } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import type { Configured } from "./drill";

/** An environment that can be rehearsed, and what it is synthesized from. */
export interface Subject {
  readonly name: string;
  /** Entry of the synthesis, relative to the project. */
  readonly entry: string;
  /** As it is written: what drills change. */
  readonly written: Configured;
  /** Checked, with all defaults. */
  readonly configuration: Configuration;
}

/** Entry of the synthesis for changed environments. */
export const drillsEntry = path.join("test", "support", "drills-app.ts");

const written: Readonly<Record<string, Configured & { readonly entry: string }>> = {
  ...Object.fromEntries(
    Object.entries(environments).map(([name, environment]) => [
      name,
      { project, environment, entry: path.join("stacks", "app.ts") },
    ]),
  ),
  variants: {
    project: projectOfVariants,
    environment: variants,
    entry: path.join("test", "support", "variants-app.ts"),
  },
};

/** Every environment that can be rehearsed. */
export const subjectNames: readonly string[] = Object.keys(written);

/** The named environments, once each, in the order of the names; `dev` when none is named. */
export function subjectsOf(names: readonly string[]): Subject[] {
  return [...new Set(names.length > 0 ? names : ["dev"])].map((name) => {
    const found = written[name];
    if (found === undefined) throw new CommandError(unknownName("environment", name, subjectNames), exitCodes.usage);
    const { entry, ...configured } = found;
    const all = name in environments ? environments : { [name]: configured.environment };
    return { name, entry, written: configured, configuration: parseConfiguration(configured.project, all) };
  });
}
