import type { RoleKind } from "../../constructs/shared/pipeline-names";
import { registryStack } from "../configuration";
import { openWork, type ReleaseWork } from "../release/work";
import { Report } from "../report";
import type { Session } from "../session";
import { rehearsalClock } from "./rehearsal-clock";
import { ReleaseCommands } from "./release-commands";
import { ReleaseImages } from "./release-images";
import { preparationsOf } from "./release-preparation";
import { Builds, type Found, releaseStory, type ReleaseStep, type Stage } from "./release-story";
import { readWorld } from "./release-world";
import { type ReleaseResult, secondsSince } from "./result";
import { type Detail, insistOnNone, type Scene } from "./scene";

/**
 * Release to what was just deployed, by the commands that a person uses and with images that the emulator knows what to do with;
 * what AWS says afterwards is judged, not what the commands say.
 */
export async function rehearseReleases(scene: Scene, detail: Detail): Promise<void> {
  const { result, report } = scene;
  const work = await openWork(sessionOf(scene, silent()), scene.subject.name);
  const { contracts } = work;
  if (contracts.environment.migration === null && Object.keys(contracts.services).length === 0) {
    detail("nothing is released here");
    return;
  }
  const stage = stageOf(scene, work);
  const builds = new Builds();
  for (const step of releaseStory.filter(({ fits }) => fits?.(stage) ?? true)) {
    const started = Date.now();
    const problems = await report.step(`release: ${step.name}`, () => problemsIn(step, stage, work, builds));
    for (const problem of problems) report.error(`${step.name}: ${problem}`);
    result.releases.push(resultOf(step.name, problems, secondsSince(started)));
  }
  const failed = result.releases.filter(({ ok }) => !ok).map(({ name }) => name);
  insistOnNone(failed.length === 0 ? [] : [`${failed.length} steps of releases failed: ${failed.join(", ")}`]);
  detail(`${result.releases.length} steps`);
}

function resultOf(name: string, problems: readonly string[], seconds: number): ReleaseResult {
  return { name, ok: problems.length === 0, seconds, ...(problems.length === 0 ? {} : { problems }) };
}

async function problemsIn(step: ReleaseStep, stage: Stage, work: ReleaseWork, builds: Builds): Promise<string[]> {
  const before = await readWorld(work);
  const { exitCode, said } = await step.act(stage, builds);
  const found: Found = { stage, builds, before, after: await readWorld(work) };
  const problems = [
    ...(exitCode === step.exitCode ? [] : [`ended with ${exitCode}, and not with ${step.exitCode}`]),
    ...(step.says === undefined || said.some((line) => line.includes(step.says ?? ""))
      ? []
      : [`did not say "${step.says}"`]),
    ...(await step.judge(found)),
  ];
  // what the command itself said is what one needs next
  return problems.length === 0 ? [] : [...problems, ["it said:", ...said].join("\n  ")];
}

function stageOf(scene: Scene, { contracts, report }: ReleaseWork): Stage {
  const { bench, subject } = scene;
  const environment = subject.configuration.environments[subject.name];
  const repositories = [
    ...Object.values(contracts.services).map(({ repository }) => repository),
    ...(contracts.environment.migration === null ? [] : [contracts.environment.migration.repository]),
  ];
  return {
    contracts,
    commands: new ReleaseCommands(
      subject.name,
      (own, as) => sessionOf(scene, own, as),
      (text) => report.progress(text),
    ),
    images: new ReleaseImages(bench.env(registryStack, "release"), [...new Set(repositories)]),
    preparations: environment === undefined ? [] : preparationsOf(environment),
  };
}

function sessionOf({ bench, subject }: Scene, report: Report, as?: RoleKind): Session {
  return { ...bench.session(subject.name, { as }), report, clock: rehearsalClock };
}

function silent(): Report {
  const nowhere = { write: () => undefined };
  return Report.to({ stderr: nowhere, stdout: nowhere });
}
