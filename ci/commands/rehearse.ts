import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { gaps } from "../../test/emulator/gaps";
import { InterruptedError, ToldError } from "../exit-codes";
import { unusedGaps } from "../rehearse/drift";
import { EnvironmentRehearsal } from "../rehearse/environment-rehearsal";
import { sideBySide } from "../rehearse/side-by-side";
import { tableOf } from "../rehearse/result";
import { outdated, readRecord, union, writeRecord } from "../rehearse/roles";
import { subjectNames, subjectsOf } from "../rehearse/subjects";
import { openToolbox } from "../rehearse/toolbox";
import type { Report } from "../report";
import type { Session } from "../session";

export interface RehearseCommandOptions {
  /** Names; none: dev. */
  readonly environments: readonly string[];
  readonly json: boolean;
  /** Leave the emulators running, with what was deployed to them. */
  readonly keep: boolean;
  /** Write down what the roles of pipelines did. */
  readonly recordCalls: boolean;
}

/** `rehearse [environments...]`: deploy, check, change and remove whole environments on embedded emulators. */
export async function rehearseCommand(
  session: Session,
  { environments, json, keep, recordCalls }: RehearseCommandOptions,
): Promise<void> {
  const { surroundings, report, interrupts } = session;
  const { env, root } = surroundings;
  const subjects = subjectsOf(environments);
  const directory = mkdtempSync(path.join(os.tmpdir(), "slipway-rehearsal-"));
  try {
    const toolbox = await openToolbox({ env, root, directory, report, interrupts });
    const rehearsals = subjects.map(
      (subject) =>
        new EnvironmentRehearsal({
          ...{ subject, toolbox, root, env, keep, recordCalls },
          directory: path.join(directory, subject.name),
          report: subjects.length === 1 ? report : report.named(subject.name),
        }),
    );
    interrupts.signal.addEventListener("abort", () => {
      for (const { halt } of rehearsals) halt.stop(new InterruptedError());
    });
    await sideBySide(rehearsals, Math.max(2, os.availableParallelism()), (rehearsal) => rehearsal.run());
    interrupts.check();

    failUnusedGaps(rehearsals);
    if (recordCalls) recordUsed(root, rehearsals);
    else failOutdatedRecord(root, rehearsals, report);
    const results = rehearsals.map(({ result }) => result);
    const ok = results.every((result) => result.ok);
    if (json) report.json(results.length === 1 ? results[0] : { ok, environments: results });
    else report.result(tableOf(results));
    if (!ok) throw new ToldError();
  } finally {
    if (!keep || interrupts.interrupted) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Everything, by the rehearsal of all environments; else what is added to what others did. */
function recordUsed(root: string, rehearsals: readonly EnvironmentRehearsal[]): void {
  const used = union(...rehearsals.map((rehearsal) => rehearsal.used ?? {}));
  writeRecord(root, isWhole(rehearsals) ? used : union(readRecord(root), used));
}

/** A permission that the record says is used, and that all environments do without, fails all of them. */
function failOutdatedRecord(root: string, rehearsals: readonly EnvironmentRehearsal[], report: Report): void {
  if (!isWhole(rehearsals)) return;
  const problems = outdated(readRecord(root), union(...rehearsals.map(({ used = {} }) => used)));
  for (const problem of problems) report.error(problem);
  if (problems.length > 0) for (const { result } of rehearsals) result.ok = false;
}

/** Whether every environment that can be rehearsed was, to its end. */
function isWhole(rehearsals: readonly EnvironmentRehearsal[]): boolean {
  return rehearsals.length === subjectNames.length && rehearsals.every(({ used }) => used !== undefined);
}

/** A listed gap that occurs in none of the environments that could show it fails those environments. */
function failUnusedGaps(rehearsals: readonly EnvironmentRehearsal[]): void {
  const complete = rehearsals.filter(({ result, scene }) => scene !== undefined && result.steps.every(({ ok }) => ok));
  const seen = complete.map(({ scene }) => ({
    addresses: [...(scene?.addresses ?? [])],
    drift: scene?.differed ?? [],
  }));
  for (const { resource, field } of unusedGaps(gaps, seen)) {
    const problem = "is listed as a gap and does not occur: remove it from test/emulator/gaps.ts";
    for (const { result } of complete) {
      result.ok = false;
      result.drift.push({ resource, field, problem });
    }
  }
}
