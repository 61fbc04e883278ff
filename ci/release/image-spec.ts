import type { ImageReference, Repository } from "../aws/ecr";
import { unknownName } from "../configuration";

const digestForm = /^sha256:[0-9a-f]{64}$/;
const tagForm = /^\w[\w.-]{0,127}$/;

/** Which image every repository gets, by its URL; or why that is not clear. */
export interface NamedImages {
  readonly images: ReadonlyMap<string, ImageReference>;
  readonly problems: readonly string[];
}

/**
 * What `--image` says, for the repositories that an environment uses: `<tag>` for all of them, `sha256:<digest>` for the only one,
 * `<repository>:<tag>` or `<repository>@sha256:<digest>` for one. A repository is named by its last word, its path or its URL.
 */
export function namedImages(specs: readonly string[], used: readonly Repository[]): NamedImages {
  const images = new Map<string, ImageReference>();
  const problems: string[] = [];
  const general: ImageReference[] = [];
  for (const spec of specs) {
    const parsed = parse(spec);
    if (typeof parsed === "string") problems.push(parsed);
    else if (parsed.repository === undefined) general.push(parsed.reference);
    else {
      const found = used.find((repository) => isNamed(repository, parsed.repository ?? ""));
      if (found === undefined)
        problems.push(unknownName("repository of this environment", parsed.repository, used.map(shortName)));
      else if (images.has(found.url)) problems.push(`--image names two images of ${shortName(found)}: name one`);
      else images.set(found.url, parsed.reference);
    }
  }
  const [forAll, second] = general;
  if (second !== undefined)
    problems.push("--image names two images for every repository: name one, or one of each repository");
  if (forAll !== undefined && "digest" in forAll && used.length > 1) {
    problems.push(`--image ${forAll.digest} does not say of which repository: <repository>@${forAll.digest}`);
  }
  for (const repository of used) {
    if (images.has(repository.url)) continue;
    if (forAll !== undefined) images.set(repository.url, forAll);
    else if (problems.length === 0 || specs.length === 0) {
      problems.push(
        `no image of repository ${shortName(repository)} is named: add --image ${shortName(repository)}:<tag>`,
      );
    }
  }
  return { images, problems };
}

/** `app` of `…/slipway/app`. */
export function shortName({ path }: Repository): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** How a reference is written behind the name of its repository. */
export function referenceText(repository: Repository, reference: ImageReference): string {
  return "digest" in reference
    ? `${shortName(repository)}@${reference.digest}`
    : `${shortName(repository)}:${reference.tag}`;
}

function parse(spec: string): { readonly repository?: string; readonly reference: ImageReference } | string {
  if (digestForm.test(spec)) return { reference: { digest: spec } };
  const at = spec.indexOf("@");
  if (at > 0) {
    const digest = spec.slice(at + 1);
    if (digestForm.test(digest)) return { repository: spec.slice(0, at), reference: { digest } };
    return `--image ${spec}: a digest is sha256: and 64 hexadecimal digits, got ${digest === "" ? "nothing" : digest}`;
  }
  const colon = spec.lastIndexOf(":");
  const tag = spec.slice(colon + 1);
  if (!tagForm.test(tag) || colon === 0) {
    return `--image ${spec}: must be <tag>, sha256:<digest>, <repository>:<tag> or <repository>@sha256:<digest>`;
  }
  return colon < 0 ? { reference: { tag } } : { repository: spec.slice(0, colon), reference: { tag } };
}

function isNamed(repository: Repository, name: string): boolean {
  return [repository.url, repository.path, shortName(repository)].includes(name);
}
