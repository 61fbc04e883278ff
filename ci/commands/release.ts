import { type ImageReference, type Repository, repositoryOf } from "../aws/ecr";
import { CommandError, exitCodes } from "../exit-codes";
import { tellable } from "../release/aws-trouble";
import { dryRun } from "../release/dry-run";
import { namedImages, shortName } from "../release/image-spec";
import { refuseLocked, withReleaseLock } from "../release/lock";
import { releaseThatRuns } from "../release/no-op";
import { prepare, type Prepared } from "../release/prepare";
import { provenanceOf } from "../release/provenance";
import { RollbackWish } from "../release/rollback-wish";
import { type Progress, refusal, runRelease } from "../release/run-release";
import { type Subject, subjectsOf } from "../release/subjects";
import { migrationOf, movedServices, type Summary, tellFailure, tellSummary } from "../release/summary";
import { unlock } from "../release/unlock";
import { openWork, type ReleaseWork } from "../release/work";
import type { Session } from "../session";

export interface ReleaseOptions {
  readonly environment: string;
  /** As `--image` gives them. */
  readonly images: readonly string[];
  /** Show what would change, and change nothing. */
  readonly dryRun: boolean;
  /** Release although a rollback alarm rings; with `unlock`, also while something goes on. */
  readonly force: boolean;
  /** Give back the lock of a release that was killed. */
  readonly unlock: boolean;
  /** Roll back as soon as tasks keep dying. */
  readonly earlyRollback: boolean;
  readonly commit: string | undefined;
  readonly pipelineUrl: string | undefined;
  /** Minutes that the deployments may take. */
  readonly timeout: number;
  readonly json: boolean;
}

/** Characters of a digest that tell images apart. */
const digestCharacters = 12;

/** `release <environment> --image <image>`: migrate, update all services, and see that they run; or nothing changes. */
export async function releaseCommand(session: Session, options: ReleaseOptions): Promise<void> {
  const { environment } = options;
  if (options.images.length === 0 && !options.unlock) {
    throw new CommandError(
      `--image is required: npm run release -- ${environment} --image <tag>, which npm run build prints`,
      exitCodes.usage,
    );
  }
  if (options.unlock && options.dryRun) {
    throw new CommandError(
      "--dry-run changes nothing, and --unlock gives a lock back: pass one of them",
      exitCodes.usage,
    );
  }
  try {
    const work = await openWork(session, environment);
    if (options.unlock) await giveBackLock(work, options);
    if (options.images.length > 0) await release(session, work, options);
  } catch (error) {
    throw tellable(error, environment);
  }
}

async function giveBackLock(work: ReleaseWork, { environment, force, images, json }: ReleaseOptions): Promise<void> {
  const holder = await unlock(work, environment, force);
  const text =
    holder === undefined
      ? `nobody has the lock of ${environment}`
      : `the lock of ${environment} is free; it was held ${holder}`;
  if (images.length > 0) work.report.line(text);
  else if (json) work.report.json({ ok: true, environment, unlocked: holder !== undefined });
  else work.report.result(text);
}

async function release(session: Session, work: ReleaseWork, options: ReleaseOptions): Promise<void> {
  const { environment, force, json } = options;
  const { report, clock } = work;
  const began = clock.now();
  const subjects = subjectsOf(work.contracts);
  const images = imagesOf(subjects, options);
  if (!options.dryRun) await work.interrupts.race(refuseLocked(work));
  const { problems, warnings, prepared, world } = await report.step("check that nothing is in the way", () =>
    prepare(work, { environment, subjects, images, force }),
  );
  for (const warning of warnings) report.warn(warning);
  if (options.dryRun) dryRun(work, { environment, prepared, world, json, problems });
  if (problems.length > 0) throw refusal(problems);
  if (options.dryRun) return;
  const running = releaseThatRuns(prepared, world);
  if (running !== undefined) {
    tellNoOp(work, options, prepared, running, (clock.now() - began) / 1000);
    return;
  }
  await releaseUnderLock(session, work, options, prepared, began);
}

/** @throws CommandError when the command line does not say which images */
function imagesOf(
  subjects: readonly Subject[],
  { environment, images: specs }: ReleaseOptions,
): ReadonlyMap<Repository, ImageReference> {
  const urls = [...new Set(subjects.map(({ contract }) => contract.repository))].sort();
  if (urls.length === 0) {
    throw new CommandError(
      `${environment} has neither services nor a migration: add some to environments/${environment}.ts, and deploy`,
      exitCodes.usage,
    );
  }
  const repositories = urls.map(repositoryOf);
  const { images, problems } = namedImages(specs, repositories);
  if (problems.length > 0) throw new CommandError(problems.join("\n"), exitCodes.usage);
  return new Map(
    repositories.flatMap((repository) => {
      const reference = images.get(repository.url);
      return reference === undefined ? [] : [[repository, reference] as const];
    }),
  );
}

async function releaseUnderLock(
  { surroundings }: Session,
  work: ReleaseWork,
  options: ReleaseOptions,
  prepared: readonly Prepared[],
  began: number,
): Promise<void> {
  const { environment, timeout, earlyRollback, json } = options;
  const { report, env, clock } = work;
  const wish = new RollbackWish({ surroundings, report, environment, always: earlyRollback });
  const provenance = provenanceOf(env, { commit: options.commit, pipeline: options.pipelineUrl });
  const progress: Progress = { release: null, migrated: undefined, services: [], schedules: [] };
  const run = { environment, prepared, provenance, timeoutMs: timeout * 60_000, wish };
  const summary = (status: string): Omit<Summary, "ok"> => ({
    command: "release",
    environment,
    release: progress.release,
    images: digestsOf(prepared),
    services: movedServices(progress.services, progress.schedules, status),
    migration: migrationOf(progress.migrated),
    seconds: (clock.now() - began) / 1000,
  });
  try {
    await withReleaseLock(work, environment, () => runRelease(work, run, progress));
  } catch (error) {
    tellFailure(work, summary("not released"), tellable(error, environment));
    throw error;
  }
  tellSummary(work, { ...summary("released"), ok: true }, json);
}

function tellNoOp(
  work: ReleaseWork,
  { environment, json }: ReleaseOptions,
  prepared: readonly Prepared[],
  release: string,
  seconds: number,
): void {
  const digests = digestsOf(prepared);
  if (json) {
    work.report.json({
      ok: true,
      environment,
      release,
      image: digests,
      services: [],
      migration: null,
      seconds,
      noOp: true,
    });
    return;
  }
  const short = Object.values(digests).map((digest) => digest.replace(/^sha256:/, "").slice(0, digestCharacters));
  work.report.result(`nothing to release: ${environment} runs ${short.join(", ")} since ${release}`);
}

function digestsOf(prepared: readonly Prepared[]): Record<string, string> {
  return Object.fromEntries(prepared.map(({ image }) => [shortName(image.repository), image.digest]));
}
