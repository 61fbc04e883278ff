import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "../slipway";

/** What lies in a project's folder and is no part of it. */
const left = new Set([
  ...["node_modules", ".git", ".cache", ".state", ".stryker", ".gitlab-ci-local"],
  ...["cdktf.out", "coverage", "devices", "plans", "sealed"],
]);

/** Change a file of the project; no change is a mistake. */
export type Edit = readonly [file: string, from: string | RegExp, to: string];

/** A fork of this project: a working copy in which a person commits, and the repository on the host that it is pushed to. */
export class Fork {
  readonly folder: string;
  private readonly origin: string;

  constructor(directory: string) {
    this.folder = path.join(directory, "fork");
    this.origin = path.join(directory, "origin.git");
    cpSync(root, this.folder, {
      recursive: true,
      filter: (source) => !left.has(path.relative(root, source)) && path.basename(source) !== "__pycache__",
    });
    linkPackages(this.folder);
    git(directory, "init", "--quiet", "--bare", "--initial-branch=main", this.origin);
    // jobs fetch the commit that they are of
    git(this.origin, "config", "uploadpack.allowAnySHA1InWant", "true");
    git(this.folder, "init", "--quiet", "--initial-branch=main");
    ignorePackages(this.folder);
    git(this.folder, "remote", "add", "origin", this.origin);
  }

  write(file: string, text: string): void {
    writeFileSync(path.join(this.folder, file), text);
  }

  edit(...[file, from, to]: Edit): void {
    const before = readFileSync(path.join(this.folder, file), "utf8");
    const after = before.replace(from, to);
    if (after === before) throw new Error(`${file} has no ${String(from)}`);
    this.write(file, after);
  }

  /** Commit everything on the branch that is checked out, and push it; gives the commit. */
  push(message: string): string {
    git(this.folder, "add", "--all");
    git(this.folder, "commit", "--quiet", "--allow-empty", `--message=${message}`);
    git(this.folder, "push", "--quiet", "origin", "HEAD");
    return this.head();
  }

  /** A new branch from where main is. */
  branch(name: string): void {
    git(this.folder, "checkout", "--quiet", "-B", name, "main");
  }

  main(): void {
    git(this.folder, "checkout", "--quiet", "main");
  }

  /** Merge a branch into what is checked out. */
  merge(branch: string): void {
    git(this.folder, "merge", "--quiet", "--no-ff", `--message=Merge ${branch}`, branch);
  }

  /** What main would be with the branch merged, as GitHub keeps it for request number `number`; main stays. */
  pushMergeRef(branch: string, number: number): string {
    git(this.folder, "checkout", "--quiet", "--detach", "main");
    git(this.folder, "merge", "--quiet", "--no-ff", `--message=Merge ${branch}`, branch);
    const merged = this.head();
    git(this.folder, "push", "--quiet", "--force", "origin", `HEAD:refs/pull/${number}/merge`);
    git(this.folder, "checkout", "--quiet", branch);
    return merged;
  }

  /** Tag what is checked out. */
  tag(name: string): string {
    git(this.folder, "tag", name);
    git(this.folder, "push", "--quiet", "origin", name);
    return this.head();
  }

  /** A clean copy of a commit, as a job gets it; `whole` with all branches and tags. */
  checkOut(folder: string, commit: string, whole: boolean): void {
    mkdirSync(folder, { recursive: true });
    git(folder, "init", "--quiet", "--initial-branch=main");
    git(folder, "remote", "add", "origin", `file://${this.origin}`);
    if (whole) {
      git(folder, "fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*");
    }
    git(folder, "fetch", "--quiet", "--no-tags", ...(whole ? [] : ["--depth=1"]), "origin", commit);
    git(folder, "checkout", "--quiet", "--detach", "FETCH_HEAD");
    ignorePackages(folder);
  }

  /** The commit that main is at. */
  mainHead(): string {
    return git(this.folder, "rev-parse", "main").trim();
  }

  /** The commit that is checked out. */
  head(): string {
    return git(this.folder, "rev-parse", "HEAD").trim();
  }
}

/** What `npm ci` brings. */
export function linkPackages(folder: string): void {
  symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
}

/** `.gitignore` means a folder, and here it is a link. */
function ignorePackages(folder: string): void {
  appendFileSync(path.join(folder, ".git", "info", "exclude"), "node_modules\n");
}

function git(folder: string, ...args: readonly string[]): string {
  return execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args], {
    cwd: folder,
    encoding: "utf8",
    // nothing of the person's settings
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, GIT_CONFIG_NOSYSTEM: "1" },
  });
}
