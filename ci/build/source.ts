import { mkdtempSync, rmSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { CommandError, exitCodes } from "../exit-codes";
import { findProgram, type ProgramRun, runProgram } from "../tools/program";

/** How many changed files are named. */
const namedFiles = 5;
/** Enough of a hash to tell apart what one person tries out. */
const shortHash = 12;

export interface SourceRequest extends Pick<ProgramRun, "env" | "interrupts"> {
  /** Folder in the git repository that the image is made of. */
  readonly folder: string;
  /** Take what is not committed, under a tag that says so. */
  readonly allowDirty: boolean;
}

/** What an image is made of. */
export interface Source {
  readonly commit: string;
  /** `build-<commit>`; of changes that are not committed, `build-<commit>-dirty-<hash of the files>`. */
  readonly tag: string;
}

/**
 * The commit that an image is called by.
 *
 * @throws CommandError outside of a git repository, and when files differ from the commit
 */
export async function sourceOf(request: SourceRequest): Promise<Source> {
  const { folder, allowDirty, env } = request;
  const program = findProgram("git", env);
  if (program === undefined) {
    throw new CommandError("git is not installed, whose commit an image is called by: install it", exitCodes.usage);
  }
  const git = new Git(program, request);
  const commit = await git.ask(
    ["rev-parse", "--verify", "HEAD"],
    (reason) =>
      `${folder} has no commit that the image could be called by (${reason}): commit what it is built from, or name another folder with --context`,
  );
  const changed = (await git.ask(["status", "--porcelain"])).split("\n").filter((line) => line !== "");
  if (changed.length === 0) return { commit, tag: `build-${commit}` };
  if (!allowDirty) throw dirtyError(changed);
  return { commit, tag: `build-${commit}-dirty-${(await hashOfFiles(git)).slice(0, shortHash)}` };
}

class Git {
  constructor(
    private readonly program: string,
    private readonly request: SourceRequest,
  ) {}

  get folder(): string {
    return this.request.folder;
  }

  async ask(
    args: readonly string[],
    sentence = (reason: string): string => `git ${args.join(" ")} has failed: ${reason}`,
    variables: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { env, interrupts, folder } = this.request;
    const { code, stdout, stderr } = await runProgram(this.program, args, {
      env: { ...env, ...variables },
      interrupts,
      cwd: folder,
    });
    if (code !== 0) throw new CommandError(sentence(stderr.trim().split("\n")[0] ?? ""), exitCodes.usage);
    return stdout.trimEnd();
  }
}

/** The hash that a commit of all files would have as its tree, without a trace in the repository. */
async function hashOfFiles(git: Git): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "slipway-source-"));
  try {
    const [index = "", objects = ""] = (
      await git.ask(["rev-parse", "--git-path", "index", "--git-path", "objects"])
    ).split("\n");
    const copy = path.join(folder, "index");
    // with what git knows of the files already, only changed ones are read
    await copyFile(path.resolve(git.folder, index), copy).catch(() => undefined);
    await mkdir(path.join(folder, "objects"));
    const variables = {
      GIT_INDEX_FILE: copy,
      GIT_OBJECT_DIRECTORY: path.join(folder, "objects"),
      GIT_ALTERNATE_OBJECT_DIRECTORIES: path.resolve(git.folder, objects),
    };
    await git.ask(["add", "--all", "--", ":/"], undefined, variables);
    return await git.ask(["write-tree"], undefined, variables);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function dirtyError(changed: readonly string[]): CommandError {
  const more = changed.length > namedFiles ? `\n  and ${changed.length - namedFiles} more` : "";
  return new CommandError(
    `files differ from the commit that the image would be called by: commit them, or pass --allow-dirty, which says so in the tag\n${changed
      .slice(0, namedFiles)
      .map((line) => `  ${line}`)
      .join("\n")}${more}`,
    exitCodes.usage,
  );
}
