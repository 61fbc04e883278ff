import childProcess from "node:child_process";
import { TerraformData } from "../../constructs/shared/terraform-data";
import { synth } from "../support/synth";

test("remembers its input, and hands out its id", () => {
  let id = "";
  const stack = synth((scope) => {
    new TerraformData(scope, "Mark", { input: { origin: "none" }, lifecycle: { ignoreChanges: ["input"] } });
    id = new TerraformData(scope, "Suffix").id;
  });
  expect(stack.named(TerraformData, "Mark")).toMatchObject({
    input: { origin: "none" },
    lifecycle: { ignore_changes: ["input"] },
  });
  expect(stack.named(TerraformData, "Suffix")).not.toHaveProperty("input");
  expect(id).toMatch(/^\$\{TfToken\[/);
});

test("asks no Terraform while it is synthesized", () => {
  const run = jest.spyOn(childProcess, "execSync");
  expect(synth((scope) => void new TerraformData(scope, "Mark")).all(TerraformData)).toHaveLength(1);
  expect(run).not.toHaveBeenCalled();
});
