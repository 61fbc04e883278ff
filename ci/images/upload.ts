import type { ImagesContract } from "../../constructs/shared/images-contract-v1";
import type { Objects } from "../aws/objects";
import { sideBySide } from "../rehearse/side-by-side";
import { durationText, type Report } from "../report";
import type { Interrupts } from "../terraform/interrupts";
import { atOnce, type ImageFile, readAgain } from "./image-file";
import { objectKey } from "./object-key";

/** What lies under a content-hashed key never changes: whoever has it need not ask again for a year. */
export const cacheControl = "public,max-age=31536000,immutable";

/** What became of one file. */
export interface UploadedFile {
  readonly file: string;
  readonly key: string;
  readonly url: string;
  readonly bytes: number;
  readonly contentType: string;
  /** `present`: it was there already. */
  readonly status: "uploaded" | "present" | "failed";
  readonly error?: string;
}

export interface UploadOptions {
  readonly images: Pick<ImagesContract, "prefix" | "baseUrl">;
  readonly objects: Pick<Objects, "has" | "putNew">;
  readonly report: Report;
  readonly interrupts: Pick<Interrupts, "race" | "interrupted">;
}

/** Upload files side by side; one that fails does not keep the others. Gives them in their order. */
export async function uploadFiles(
  files: readonly ImageFile[],
  options: UploadOptions,
): Promise<readonly UploadedFile[]> {
  const { images, report } = options;
  const byKey = new Map(files.map((file) => [objectKey(images.prefix, file.name, file.sha256), file] as const));
  let done = 0;
  report.progress(`0 of ${byKey.size}`);
  const outcomes = await sideBySide([...byKey], atOnce, async ([key, file]) => {
    const started = Date.now();
    const outcome = await attempt(key, file, options);
    done += 1;
    report.progress(`${done} of ${byKey.size}`);
    if (outcome.status === "uploaded") {
      report.line(`${file.name}: ${bytesText(file.bytes)} in ${durationText(Date.now() - started)}`);
    }
    return [key, outcome] as const;
  });
  const outcomeByKey = new Map(outcomes);
  return files.map((file) => {
    const key = objectKey(images.prefix, file.name, file.sha256);
    return {
      file: file.name,
      key,
      url: `${images.baseUrl}/${key}`,
      bytes: file.bytes,
      contentType: file.contentType,
      ...(outcomeByKey.get(key) ?? { status: "failed" as const, error: "was not tried" }),
    };
  });
}

type Outcome = Pick<UploadedFile, "status" | "error">;

async function attempt(key: string, file: ImageFile, { objects, interrupts }: UploadOptions): Promise<Outcome> {
  try {
    if (await interrupts.race(objects.has(key))) return { status: "present" };
    const { sha256, contentType } = file;
    const body = await readAgain(file);
    const stored = await interrupts.race(objects.putNew({ key, body, sha256, contentType, cacheControl }));
    return { status: stored ? "uploaded" : "present" };
  } catch (error) {
    // an interrupt ends all of them
    if (interrupts.interrupted) throw error;
    return { status: "failed", error: error instanceof Error ? error.message : String(error) };
  }
}

/** `512 B`, `1.5 kB`, `12.0 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
