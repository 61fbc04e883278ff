import path from "node:path";

/** 128 bits: no two contents share them, and an address stays short enough to read. */
const hashCharacters = 32;
const slugCharacters = 60;

/**
 * Where a file's content lies in the bucket: `<prefix>/<name>-<hash of the content>.<extension>`. Another content is another key, so
 * that browsers and the CDN keep an object for a year and nothing is ever invalidated. The name is there for people.
 */
export function objectKey(prefix: string, file: string, sha256: Buffer): string {
  const { name, ext } = path.parse(file);
  const hash = sha256.toString("hex").slice(0, hashCharacters);
  return `${prefix}/${slugOf(name)}-${hash}${ext.toLowerCase()}`;
}

/** `Été à Paris (1)` is `ete-a-paris-1`. */
function slugOf(name: string): string {
  const slug = name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, slugCharacters)
    .replaceAll(/^-+|-+$/g, "");
  return slug === "" ? "image" : slug;
}
