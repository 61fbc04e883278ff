import { appendFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { durationText } from "../report";

/** What became of a release or rollback, as a pipeline shows it and hands it on. */
export interface PipelineSummary {
  readonly command: "release" | "rollback";
  readonly ok: boolean;
  readonly environment: string;
  /** Name of the release; null when it ended before it had one. */
  readonly release: string | null;
  /** Digest by repository. */
  readonly images: Readonly<Record<string, string>>;
  readonly services: readonly {
    readonly name: string;
    readonly kind: string;
    readonly revision: string | null;
    readonly previous: string | null;
    readonly status: string;
  }[];
  readonly migration: { readonly task: string; readonly exitCode: number | null } | null;
  readonly seconds: number;
  /** Why it failed; none when it did not. */
  readonly error?: string;
}

/** GitLab refuses a dotenv report that is larger. https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv */
const dotenvBytes = 5 * 1024;

/**
 * Tell the pipeline that this runs in, if it runs in one: a section of GitHub's step summary, where GITHUB_STEP_SUMMARY names its
 * file; `release.env` in the project's folder, where GITLAB_CI is set, for `artifacts: reports: dotenv`.
 *
 * Gives what could not be written as sentences, and never throws: the release has happened whether it is told or not.
 */
export function writePipelineReport(env: Readonly<Record<string, string>>, summary: PipelineSummary): string[] {
  const problems: string[] = [];
  const write = (file: string, body: () => void): void => {
    try {
      body();
    } catch (error) {
      problems.push(`${file} could not be written (${error instanceof Error ? error.message : String(error)})`);
    }
  };
  const github = env["GITHUB_STEP_SUMMARY"];
  if (github !== undefined && github !== "") write(github, () => appendFileSync(github, markdownOf(summary)));
  if (env["GITLAB_CI"] !== undefined && env["GITLAB_CI"] !== "") {
    const file = path.join(env["CI_PROJECT_DIR"] ?? "", "release.env");
    write(file, () => writeFileSync(file, dotenvOf(summary)));
  }
  return problems;
}

/** A section of Markdown: a sentence, a table of what runs, and the reason of a failure. */
export function markdownOf(summary: PipelineSummary): string {
  const { command, ok, environment, release, images, services, migration, seconds, error } = summary;
  const lines = [
    `### ${ok ? "✅" : "❌"} ${command} of ${cell(environment)}${release === null ? "" : `: ${cell(release)}`}`,
    "",
    `${ok ? "Done" : "Failed"} after ${durationText(seconds * 1000)}.`,
    "",
  ];
  if (error !== undefined) lines.push("```text", error.replaceAll("```", "'''"), "```", "");
  if (services.length > 0) {
    lines.push("| service | kind | revision | before | status |", "| --- | --- | --- | --- | --- |");
    for (const { name, kind, revision, previous, status } of services) {
      lines.push(`| ${[name, kind, revision ?? "", previous ?? "", status].map(cell).join(" | ")} |`);
    }
    lines.push("");
  }
  for (const [repository, digest] of Object.entries(images))
    lines.push(`- image of ${cell(repository)}: \`${digest}\``);
  if (migration !== null) {
    lines.push(`- migration: task \`${migration.task}\`, exit code ${migration.exitCode ?? "none"}`);
  }
  return `${lines.join("\n").trimEnd()}\n\n`;
}

/** Variables for the jobs that come after, one a line; GitLab takes no quotes, comments or empty lines. */
export function dotenvOf({ command, ok, environment, release, images, seconds }: PipelineSummary): string {
  const first = [
    ["SLIPWAY_COMMAND", command],
    ["SLIPWAY_OK", String(ok)],
    ["SLIPWAY_ENVIRONMENT", environment],
    ["SLIPWAY_RELEASE", release ?? ""],
    ["SLIPWAY_SECONDS", String(Math.round(seconds))],
  ] as const;
  const digests = Object.entries(images).map(([repository, digest]) => [variableOf(repository), digest] as const);
  let text = "";
  for (const [name, value] of [...first, ...digests]) {
    const line = `${name}=${value.replaceAll(/[\r\n]+/g, " ")}\n`;
    if (Buffer.byteLength(text + line) > dotenvBytes) break;
    text += line;
  }
  return text;
}

/** `SLIPWAY_DIGEST_MY_APP` of `my-app`. */
function variableOf(repository: string): string {
  return `SLIPWAY_DIGEST_${repository.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/[\r\n]+/g, " ");
}
