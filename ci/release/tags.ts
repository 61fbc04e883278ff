import { revisionNumber } from "./arn";
import type { Provenance } from "./provenance";

/** How a release went, as its revisions say it. `released` is open: it runs, or was interrupted. */
export type Proof = "released" | "proven" | "failed";

/** The tags that a release puts on its revisions. */
export const tagKeys = {
  digest: "slipway:image-digest",
  template: "slipway:template",
  commit: "slipway:commit",
  pipeline: "slipway:pipeline",
  release: "slipway:release",
  status: "slipway:status",
} as const;

export interface RevisionFacts extends Provenance {
  readonly digest: string;
  /** ARN of the template. */
  readonly template: string;
  readonly release: string;
}

/** Characters that a tag of ECS has at most. */
const longest = 256;

/** Tags of a new revision, in front of those that its template has. */
export function releaseTags({ digest, template, release, commit, pipeline }: RevisionFacts): Record<string, string> {
  return {
    [tagKeys.digest]: digest,
    [tagKeys.template]: revisionNumber(template),
    [tagKeys.release]: release,
    ...(commit === undefined ? {} : { [tagKeys.commit]: tagValue(commit) }),
    ...(pipeline === undefined ? {} : { [tagKeys.pipeline]: tagValue(pipeline) }),
    [tagKeys.status]: "released" satisfies Proof,
  };
}

/** Text as ECS takes it in a tag: what it refuses becomes a dash, and what is too long is cut. */
export function tagValue(text: string): string {
  return text.replaceAll(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, "-").slice(0, longest);
}

/** The number of `release-<environment>-<n>`; none for another name. */
export function releaseNumber(environment: string, name: string | undefined): number | undefined {
  const start = `release-${environment}-`;
  if (name === undefined || !name.startsWith(start)) return undefined;
  const number = name.slice(start.length);
  return /^[1-9]\d{0,8}$/.test(number) ? Number(number) : undefined;
}

export function releaseName(environment: string, number: number): string {
  return `release-${environment}-${number}`;
}
