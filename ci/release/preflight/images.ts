import { type ImageReference, MissingRepositoryError, type RegistryImage, type Repository } from "../../aws/ecr";
import { isDenied, troubleText } from "../aws-trouble";
import { referenceText, shortName } from "../image-spec";
import { configPlatform, manifestPlatforms } from "../platforms";
import type { ReleaseWork } from "../work";
import type { Findings } from "./findings";

/** Configurations of images are small; one that does not come in this time will not come. */
const configMs = 10_000;

/** What runs an image, and on what. */
export interface ImageUser {
  readonly name: string;
  /** URL of the repository. */
  readonly repository: string;
  /** Such as `linux/arm64`. */
  readonly platform: string;
}

/** An image that is there. */
export interface FoundImage extends RegistryImage {
  readonly repository: Repository;
}

/** The images in the registry, by the URL of their repository; those that are missing, or run nowhere here, are problems. */
export async function findImages(
  work: ReleaseWork,
  named: ReadonlyMap<Repository, ImageReference>,
  users: readonly ImageUser[],
  findings: Findings,
): Promise<ReadonlyMap<string, FoundImage>> {
  const found = new Map<string, FoundImage>();
  for (const [repository, reference] of named) {
    const image = await imageOf(work, repository, reference);
    if (image instanceof MissingRepositoryError) {
      findings.problem(image.message);
      continue;
    }
    if (image === undefined) {
      findings.problem(
        `image ${referenceText(repository, reference)} is not in the registry: npm run build -- ${shortName(repository)} makes and pushes one`,
      );
      continue;
    }
    found.set(repository.url, { ...image, repository });
    const platforms = await platformsOf(work, { ...image, repository }, findings);
    if (platforms === undefined) continue;
    for (const { name, platform } of users.filter((user) => user.repository === repository.url)) {
      if (platforms.includes(platform)) continue;
      findings.problem(
        `image ${referenceText(repository, reference)} is for ${platforms.length === 0 ? "no platform" : platforms.join(", ")}, and ${name} runs on ${platform}: npm run build -- ${shortName(repository)} --platform ${platform}`,
      );
    }
  }
  return found;
}

async function imageOf(
  { ecr, interrupts }: ReleaseWork,
  repository: Repository,
  reference: ImageReference,
): Promise<RegistryImage | MissingRepositoryError | undefined> {
  try {
    return await interrupts.race(ecr.image(repository, reference));
  } catch (error) {
    if (error instanceof MissingRepositoryError) return error;
    throw error;
  }
}

/** None when it cannot be told. */
async function platformsOf(
  { ecr, fetch, interrupts }: ReleaseWork,
  { repository, manifest }: FoundImage,
  findings: Findings,
): Promise<readonly string[] | undefined> {
  const said = manifestPlatforms(manifest);
  if ("platforms" in said) return said.platforms;
  const unseen = `the platform of the image of ${shortName(repository)} was not looked at`;
  if ("unknown" in said) {
    findings.warn(`${unseen}: its manifest does not say it`);
    return undefined;
  }
  try {
    const url = await interrupts.race(ecr.downloadUrl(repository, said.configDigest));
    const answer = await interrupts.race(fetch(url, { signal: AbortSignal.timeout(configMs) }));
    const platform = configPlatform(await interrupts.race(answer.text()));
    if (platform !== undefined) return [platform];
    findings.warn(`${unseen}: its configuration does not say it`);
  } catch (error) {
    interrupts.check();
    findings.warn(`${unseen}: ${isDenied(error) ? "these credentials may not" : troubleText(error)}`);
  }
  return undefined;
}
