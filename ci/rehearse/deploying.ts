import { readFileSync } from "node:fs";
import path from "node:path";
import { gaps } from "../../test/emulator/gaps";
import { type PlanJson, resourcesOf } from "../terraform/json";
import type { Workspace } from "../terraform/workspace";
import { driftIn, unlisted } from "./drift";
import { outputProblems } from "./outputs";
import { type Detail, insistOnNone, type Scene } from "./scene";
import { haystacksOf } from "./secret-scan";

/** Make a plan, keep it for the search for secrets, and read it. */
export async function planned(
  { bench, plans }: Scene,
  { terraform }: Workspace,
  name: string,
): Promise<{ readonly file: string; readonly changes: boolean; readonly json: PlanJson }> {
  const file = bench.planFile(name);
  const { changes } = await terraform.plan({ out: file });
  const json = await terraform.show(file);
  plans.push(...haystacksOf(file), {
    name: `${path.basename(file)} as JSON`,
    content: Buffer.from(JSON.stringify(json)),
  });
  return { file, changes, json };
}

/** Plan a stack and apply exactly that; gives the workspace for what is asked of it next. */
export async function applyStack(
  scene: Scene,
  stack: string,
  detail: Detail,
  { name = stack, drills = [] }: { readonly name?: string; readonly drills?: readonly string[] } = {},
): Promise<Workspace> {
  const workspace = await scene.bench.open(stack, { as: "apply", drills });
  scene.bench.reportOf(stack).progress("planning");
  const { file } = await planned(scene, workspace, name);
  await workspace.terraform.apply(file);
  const resources = resourcesOf(await workspace.terraform.state());
  for (const { address } of resources) scene.addresses.add(address);
  detail(`${resources.length} resources`);
  if (stack === scene.subject.name && drills.length === 0) scene.result.resources = resources.length;
  return workspace;
}

/** Every output that the stack promises says something. */
export async function checkOutputs({ terraform }: Workspace, detail: Detail): Promise<void> {
  const promised = outputNames(terraform.directory);
  insistOnNone(outputProblems(promised, await terraform.outputs()));
  detail(`${promised.length} outputs`);
}

/** A plan of what was just applied is empty, but for the listed gaps of the emulator. It is made as pipelines make plans. */
export async function planAgain(
  scene: Scene,
  name: string,
  detail: Detail,
  { stack = scene.subject.name, drills = [] }: { readonly stack?: string; readonly drills?: readonly string[] } = {},
): Promise<void> {
  const workspace = await scene.bench.open(stack, { as: "plan", drills, quiet: true });
  const { changes, json } = await planned(scene, workspace, name);
  const all = driftIn(json);
  scene.differed.push(...all);
  const drift = unlisted(all, gaps);
  scene.result.drift.push(...drift);
  insistOnNone([
    ...drift.map(({ resource, field }) => `${resource} differs in ${field}`),
    // a change that this reads nothing of must not pass for none
    ...(changes && all.length === 0 ? ["the plan has changes, and none of resources or outputs"] : []),
  ]);
  detail(all.length === 0 ? "nothing to change" : `nothing but ${all.length} listed gaps of the emulator`);
}

function outputNames(directory: string): string[] {
  const json = JSON.parse(readFileSync(path.join(directory, "cdk.tf.json"), "utf8")) as {
    readonly output?: Readonly<Record<string, unknown>>;
  };
  return Object.keys(json.output ?? {});
}
