import { lastPart } from "./arn";
import { isProven, type Revision } from "./revisions";
import { releaseNumber, tagKeys } from "./tags";

/** A service or schedule, what it runs, and what it has run. */
export interface RollbackCandidate {
  readonly name: string;
  readonly running: Revision | undefined;
  /** The newest first. */
  readonly revisions: readonly Revision[];
}

/** The release to go back to, and the revisions that it had. */
export interface RollbackPlan {
  readonly release: string;
  /** ARNs by the name of the service or schedule. */
  readonly revisions: ReadonlyMap<string, string>;
  /** What was no part of that release, or failed in it; it stays as it is. */
  readonly left: readonly string[];
}

/** The plan, or why there is none. `to` is a release, a digest or a revision; by default the last proven before what runs. */
export function planRollback(
  environment: string,
  candidates: readonly RollbackCandidate[],
  to: string | undefined,
): RollbackPlan | string {
  const release = to === undefined ? lastProven(environment, candidates) : namedRelease(environment, candidates, to);
  if (typeof release !== "object") return release;
  const { name } = release;
  const revisions = new Map<string, string>();
  for (const candidate of candidates) {
    const revision = candidate.revisions.find((one) => isProven(one) && releaseOf(one) === name);
    if (revision !== undefined) revisions.set(candidate.name, revision.arn);
  }
  return {
    release: name,
    revisions,
    left: candidates.filter((candidate) => !revisions.has(candidate.name)).map((candidate) => candidate.name),
  };
}

function lastProven(environment: string, candidates: readonly RollbackCandidate[]): { readonly name: string } | string {
  const running = candidates.flatMap((candidate) => {
    const number = releaseNumber(environment, releaseOf(candidate.running));
    return number === undefined ? [] : [number];
  });
  // further back than anything that runs: two rollbacks in a row go back two releases
  const before = running.length === 0 ? Infinity : Math.max(...running);
  const name = newest(
    environment,
    provenOf(candidates).filter((one) => (releaseNumber(environment, releaseOf(one)) ?? Infinity) < before),
  );
  if (name !== undefined) return { name };
  const now = running.length === 0 ? "no release" : `release-${environment}-${before}`;
  return `there is nothing to go back to: ${environment} runs ${now}, and none before it is known to have worked: npm run release -- ${environment} --image <tag> releases another image`;
}

function namedRelease(
  environment: string,
  candidates: readonly RollbackCandidate[],
  to: string,
): { readonly name: string } | string {
  const all = candidates.flatMap(({ revisions }) => revisions);
  const meant = all.filter((revision) => isMeant(revision, to));
  const name = newest(environment, meant.filter(isProven));
  if (name !== undefined) return { name };
  const known = [...new Set(provenOf(candidates).flatMap((revision) => releaseOf(revision) ?? []))];
  const choice = known.length === 0 ? "none has worked so far" : `those that have are ${known.join(", ")}`;
  return meant.length > 0
    ? `${to} is not known to have worked (${choice}): npm run release -- ${environment} --image <tag> releases an image with all checks`
    : `${to} is no release, digest or revision of ${environment} (${choice})`;
}

function isMeant(revision: Revision, to: string): boolean {
  if (releaseOf(revision) === to) return true;
  if (/^sha256:[0-9a-f]{12,64}$/.test(to)) return revision.tags[tagKeys.digest]?.startsWith(to) === true;
  return lastPart(revision.arn) === lastPart(to);
}

function provenOf(candidates: readonly RollbackCandidate[]): Revision[] {
  return candidates.flatMap(({ revisions }) => revisions.filter(isProven));
}

/** Name of the newest release of these revisions. */
function newest(environment: string, revisions: readonly Revision[]): string | undefined {
  const names = revisions.flatMap((revision) => releaseOf(revision) ?? []);
  const number = (name: string): number => releaseNumber(environment, name) ?? 0;
  return names.sort((a, b) => number(b) - number(a))[0];
}

function releaseOf(revision: Revision | undefined): string | undefined {
  return revision?.tags[tagKeys.release];
}
