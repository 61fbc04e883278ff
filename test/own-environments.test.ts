import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { bootstrapStack } from "../constructs/shared/pipeline-names";
import { environments, project } from "../environments";
import { accountsOf, hasPlaceholdersAlone } from "../environments/accounts";
import { parseConfiguration } from "../environments/checks";
import type { EnvironmentInput } from "../environments/environment";
import { LawSubject } from "./support/laws";
import { lawsOfParts } from "./support/laws-of-parts";
import { lawsOfPermissions } from "./support/laws-of-permissions";
import { lawsOfStacks } from "./support/laws-of-stacks";
import * as shipped from "./support/shipped";
import { filesOf, root, synthesizeBy } from "./support/synthesis";
import { type Json, Synthesized } from "./support/synthesized";

// what `environments/` says, here and in a fork: everything else in the tests is about what ships, which is in support/shipped
const own: readonly EnvironmentInput[] = Object.values(environments);
const one = synthesizeBy("stacks/app.ts");
const files = filesOf(one);

test("have no problem", () => {
  expect(own).not.toHaveLength(0);
  expect(() => parseConfiguration(project, environments)).not.toThrow();
});

test("twice the same input is twice the same bytes, a stack for each of them, the registry and each account", () => {
  const two = synthesizeBy("stacks/app.ts");
  expect({ status: one.status, stderr: one.stderr }).toEqual({ status: 0, stderr: "" });
  const stacks = [...own.map(({ name }) => name), "registry", ...accountsOf(project).map(bootstrapStack)];
  expect(Object.keys(files)).toEqual(stacks.sort());
  expect(filesOf(two)).toEqual(files);
  expect(JSON.stringify(files)).not.toContain(root);
});

test("every environment has a database, services and alarms, or the laws would hold for little", () => {
  for (const { name } of own) {
    const { resource } = JSON.parse(files[name] ?? "{}") as Json;
    const types = Object.keys((resource ?? {}) as Json);
    expect(types).toEqual(
      expect.arrayContaining(["aws_db_instance", "aws_ecs_cluster", "aws_cloudwatch_metric_alarm", "aws_iam_role"]),
    );
  }
});

const asShipped = isDeepStrictEqual({ project, environments }, { ...shipped });

// over what ships the laws are held elsewhere, with the variants
(asShipped ? describe.skip : describe)("the laws hold", () => {
  const stacks = Object.entries(files).map(
    ([name, text]) => [name, new Synthesized(JSON.parse(text) as Json)] as const,
  );
  const subject = new LawSubject({
    project: project.name,
    environments: own,
    stacks: Object.fromEntries(stacks),
    complete: false,
  });
  lawsOfStacks(subject);
  lawsOfPermissions(subject);
  lawsOfParts(subject);
});

/** In a fork the accounts are its own. */
const testOfShipped = hasPlaceholdersAlone(project) ? test : test.skip;

testOfShipped(
  "while the accounts are placeholders, test/support/shipped is a copy: what changes here changes there",
  () => {
    expect({ ...shipped }).toEqual({ project, environments });
    const textOf = (...file: string[]): string =>
      readFileSync(join(root, ...file), "utf8").replace(/from ".*\/(environment|project-schema)"/, 'from "./$1"');
    for (const file of ["project.ts", ...own.map(({ name }) => `${name}.ts`)]) {
      expect(textOf("test", "support", "shipped", file)).toBe(textOf("environments", file));
    }
  },
);
