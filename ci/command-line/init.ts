import { type Command, InvalidArgumentError, Option } from "commander";
import { initCommand } from "../commands/init";
import type { GithubWish, GitlabWish, Wishes } from "../init/wishes";
import { wordsOf } from "../init/questions";
import { described, json, type OpenUnchecked } from "./described";

interface InitFlags {
  readonly name?: string;
  readonly region?: string;
  readonly account: Readonly<Record<string, string>>;
  readonly zone?: Exclude<Wishes["zone"], undefined>;
  readonly github?: Pick<GithubWish, "owner" | "ownerId" | "repository" | "repositoryId"> | "none";
  readonly githubEnvironments?: boolean;
  readonly gitlab?: GitlabWish | "none";
  readonly alerts?: readonly string[];
  readonly state?: Exclude<Wishes["state"], undefined>;
  readonly yes: boolean;
  readonly json: boolean;
}

/** `init`: a fork's first minute. */
export function addInit(slipway: Command, open: OpenUnchecked): void {
  described(
    slipway.command("init"),
    "make environments/project.ts your own: asks on a terminal, else takes what the flags say",
    "npm run init -- --name shop --region eu-west-1 --account dev=123456789012 --alerts ops@example.org --yes",
  )
    .option("--name <name>", "start of every name; it cannot be changed later without replacing everything")
    .option("--region <region>", "region of all environments, and of the images if they are there now")
    .option(
      "--account <environment=id>",
      "account of an environment, or of the images (registry=id); as often as needed",
      accountOf,
      {},
    )
    .option(
      "--zone <id:domain>",
      "the public hosted zone in Route 53, such as Z0123456789ABCDEFGHIJ:example.org, or none",
      zoneOf,
    )
    .option(
      "--github <owner/repository:ids>",
      "where pipelines run on GitHub, with both ids: acme/shop:1234/5678, or none",
      githubOf,
    )
    .option("--github-environments", "the repository's plan has environments")
    .option("--no-github-environments", "it has none, as free private repositories")
    .option(
      "--gitlab <project>",
      "where pipelines run on GitLab: acme/shop, or git.example.org:acme/shop, or none",
      gitlabOf,
    )
    .option("--alerts <addresses>", "e-mail addresses that alerts go to, with commas between them", wordsOf)
    .addOption(
      new Option(
        "--state <where>",
        "where the state of Terraform is: in the bucket that bootstrap makes, or a file",
      ).choices(["bootstrap", "file"]),
    )
    .option("--yes", "do not ask before it is written", false)
    .option(...json)
    .action(
      ({ account, alerts, github, githubEnvironments, yes, json: asJson, ...flags }: InitFlags, command: Command) => {
        if (github !== undefined && github !== "none" && githubEnvironments === undefined) {
          command.error(
            "error: --github needs --github-environments or --no-github-environments: free private repositories have no environments",
          );
        }
        const wishes: Wishes = {
          accounts: account,
          ...flags,
          ...(github === undefined ? {} : { github: withEnvironments(github, githubEnvironments ?? false) }),
          ...(alerts === undefined ? {} : { emails: alerts }),
        };
        return initCommand(open(), { wishes, yes, json: asJson });
      },
    );
}

function withEnvironments(github: Exclude<InitFlags["github"], undefined>, environments: boolean): GithubWish | "none" {
  return github === "none" ? github : { ...github, environments };
}

function accountOf(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [, environment, id] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (environment === undefined || id === undefined) {
    throw new InvalidArgumentError("It must be <environment>=<id>, such as dev=123456789012.");
  }
  return { ...before, [environment]: id };
}

function zoneOf(text: string): InitFlags["zone"] {
  if (text === "none") return text;
  const [, id, name] = /^([^:]+):(.+)$/.exec(text) ?? [];
  if (id === undefined || name === undefined) {
    throw new InvalidArgumentError("It must be <id>:<domain>, such as Z0123456789ABCDEFGHIJ:example.org, or none.");
  }
  return { id, name };
}

function githubOf(text: string): InitFlags["github"] {
  if (text === "none") return text;
  const [, owner, repository, ownerId, repositoryId] = /^([^/:]+)\/([^/:]+):(\d+)\/(\d+)$/.exec(text) ?? [];
  if (owner === undefined || repository === undefined || ownerId === undefined || repositoryId === undefined) {
    throw new InvalidArgumentError(
      "It must be <owner>/<repository>:<owner id>/<repository id>, or none; `gh api repos/<owner>/<repository> --jq '[.owner.id, .id]'` says the ids.",
    );
  }
  return { owner, ownerId, repository, repositoryId };
}

function gitlabOf(text: string): InitFlags["gitlab"] {
  if (text === "none") return text;
  const [, host, project = ""] = /^(?:([^:/]+):)?(.+)$/.exec(text) ?? [];
  return { host: host ?? "gitlab.com", project };
}
