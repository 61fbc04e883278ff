import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { CommandError } from "../exit-codes";
import type { Report } from "../report";

const run = promisify(execFile);

/** The release that is fetched where neither Terraform nor OpenTofu is installed. */
export const openTofuVersion = "1.12.6";

const releases = "https://github.com/opentofu/opentofu/releases/download";

/** A server that sends nothing for this long has hung up. */
const silenceMs = 30_000;

export interface OpenTofuRequest {
  /** Where it is kept for the next run. */
  readonly cache: string;
  readonly report: Report;
  /** Ends the download. */
  readonly signal: AbortSignal;
  /** Folder of all releases. Default: OpenTofu's own. */
  readonly releases?: string;
  /** Default: this machine's. */
  readonly platform?: { readonly os: string; readonly arch: string };
}

/**
 * Path of the pinned OpenTofu: from the cache, else downloaded and checked against the checksums of its release.
 *
 * @throws CommandError that says what to install when it cannot be had; nothing half-finished stays behind
 */
export async function openTofu(request: OpenTofuRequest): Promise<string> {
  const { os, arch } = request.platform ?? thisMachine();
  const folder = path.join(request.cache, "opentofu", `${openTofuVersion}_${os}_${arch}`);
  const program = path.join(folder, "tofu");
  if (isProgram(program)) return program;

  try {
    await request.report.step(`download OpenTofu ${openTofuVersion}`, () =>
      install(request, `tofu_${openTofuVersion}_${os}_${arch}.tar.gz`, folder),
    );
  } catch (error) {
    request.signal.throwIfAborted();
    throw new CommandError(
      `neither Terraform nor OpenTofu 1.11 or newer is installed, and OpenTofu ${openTofuVersion} could not be downloaded ` +
        `(${reasonOf(error)}): install one of them, or name it with TERRAFORM_BINARY_NAME`,
    );
  }
  return program;
}

async function install(request: OpenTofuRequest, archive: string, folder: string): Promise<void> {
  const base = `${request.releases ?? releases}/v${openTofuVersion}`;
  const sums = (await download(`${base}/tofu_${openTofuVersion}_SHA256SUMS`, request)).toString("utf8");
  const expected = checksumOf(archive, sums);
  if (expected === undefined) throw new Error(`the release has no ${archive}`);
  const content = await download(`${base}/${archive}`, request);
  const actual = createHash("sha256").update(content).digest("hex");
  if (actual !== expected) throw new Error(`${archive} has the checksum ${actual}, its release says ${expected}`);

  mkdirSync(path.dirname(folder), { recursive: true });
  const partial = mkdtempSync(`${folder}.`);
  try {
    const file = path.join(partial, archive);
    writeFileSync(file, content);
    await run("tar", ["-xzf", file, "-C", partial, "tofu"]);
    rmSync(file);
    chmodSync(path.join(partial, "tofu"), 0o755);
    putInPlace(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function download(url: string, { report, signal }: OpenTofuRequest): Promise<Buffer> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), silenceMs);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, silence.signal]) });
    if (!response.ok || response.body === null) throw new Error(`${url} answers ${response.status}`);
    const total = Number(response.headers.get("content-length") ?? 0);
    const chunks: Uint8Array[] = [];
    let received = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), silenceMs);
      chunks.push(chunk);
      received += chunk.length;
      report.progress(`${megabytes(received)}${total > 0 ? ` of ${megabytes(total)}` : ""} MB`);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (silence.signal.aborted) throw new Error(`${url} sends nothing`, { cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Another run may have been faster; its result is as good. */
function putInPlace(partial: string, folder: string): void {
  try {
    renameSync(partial, folder);
  } catch (error) {
    if (!isProgram(path.join(folder, "tofu"))) throw error;
  }
}

function checksumOf(file: string, sums: string): string | undefined {
  const line = sums.split("\n").find((candidate) => candidate.trim().endsWith(`  ${file}`));
  return line === undefined ? undefined : /^[0-9a-f]{64}/.exec(line)?.[0];
}

/** As Go's programs name this machine. */
export function thisMachine(): { readonly os: string; readonly arch: string } {
  const arch = { x64: "amd64", ia32: "386" }[process.arch as string] ?? process.arch;
  return { os: process.platform === "win32" ? "windows" : process.platform, arch };
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

/** `fetch` hides the reason of a failure in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (error.message !== "fetch failed" || !(cause instanceof Error)) return error.message;
  const { code } = cause as NodeJS.ErrnoException;
  return cause.message === "" ? (code ?? error.message) : cause.message;
}
