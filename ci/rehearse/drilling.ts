import { drillsFor } from "../../test/support/drills";
import { TerraformError } from "../terraform/terraform-error";
import { planned } from "./deploying";
import { type Drill, judge, type Verdict } from "./drill";
import { type Detail, insistOnNone, type Scene } from "./scene";
import type { DrillResult } from "./result";
import { sideBySide } from "./side-by-side";

/** A plan waits for the emulator as often as it computes. */
const atOnce = 2;

/**
 * Plan every change against what is applied, and judge what the plans would do. The plans refresh: leaving that out would save the
 * smaller part of their time, and would hide a change that meets something else than the state says.
 */
export async function planDrills(scene: Scene, detail: Detail): Promise<void> {
  const { subject, result, report } = scene;
  const drills = drillsFor(subject.written);
  const judged = await sideBySide(drills, atOnce, async (drill): Promise<DrillResult> => {
    const { name } = drill;
    const { replaced, problems } = await report.step(`plan: ${name}`, () => verdictOn(scene, drill));
    for (const problem of problems) report.error(`${name}: ${problem}`);
    return { name, ok: problems.length === 0, replaced, ...(problems.length === 0 ? {} : { problems }) };
  });
  result.drills.push(...judged);
  const failed = result.drills.filter(({ ok }) => !ok).map(({ name }) => name);
  insistOnNone(failed.length === 0 ? [] : [`${failed.length} of ${drills.length} drills failed: ${failed.join(", ")}`]);
  detail(`${drills.length} changes planned`);
}

async function verdictOn(scene: Scene, drill: Drill): Promise<Verdict> {
  const workspace = await scene.bench.openDrill(drill.name);
  const name = `drill ${drill.name}`;
  if (!("refusedWith" in drill)) return judge(drill, (await planned(scene, workspace, name)).json);
  try {
    await planned(scene, workspace, name);
    return { replaced: [], problems: [`should be refused because it "${drill.refusedWith}", and is planned`] };
  } catch (error) {
    if (!(error instanceof TerraformError)) throw error;
    const refused = error.message.replaceAll(/\s+/g, " ").includes(drill.refusedWith);
    return {
      replaced: [],
      problems: refused ? [] : [`should be refused because it "${drill.refusedWith}": ${error.message}`],
    };
  }
}
