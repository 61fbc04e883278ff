import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { environments, project } from "./shipped";
import { stacksOf } from "./build-stacks";
import { everyStackFile } from "./every-stack-file";
import { project as variantsProject, variants } from "./variants";

/** Runs once, before all tests: what a fork starts with and the variants are built once, not in every file that looks at them. */
export default function buildEveryStack(): void {
  const folder = mkdtempSync(path.join(tmpdir(), "slipway-every-stack-"));
  const file = path.join(folder, "stacks.json");
  const { variants: variant } = stacksOf({ project: variantsProject, environments: { variants } });
  const shipped = Object.entries(stacksOf({ project, environments })).map(([name, { json }]) => [name, json]);
  writeFileSync(file, JSON.stringify({ shipped: Object.fromEntries(shipped) as unknown, variant: variant?.json }));
  process.env[everyStackFile] = file;
  // jest gives a clean-up no other way to know the folder
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
}
