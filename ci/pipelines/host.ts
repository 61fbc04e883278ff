import { CommandError, exitCodes } from "../exit-codes";

/** What became of a comment or an issue. */
export type Written = "made" | "updated" | "closed" | "unchanged";

/** The one thing that both hosts do under different names. */
export interface PipelineHost {
  readonly name: "GitHub" | "GitLab";
  /** Whether it can be written to; without a token of its own, GitLab cannot. */
  readonly writable: boolean;
  /** What to do when it is not. */
  readonly wayToWrite: string;
  /**
   * Labels of the pull or merge request that this runs for, or by which the commit that this runs for was merged into main; none of
   * one that was never merged, since anybody can open it.
   */
  labels(): Promise<readonly string[]>;
  /** Whether main's pipeline has released this commit to stage. */
  releasedToStage(commit: string): Promise<boolean>;
  /** The comment of this pipeline that starts with `marker`: made, or its text replaced. */
  comment(marker: string, text: string): Promise<Written>;
  /** The open issue of this pipeline that starts with `marker`: made, updated, or, without a text, closed. */
  issue(marker: string, title: string, text: string | undefined): Promise<Written>;
}

/** What a host is asked with. */
export interface HostWork {
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Label of a pull or merge request with which stateful resources may be replaced or deleted. */
export const allowLabel = "allow-replacement";

/** Label of the issue that tells of drift. */
export const driftLabel = "drift";

/** Job of main's pipeline after which stage runs a commit. */
export const stageRelease = "stage-release";

/** Whether this runs for a tag, which stands for many requests: the label of one says nothing about the others. */
export function isOfTag(env: Readonly<Record<string, string>>): boolean {
  return env["GITHUB_REF_TYPE"] === "tag" || isTagRef(env["GITHUB_REF"]) || filled(env["CI_COMMIT_TAG"]) !== undefined;
}

function isTagRef(ref: string | undefined): boolean {
  return ref?.startsWith("refs/tags/") ?? false;
}

/** A variable that the host sets in every job. */
export function needed(env: Readonly<Record<string, string>>, name: string, wayOut: string): string {
  const value = filled(env[name]);
  if (value !== undefined) return value;
  throw new CommandError(`${name} is not set: ${wayOut}`, exitCodes.usage);
}

/** A variable with something in it. */
export function filled(value: string | undefined): string | undefined {
  return value === undefined || value === "" ? undefined : value;
}
