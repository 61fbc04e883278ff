import { lookup } from "mime-types";

/** How a file of one format begins. */
interface Signature {
  readonly at: number;
  readonly bytes: Buffer;
}

const starts = (bytes: string | readonly number[], at = 0): Signature => ({
  at,
  bytes: typeof bytes === "string" ? Buffer.from(bytes, "latin1") : Buffer.from(bytes),
});

/**
 * The formats that browsers show, by content type, with what their files begin with. SVG is not one of them: it may hold scripts,
 * which a browser that opens it by its address runs on the image domain. HTML and the like are not images at all.
 */
const formats: Readonly<Record<string, readonly Signature[]>> = {
  "image/apng": [starts("\x89PNG\r\n\x1a\n")],
  "image/avif": [starts("ftypavif", 4), starts("ftypavis", 4)],
  "image/bmp": [starts("BM")],
  "image/gif": [starts("GIF87a"), starts("GIF89a")],
  "image/jpeg": [starts([0xff, 0xd8, 0xff])],
  "image/png": [starts("\x89PNG\r\n\x1a\n")],
  "image/vnd.microsoft.icon": [starts([0, 0, 1, 0])],
  "image/webp": [starts("WEBP", 8)],
};

const names = "avif, webp, png, apng, jpg, gif, ico or bmp";

/** How many bytes of a file `contentTypeOf` looks at. */
export const headBytes = 16;

/**
 * The content type of an image, by its extension (without the dot) and its first bytes.
 *
 * @returns the type, or why the file is refused and what to do instead
 */
export function contentTypeOf(
  extension: string,
  head: Buffer,
): { readonly type: string } | { readonly problem: string } {
  const type = extension === "" ? false : lookup(extension);
  if (type === "image/svg+xml") {
    return {
      problem: `may hold scripts, which browsers run on the image domain: convert it to webp or png, or serve it from the application`,
    };
  }
  const signatures = type === false ? undefined : formats[type];
  if (type === false || signatures === undefined) {
    return { problem: `is not an image that browsers show: name ${names}` };
  }
  if (signatures.some((signature) => begins(head, signature))) return { type };
  const actual = Object.entries(formats).find(([, known]) => known.some((signature) => begins(head, signature)))?.[0];
  return {
    problem:
      actual === undefined
        ? `does not begin like ${type}: export it again`
        : `begins like ${actual} and is called .${extension}: give it the right extension`,
  };
}

function begins(head: Buffer, { at, bytes }: Signature): boolean {
  return head.subarray(at, at + bytes.length).equals(bytes);
}
