import { mkdirSync } from "node:fs";
import { registryStack } from "../configuration";
import type { Report } from "../report";
import { engineText } from "../terraform/engine";
import { Emulator } from "../tools/emulator";
import { combination } from "../../test/support/drills";
import type { UsedActions } from "../../test/support/pipeline-calls";
import { Bench } from "./bench";
import { applyStack, checkOutputs, planAgain } from "./deploying";
import { planDrills } from "./drilling";
import { Halt } from "./halt";
import { keepRunning } from "./keep";
import { Recorder } from "./recorder";
import { rehearseReleases } from "./releases";
import { emptyResult, type RehearsalResult, secondPlan, secondsSince } from "./result";
import { type Detail, Finding, insistOnNone, type Scene } from "./scene";
import { heldAgainstRoles, readRecord, unrecorded } from "./roles";
import { lookForSecrets } from "./searching";
import type { Subject } from "./subjects";
import { checkInventory, destroyStack, showRefusal } from "./teardown";
import { emulatorFolder, type Toolbox } from "./toolbox";
import { neutral } from "./variables";
import { Watch } from "./watch";

export interface EnvironmentRehearsalOptions {
  readonly subject: Subject;
  readonly toolbox: Toolbox;
  /** The project's folder. */
  readonly root: string;
  /** Folder of this environment's rehearsal. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly report: Report;
  /** Leave the emulator running, with what was deployed to it. */
  readonly keep: boolean;
  /** What the roles of pipelines do is to be written down, and need not be known yet. */
  readonly recordCalls: boolean;
}

/** Deploys one environment to an emulator of its own, checks it, changes it, and removes it. */
export class EnvironmentRehearsal {
  readonly result: RehearsalResult;
  readonly halt: Halt;
  /** What it came to see; nothing before the emulator runs. */
  scene: Scene | undefined;
  /** What the roles of pipelines did; nothing before that is looked at. */
  used: UsedActions | undefined;
  private readonly recorder: Recorder;
  private findings = 0;

  constructor(private readonly options: EnvironmentRehearsalOptions) {
    const { subject, toolbox, report } = options;
    this.result = emptyResult(subject.name, engineText(toolbox.engine), `hashicorp/aws ${toolbox.providerVersion}`);
    this.halt = new Halt(report);
    this.recorder = new Recorder(report, this.result.steps);
  }

  /** Everything in order; a failure is in the result, never thrown. */
  async run(): Promise<void> {
    const { report } = this.options;
    const started = Date.now();
    let emulator: Emulator | undefined;
    try {
      await this.halt.guard(async () => {
        emulator = await this.recorder.step("start the emulator", (detail) => this.start(detail));
        await this.onEmulator(emulator);
      });
      this.result.ok = this.findings === 0;
    } catch (error) {
      if (!this.halt.isGivenUp) report.error(error instanceof Error ? error.message : String(error));
    } finally {
      this.halt.dispose();
      this.result.seconds = secondsSince(started);
      if (!this.leavesRunning()) await emulator?.stop();
    }
  }

  /** A failure is kept too: it is what one wants to look at most. */
  private leavesRunning(): boolean {
    const { scene } = this;
    const { keep, toolbox, root, directory, report } = this.options;
    if (!keep || scene === undefined || this.halt.isGivenUp) return false;
    for (const line of keepRunning({ scene, toolbox, root, directory })) report.line(line);
    return true;
  }

  private async start(detail: Detail): Promise<Emulator> {
    const { subject, toolbox, root, directory, env, keep } = this.options;
    const { accounts, publicZone } = subject.configuration.project;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const emulator = await Emulator.start({
      python: toolbox.python,
      source: emulatorFolder(root),
      directory,
      account: accounts[subject.name] ?? "",
      hostedZones: "none" in publicZone ? [] : [publicZone],
      env: neutral(env),
      keep,
      signal: this.halt.signal,
    });
    this.result.emulator = emulator.version;
    detail(`${emulator.version} at ${emulator.url}`);
    return emulator;
  }

  private async onEmulator(emulator: Emulator): Promise<void> {
    const { subject, toolbox, root, directory, env, report } = this.options;
    const { halt, result } = this;
    const bench = new Bench({ subject, toolbox, root, directory, env, url: emulator.url, report, halt });
    const scene: Scene = {
      ...{ subject, bench, emulator, halt, report, result },
      ...{ before: await emulator.inventory(), differed: [], addresses: new Set<string>(), plans: [] },
    };
    this.scene = scene;
    const watch = new Watch(emulator, halt, result.unknownCalls);
    try {
      await this.steps(scene);
    } finally {
      await watch.close();
    }
  }

  private async steps(scene: Scene): Promise<void> {
    const { recorder } = this;
    const { name } = scene.subject;
    await recorder.step(
      "apply registry",
      (detail) => applyStack(scene, registryStack, detail),
      scene.bench.reportOf(registryStack),
    );
    await this.check(
      "plan registry again",
      (detail) => planAgain(scene, `${registryStack} again`, detail, { stack: registryStack }),
      scene.bench.reportOf(registryStack),
    );
    const first = await recorder.step(`apply ${name}`, (detail) => applyStack(scene, name, detail));
    await this.check("outputs", (detail) => checkOutputs(first, detail));
    await this.check(secondPlan, (detail) => planAgain(scene, `${name} again`, detail));
    await this.check("releases", (detail) => rehearseReleases(scene, detail));
    await this.check("plan after releases", (detail) => planAgain(scene, `${name} released`, detail));
    await this.check("look for secrets", (detail) => lookForSecrets(scene, detail));
    await this.check("change drills", (detail) => planDrills(scene, detail));
    await this.changeForReal(scene);
    if (this.options.keep) return;
    // the registry waits for nothing, the environment for its database: side by side costs no more time than one
    const removals = await Promise.allSettled([name, registryStack].map((stack) => this.remove(scene, stack)));
    for (const removal of removals) if (removal.status === "rejected") throw removal.reason;
    await this.check("inventory", (detail) => checkInventory(scene, detail));
    await this.check("roles", async (detail) => {
      const { root, recordCalls } = this.options;
      const { used, missing } = await heldAgainstRoles(scene);
      this.used = used;
      insistOnNone([...missing, ...(recordCalls ? [] : unrecorded(readRecord(root), used))]);
      detail(`${Object.values(used).flat().length} permissions used, none is missing`);
    });
  }

  private async changeForReal(scene: Scene): Promise<void> {
    const { name } = scene.subject;
    await this.recorder.step("apply a combination of changes", (detail) =>
      applyStack(scene, name, detail, { name: `${name} changed`, drills: combination }),
    );
    await this.check("plan the combination again", (detail) =>
      planAgain(scene, `${name} changed again`, detail, { drills: combination }),
    );
    await this.check("look for secrets again", (detail) => lookForSecrets(scene, detail));
  }

  private async remove(scene: Scene, stack: string): Promise<void> {
    const report = scene.bench.reportOf(stack);
    const drills = stack === registryStack ? [] : combination;
    const isPermanent =
      stack === registryStack || scene.subject.configuration.environments[stack]?.lifetime === "permanent";
    if (isPermanent) {
      await this.check(`destroy of ${stack} is refused`, (detail) => showRefusal(scene, stack, drills, detail), report);
    }
    await this.recorder.step(`destroy ${stack}`, () => destroyStack(scene, stack, drills), report);
  }

  /** A step whose finding does not stop the others. */
  private async check(
    name: string,
    work: (detail: Detail) => Promise<void>,
    report = this.options.report,
  ): Promise<void> {
    try {
      await this.recorder.step(name, work, report);
    } catch (error) {
      this.halt.check();
      if (!(error instanceof Finding)) throw error;
      this.findings += 1;
      report.error(error.message);
    }
  }
}
