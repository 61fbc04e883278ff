import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { root } from "./files";

const run = promisify(execFile);
const program = require.resolve("gitlab-ci-local/dist/index.js");

/** A job, as the rules have decided. */
export interface DecidedJob {
  readonly name: string;
  readonly when: string;
  readonly needs: readonly string[];
}

/** gitlab-ci-local on a copy of `.gitlab-ci.yml` in a repository of its own: it checks GitLab's schema and evaluates rules. */
export class GitLabRules {
  private constructor(private readonly folder: string) {}

  static async open(file = path.join(root, ".gitlab-ci.yml")): Promise<GitLabRules> {
    const folder = mkdtempSync(path.join(tmpdir(), "slipway-gitlab-"));
    copyFileSync(file, path.join(folder, ".gitlab-ci.yml"));
    const git = (...args: string[]): Promise<unknown> =>
      run("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args], { cwd: folder });
    await git("init", "--quiet", "--initial-branch=main");
    await git("remote", "add", "origin", "git@gitlab.com:example/example.git");
    await git("add", "--all");
    await git("commit", "--quiet", "--message=test");
    await git("update-ref", "refs/remotes/origin/main", "HEAD");
    await git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main");
    return new GitLabRules(folder);
  }

  /** Every job with what the rules say about it; with `unset`, variables that GitLab does not have at this event. */
  async decide(variables: Readonly<Record<string, string>>, unset: readonly string[] = []): Promise<DecidedJob[]> {
    const { stdout } = await run(
      process.execPath,
      [
        program,
        "--list-json",
        // lint.test.ts has checked it once
        "--json-schema-validation=false",
        "--ignore-predefined-vars",
        Object.keys(variables).join(","),
        ...Object.entries(variables).flatMap(([name, value]) => ["--variable", `${name}=${value}`]),
        ...unset.flatMap((name) => ["--unset-variable", name]),
      ],
      { cwd: this.folder, env: { PATH: process.env["PATH"] ?? "", HOME: this.folder } },
    );
    const jobs = JSON.parse(stdout) as { name: string; when: string; needs?: { job: string }[] | null }[];
    return jobs.map(({ name, when, needs }) => ({ name, when, needs: (needs ?? []).map(({ job }) => job) }));
  }

  /** What is wrong with the file by GitLab's schema and rules; nothing, if it is well. */
  async problems(): Promise<string> {
    try {
      await run(process.execPath, [program, "--list-all"], {
        cwd: this.folder,
        env: { PATH: process.env["PATH"] ?? "", HOME: this.folder, NO_COLOR: "1" },
      });
      return "";
    } catch (error) {
      const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
      return stdout + stderr;
    }
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Jobs that start by themselves, and those that wait for a person, or for a job that does. */
export function startedAndHeld(jobs: readonly DecidedJob[]): { readonly started: string[]; readonly held: string[] } {
  const there = jobs.filter(({ when }) => when !== "never");
  const held = new Set(there.filter(({ when }) => when === "manual").map(({ name }) => name));
  // needs come before those that need them
  for (const { name, needs } of there) if (needs.some((need) => held.has(need))) held.add(name);
  const names = there.map(({ name }) => name);
  return { started: names.filter((name) => !held.has(name)), held: names.filter((name) => held.has(name)) };
}
