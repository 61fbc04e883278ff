import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { sideBySide } from "../rehearse/side-by-side";
import { contentTypeOf, headBytes } from "./formats";

/** A file that may be uploaded. */
export interface ImageFile {
  /** As it was named. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: Buffer;
  readonly contentType: string;
}

/** Files are read whole and sent in one request, which the SDK can repeat; this bounds the memory that takes. */
export const maxBytes = 64 * 1024 * 1024;

/** As many files are open at once. */
export const atOnce = 4;

/** All named files, or every reason why one of them cannot be uploaded. Relative names are relative to `folder`. */
export async function readImages(
  names: readonly string[],
  folder: string,
): Promise<{ readonly files: readonly ImageFile[]; readonly problems: readonly string[] }> {
  const read = await sideBySide(names, atOnce, (name) => readImage(name, path.resolve(folder, name)));
  return {
    files: read.filter((file) => typeof file !== "string"),
    problems: read.filter((file) => typeof file === "string"),
  };
}

/** What was read for `readImages` once more: it stays in memory only while it is sent. */
export async function readAgain({ name, path: file, sha256 }: ImageFile): Promise<Buffer> {
  const body = await readFile(file);
  if (!hashOf(body).equals(sha256)) throw new Error(`${name} has changed since it was read: upload it again`);
  return body;
}

async function readImage(name: string, file: string): Promise<ImageFile | string> {
  try {
    const found = await stat(file);
    if (found.isDirectory()) return `${name} is a folder: name its files, such as ${path.join(name, "*.webp")}`;
    if (!found.isFile()) return `${name} is not a file`;
    if (found.size > maxBytes) {
      return `${name} must be at most ${maxBytes / 1024 ** 2} MiB, got ${Math.ceil(found.size / 1024 ** 2)} MiB: make it smaller`;
    }
    const body = await readFile(file);
    if (body.length === 0) return `${name} is empty`;
    const extension = path.extname(name).slice(1).toLowerCase();
    const kind = contentTypeOf(extension, body.subarray(0, headBytes));
    if ("problem" in kind) return `${name} ${kind.problem}`;
    return { name, path: file, bytes: body.length, sha256: hashOf(body), contentType: kind.type };
  } catch (error) {
    return `${name} cannot be read: ${reason(error)}`;
  }
}

function hashOf(body: Buffer): Buffer {
  return createHash("sha256").update(body).digest();
}

function reason(error: unknown): string {
  const { code = "", message = String(error) } = error as Partial<NodeJS.ErrnoException>;
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
  return code === "EACCES" ? "its permissions do not allow it" : message;
}
