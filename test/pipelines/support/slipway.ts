import { Readable } from "node:stream";
import { type Parts, runCli } from "../../../ci/main";
import { parseConfiguration } from "../../../environments/checks";
import { environments, project } from "../../support/shipped";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Run one command line as a job of a pipeline does, of what a fork starts with: nobody sits before it. */
export async function slipway(
  line: string,
  root: string,
  env: Readonly<Record<string, string>>,
  parts: Parts = {},
): Promise<Ran> {
  const written = { out: "", err: "" };
  const code = await runCli(
    line.split(" "),
    {
      env: { PATH: "/usr/bin:/bin", ...env },
      root,
      stdin: Readable.from([]),
      stdout: { write: (text: string) => (written.out += text) },
      stderr: { write: (text: string) => (written.err += text) },
      isTTY: false,
    },
    { configuration: parseConfiguration(project, environments), ...parts },
  );
  // colours would hide what the text says
  const plain = (text: string): string => text.replaceAll(/\u001b\[\d+m/g, "");
  return { code, out: plain(written.out), err: plain(written.err) };
}

const commit = "0123456789abcdef0123456789abcdef01234567";

/** The variables of a job on GitHub, whose API is at `url`. */
export function onGitHub(url: string, ref = "refs/pull/7/merge"): Record<string, string> {
  return {
    GITHUB_ACTIONS: "true",
    GITHUB_API_URL: url,
    GITHUB_REPOSITORY: "acme/shop",
    GITHUB_TOKEN: "token-of-the-job",
    GITHUB_SHA: commit,
    GITHUB_REF: ref,
    GITHUB_REF_NAME: ref.split("/").at(-1) ?? "",
    GITHUB_WORKFLOW_REF: `acme/shop/.github/workflows/production.yml@${ref}`,
    GITHUB_SERVER_URL: "https://github.com",
    GITHUB_RUN_ID: "99",
  };
}

/** The variables of a job of a merge request on GitLab, whose API is at `url`. */
export function onGitLab(url: string): Record<string, string> {
  return {
    GITLAB_CI: "true",
    CI_API_V4_URL: url,
    CI_PROJECT_ID: "5",
    CI_MERGE_REQUEST_IID: "7",
    CI_COMMIT_SHA: commit,
    CI_DEFAULT_BRANCH: "main",
    CI_PIPELINE_URL: "https://gitlab.com/acme/shop/-/pipelines/99",
    SLIPWAY_GITLAB_TOKEN: "token-of-the-project",
  };
}

export { commit };
