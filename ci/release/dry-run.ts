import { differenceLines } from "./difference";
import type { Prepared } from "./prepare";
import { renderRevision } from "./render-revision";
import type { Revision } from "./revisions";
import type { World } from "./running";
import { tagKeys } from "./tags";
import { revisionNumber } from "./arn";
import type { ReleaseWork } from "./work";

export interface DryRun {
  readonly environment: string;
  readonly prepared: readonly Prepared[];
  readonly world: World;
  readonly json: boolean;
  readonly problems: readonly string[];
}

/** Show what a release would change of what runs, and change nothing. */
export function dryRun(
  { report }: Pick<ReleaseWork, "report">,
  { environment, prepared, world, json, problems }: DryRun,
): void {
  const changes = prepared.map((one) => changeOf(one, world));
  // the problems are an error of their own, which `--json` tells
  if (json) {
    if (problems.length === 0) report.json({ ok: true, dryRun: true, environment, changes });
    return;
  }
  for (const { name, first, lines } of changes) {
    const head = first ? `${name} (its first release)` : name;
    report.result(lines.length === 0 ? `${head}: no change` : [head, ...lines.map((line) => `  ${line}`)].join("\n"));
  }
  report.result(`nothing was changed: without --dry-run ${environment} is released`);
}

function changeOf(
  { subject, template, image, making, recent }: Prepared,
  world: World,
): { readonly name: string; readonly first: boolean; readonly lines: readonly string[] } {
  const before = runningRevision(subject.name, recent, world);
  const { repository, digest } = image;
  const after = renderRevision(
    template,
    { containers: subject.containers, repository: repository.url, digest },
    { ...making, release: "", commit: undefined, pipeline: undefined },
  );
  const was = before?.tags[tagKeys.template];
  const now = revisionNumber(template.arn);
  const lines = differenceLines(before?.definition, after);
  const newer = was === undefined || was === now ? [] : [`~ template ${was} -> ${now}`];
  return { name: subject.name, first: before === undefined, lines: [...newer, ...lines] };
}

/** What runs, if a release has made it; of the migration, what ran last. */
function runningRevision(
  name: string,
  recent: readonly Revision[],
  { services, schedules }: World,
): Revision | undefined {
  const running = [...services, ...schedules].find(({ subject }) => subject.name === name);
  const revision =
    running === undefined ? recent.find(({ tags }) => tags[tagKeys.status] === "proven") : running.revision;
  return revision?.tags[tagKeys.release] === undefined ? undefined : revision;
}
