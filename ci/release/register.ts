import { CommandError } from "../exit-codes";
import { chooseReleaseName, nextReleaseName } from "./release-name";
import type { FoundImage } from "./preflight/images";
import type { Prepared } from "./prepare";
import type { Provenance } from "./provenance";
import { renderRevision } from "./render-revision";
import { hasProvenOther, isProven, reusable } from "./revisions";
import type { Subject } from "./subjects";
import { type Proof, tagKeys } from "./tags";
import type { ReleaseWork } from "./work";

/** Others may release the same images to other environments, never to this one: the lock sees to that. */
const nameTries = 5;

/** The revision that a release has made, or found. */
export interface Registered {
  readonly subject: Subject;
  readonly arn: string;
  /** It has proven itself before: a failure of this run does not take that back. */
  readonly proven: boolean;
}

/** Name the release, and say so in the registry: each image gets the tag. */
export async function nameRelease(
  { ecr, interrupts }: ReleaseWork,
  environment: string,
  prepared: readonly Prepared[],
): Promise<string> {
  const images = new Map<string, FoundImage>(prepared.map(({ image }) => [image.repository.url, image]));
  const repositories = await Promise.all(
    [...images.values()].map(async (image) => ({
      digest: image.digest,
      images: await interrupts.race(ecr.taggedImages(image.repository)),
      image,
    })),
  );
  let name = chooseReleaseName(environment, repositories, (candidate) =>
    prepared.some(({ recent, making }) => hasProvenOther(recent, making, candidate)),
  );
  for (let attempt = 0; attempt < nameTries; attempt += 1) {
    interrupts.check();
    let taken = false;
    for (const { image, digest, images: known } of repositories) {
      const has = known.some((candidate) => candidate.digest === digest && candidate.tags.includes(name));
      if (!has && !(await ecr.tag(image.repository, image, name))) taken = true;
    }
    if (!taken) return name;
    name = nextReleaseName(environment, name);
  }
  throw new CommandError(
    `the registry has other images under the names that a release of ${environment} would have, up to ${name}: run the same command again`,
  );
}

/** A revision of everything: the one of an earlier try of this release, or a new one. */
export async function registerAll(
  { ecs, interrupts }: ReleaseWork,
  prepared: readonly Prepared[],
  release: string,
  provenance: Provenance,
): Promise<Registered[]> {
  const registered: Registered[] = [];
  for (const { subject, template, image, making, recent } of prepared) {
    interrupts.check();
    const found = reusable(recent, making, release);
    const facts = { ...making, release, ...provenance };
    const rendered = renderRevision(
      template,
      { containers: subject.containers, repository: image.repository.url, digest: image.digest },
      facts,
    );
    const arn = found?.arn ?? (await ecs.register(rendered));
    registered.push({ subject, arn, proven: found !== undefined && isProven(found) });
  }
  return registered;
}

/** Say in the tags of revisions how the release went. */
export async function tagAll({ ecs }: ReleaseWork, registered: readonly Registered[], proof: Proof): Promise<void> {
  await Promise.all(registered.map(({ arn }) => ecs.tag(arn, { [tagKeys.status]: proof })));
}
