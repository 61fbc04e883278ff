import * as z from "zod";
import type { Project } from "../../environments/project-schema";
import { type ForkPipelines, forkPipelines } from "./fork-pipelines";
import type { PipelineSetting } from "./settings";

/** A repository whose pipelines are told by variables, and the program that reads and writes them. */
export interface PipelineHost {
  readonly topic: "github" | "gitlab";
  /** `<owner>/<repository>` or `<group>/<path>`. */
  readonly place: string;
  /** Its page, without a slash at the end. */
  readonly page: string;
  /** It in the API of the host. */
  readonly api: string;
  readonly program: "gh" | "glab";
  /** Lists the variables. */
  readonly list: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly read: (stdout: string) => readonly PipelineSetting[];
  /** Writes one that is there already, or is not. */
  readonly set: (setting: PipelineSetting, exists: boolean) => readonly string[];
  /** Where the host could run pipelines of forks with the tokens of this repository. */
  readonly forks?: ForkPipelines;
  /** What only a person can make, with the commands for it. */
  readonly secrets: readonly PipelineSecret[];
}

export interface PipelineSecret {
  readonly name: string;
  /** Lines: what it is for, and what to run. */
  readonly way: readonly string[];
}

/** Where the pipelines of a project run; nowhere where it has none. */
export function pipelineHosts({ pipelines }: Pick<Project, "pipelines">): readonly PipelineHost[] {
  if ("none" in pipelines) return [];
  const { github, gitlab } = pipelines;
  return [
    ...(github === undefined ? [] : [githubHost(`${github.owner}/${github.repository}`)]),
    ...(gitlab === undefined ? [] : [gitlabHost(gitlab.host, gitlab.project)]),
  ];
}

/** The command that writes a variable, for a person. */
export function setText(host: PipelineHost, setting: PipelineSetting, exists: boolean): string {
  return commandText(host, host.set(setting, exists));
}

/** A command of the host's program, for a person. */
export function commandText({ env, program }: PipelineHost, args: readonly string[]): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  // a shell would look for files where there is a star
  return [...variables, program, ...args.map((arg) => (arg.includes("*") ? `'${arg}'` : arg))].join(" ");
}

function githubHost(place: string): PipelineHost {
  const api = `repos/${place}`;
  return {
    topic: "github",
    place,
    page: `https://github.com/${place}`,
    api,
    program: "gh",
    list: ["api", "--paginate", `${api}/actions/variables`, "--jq", ".variables[] | [.name, .value] | @tsv"],
    env: {},
    read: (stdout) =>
      stdout
        .split("\n")
        .map((line) => line.split("\t"))
        .flatMap(([name, value]) => (name === undefined || value === undefined ? [] : [{ name, value }])),
    set: ({ name, value }) => ["variable", "set", name, "--repo", place, "--body", value],
    secrets: [
      {
        name: "SLIPWAY_PLAN_KEY",
        way: [
          "seals the plan of production between its jobs:",
          `openssl rand -base64 32 | gh secret set SLIPWAY_PLAN_KEY --repo ${place}`,
        ],
      },
    ],
  };
}

const gitlabVariables = z.array(z.object({ key: z.string(), value: z.string().nullable() }));

function gitlabHost(host: string, place: string): PipelineHost {
  const set = (name: string, ...flags: readonly string[]): string =>
    `GITLAB_HOST=${host} glab variable set ${[name, ...flags].join(" ")} --repo ${place}`;
  const page = `https://${host}/${place}`;
  const api = `projects/${encodeURIComponent(place)}`;
  return {
    topic: "gitlab",
    place,
    page,
    api,
    program: "glab",
    list: ["api", `${api}/variables?per_page=100`],
    env: { GITLAB_HOST: host },
    // GitLab does not show the value of a hidden one
    read: (stdout) =>
      gitlabVariables.parse(JSON.parse(stdout)).map(({ key, value }) => ({ name: key, value: value ?? "" })),
    set: ({ name, value }, exists) => ["variable", exists ? "update" : "set", name, value, "--repo", place],
    forks: forkPipelines(api),
    secrets: [
      {
        name: "SLIPWAY_PLAN_KEY",
        way: [
          "seals the plan of production between its jobs:",
          `openssl rand -base64 32 | ${set("SLIPWAY_PLAN_KEY", "--masked", "--protected", "--scope prod")}`,
        ],
      },
      {
        name: "SLIPWAY_GITLAB_TOKEN",
        way: [
          `writes plans into merge requests and drift into issues: make a token with the role Reporter and the scope api at ${page}/-/settings/access_tokens (the code of requests gets it: a higher role could push to main); on the free plan of GitLab.com, which has none, a personal access token of a second user, who is Reporter of this project alone. Write it into notes.txt, and`,
          `${set("SLIPWAY_GITLAB_TOKEN", "--masked", "--scope notes")} < notes.txt`,
          "and one with the scope read_api, which reads labels and whether stage has run a commit, into read.txt, and",
          ...["stage", "registry", "prod"].map(
            (scope) => `${set("SLIPWAY_GITLAB_TOKEN", "--masked", "--protected", `--scope ${scope}`)} < read.txt`,
          ),
          "then rm notes.txt read.txt",
        ],
      },
    ],
  };
}
