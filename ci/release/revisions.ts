import type { Described } from "../aws/ecs";
import { revisionNumber } from "./arn";
import { tagKeys } from "./tags";
import type { ReleaseWork } from "./work";

/** Revisions that are asked for side by side: AWS allows about a hundred at once, and few in a second after that. */
const atOnce = 10;

/** A revision that is there. */
export interface Revision extends Described {
  readonly arn: string;
}

/** The newest revisions of a family, the newest first; templates are among them. */
export async function* history(
  { ecs, interrupts }: Pick<ReleaseWork, "ecs" | "interrupts">,
  family: string,
  most: number,
): AsyncGenerator<Revision> {
  const arns = await interrupts.race(ecs.revisions(family, most));
  for (let i = 0; i < arns.length; i += atOnce) {
    const some = arns.slice(i, i + atOnce);
    const described = await interrupts.race(Promise.all(some.map((arn) => ecs.taskDefinition(arn))));
    for (const [j, revision] of described.entries())
      if (revision !== undefined) yield { arn: some[j] ?? "", ...revision };
  }
}

/** What a revision is made of. */
export interface Making {
  readonly digest: string;
  /** ARN of the template. */
  readonly template: string;
}

/** Whether a revision is of this image and this template. */
export function isMadeOf({ tags }: Described, { digest, template }: Making): boolean {
  return tags[tagKeys.digest] === digest && tags[tagKeys.template] === revisionNumber(template);
}

export function isProven({ tags }: Described): boolean {
  return tags[tagKeys.status] === "proven";
}

/** The revision that an earlier try of the same release has made; none when that has failed. */
export function reusable(revisions: readonly Revision[], making: Making, release: string): Revision | undefined {
  return revisions.find(
    (revision) =>
      isMadeOf(revision, making) &&
      revision.tags[tagKeys.release] === release &&
      revision.tags[tagKeys.status] !== "failed",
  );
}

/** Whether a release of this name has proven something else. */
export function hasProvenOther(revisions: readonly Revision[], making: Making, release: string): boolean {
  return revisions.some(
    (revision) => revision.tags[tagKeys.release] === release && isProven(revision) && !isMadeOf(revision, making),
  );
}
