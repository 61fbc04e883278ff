import Table from "cli-table3";
import { lastPart } from "./arn";
import type { Migrated } from "./migrate";
import type { ScheduleMove, ServiceMove } from "./moves";
import { type PipelineSummary, writePipelineReport } from "./pipeline-report";
import type { ReleaseWork } from "./work";

/** What became of a release or rollback. */
export type Summary = PipelineSummary;

/** What services and schedules run after they have moved. */
export function movedServices(
  services: readonly ServiceMove[],
  schedules: readonly ScheduleMove[],
  status: string,
): Summary["services"] {
  const row = (move: ServiceMove | ScheduleMove, before: string | undefined): Summary["services"][number] => ({
    name: move.running.subject.name,
    kind: move.running.subject.kind,
    revision: lastPart(move.to),
    previous: before === undefined || move.first ? null : lastPart(before),
    status,
  });
  return [
    ...services.map((move) => row(move, move.running.service?.taskDefinition)),
    ...schedules.map((move) => row(move, move.running.state?.taskDefinitionArn)),
  ];
}

/** The result on standard output, and in the pipeline's own report. */
export function tellSummary(
  { env, report }: Pick<ReleaseWork, "env" | "report">,
  summary: Summary,
  json: boolean,
): void {
  for (const problem of writePipelineReport(env, summary)) report.warn(problem);
  if (json) {
    report.json(jsonOf(summary));
    return;
  }
  const { command, environment, release, services, seconds } = summary;
  const table = new Table({ head: ["service", "revision", "before", "status"], style: { head: [], border: [] } });
  for (const { name, revision, previous, status } of services)
    table.push([name, revision ?? "", previous ?? "", status]);
  if (services.length > 0) report.result(table.toString());
  const what = command === "release" ? "runs" : "was rolled back to";
  report.result(`${environment} ${what} ${release ?? "nothing"} after ${Math.round(seconds)} s`);
}

/** Tell the pipeline of one that failed; standard output is for whoever reports the failure itself. */
export function tellFailure(
  { env, report }: Pick<ReleaseWork, "env" | "report">,
  summary: Omit<Summary, "ok" | "error">,
  error: unknown,
): void {
  const text = error instanceof Error ? error.message : String(error);
  for (const problem of writePipelineReport(env, { ...summary, ok: false, error: text })) report.warn(problem);
}

export function migrationOf(migrated: Migrated | undefined): Summary["migration"] {
  return migrated === undefined ? null : { task: migrated.task, exitCode: migrated.exitCode };
}

function jsonOf({ ok, environment, release, images, services, migration, seconds }: Summary): object {
  return { ok, environment, release, image: images, services, migration, seconds };
}
