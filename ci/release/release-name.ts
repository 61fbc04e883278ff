import type { TaggedImage } from "../aws/ecr";
import { releaseName, releaseNumber } from "./tags";

/** A repository, the digest that is released of it, and the images that have tags. */
export interface ReleasedRepository {
  readonly digest: string;
  readonly images: readonly TaggedImage[];
}

/**
 * Name of the release: one higher than the highest that any repository has. The highest itself, when it is a release of these very
 * images that was begun and not finished, or that is to run again.
 *
 * @param isOther whether a release of this name has proven something else than what is released now, such as another template
 */
export function chooseReleaseName(
  environment: string,
  repositories: readonly ReleasedRepository[],
  isOther: (name: string) => boolean,
): string {
  const highest = Math.max(
    0,
    ...repositories.flatMap(({ images }) => images.flatMap(({ tags }) => numbersOf(environment, tags))),
  );
  const name = releaseName(environment, highest);
  const holders = repositories.map(({ digest, images }) => ({
    digest,
    holder: images.find(({ tags }) => tags.includes(name)),
  }));
  const ours = highest > 0 && holders.every(({ digest, holder }) => holder === undefined || holder.digest === digest);
  return ours && !isOther(name) ? name : releaseName(environment, highest + 1);
}

/** The release after this one. */
export function nextReleaseName(environment: string, name: string): string {
  return releaseName(environment, (releaseNumber(environment, name) ?? 0) + 1);
}

function numbersOf(environment: string, tags: readonly string[]): number[] {
  return tags.flatMap((tag) => releaseNumber(environment, tag) ?? []);
}
