import { AUDIENCE, GITHUB_ISSUER as GITHUB } from "../shared/pipeline-names";
import type { Statement } from "./place";

/** When a role may be taken: by a change that nobody has reviewed yet, by what is on main, or by a tag `v*` without a slash. */
export type Moment = "change" | "main" | "tag";

/** A repository on GitHub, as its tokens name it. */
export interface GithubTrust {
  readonly providerArn: string;
  readonly owner: string;
  readonly ownerId: string;
  readonly repository: string;
  readonly repositoryId: string;
  readonly environments: boolean;
  readonly legacySubject: boolean;
}

/** A project on GitLab, as its tokens name it. */
export interface GitlabTrust {
  readonly providerArn: string;
  readonly host: string;
  readonly project: string;
}

export interface Trust {
  readonly github?: GithubTrust | undefined;
  readonly gitlab?: GitlabTrust | undefined;
  readonly moments: readonly Moment[];
  /** Environment of the host whose jobs take the role. None: jobs without one. */
  readonly environment?: string | undefined;
}

interface TrustStatement extends Statement {
  readonly Principal: { readonly Federated: string };
}

const GITHUB_REF: Readonly<Record<Exclude<Moment, "change">, string>> = {
  main: "refs/heads/main",
  tag: "refs/tags/v*",
};

/**
 * Who takes a role: tokens of one repository, for the moments that it is for. Every statement has one audience and one kind of
 * subject; a repository that was renamed and taken by somebody else has another id.
 */
export function trustPolicy({ github, gitlab, moments, environment }: Trust): {
  readonly Version: "2012-10-17";
  readonly Statement: readonly TrustStatement[];
} {
  return {
    Version: "2012-10-17",
    Statement: [
      ...(github === undefined ? [] : moments.map((moment) => githubStatement(github, moment, environment))),
      ...(gitlab === undefined ? [] : moments.map((moment) => gitlabStatement(gitlab, moment))),
    ],
  };
}

function githubStatement(github: GithubTrust, moment: Moment, environment: string | undefined): TrustStatement {
  const { owner, ownerId, repository, repositoryId } = github;
  const byEnvironment = github.environments && environment !== undefined && moment !== "change";
  const end = byEnvironment
    ? `environment:${environment}`
    : moment === "change"
      ? "pull_request"
      : `ref:${GITHUB_REF[moment]}`;
  return {
    ...taking(`Github${capital(moment)}`, github.providerArn),
    Condition: {
      StringEquals: { [`${GITHUB}:aud`]: AUDIENCE, [`${GITHUB}:repository_id`]: repositoryId },
      StringLike: {
        [`${GITHUB}:sub`]: [
          `repo:${owner}@${ownerId}/${repository}@${repositoryId}:${end}`,
          ...(github.legacySubject ? [`repo:${owner}/${repository}:${end}`] : []),
        ],
        // a subject that names the environment no longer names the ref: without this, any branch whose workflow names it gets in
        ...(byEnvironment ? { [`${GITHUB}:ref`]: GITHUB_REF[moment] } : {}),
      },
      // a ruleset of GitHub for `v*` does not protect `v1/x`: its star stands for no slash, and that of AWS for anything
      ...(moment === "tag"
        ? {
            StringNotLike: byEnvironment
              ? { [`${GITHUB}:ref`]: `${GITHUB_REF.tag}/*` }
              : { [`${GITHUB}:sub`]: `repo:*:ref:${GITHUB_REF.tag}/*` },
          }
        : {}),
    },
  };
}

const GITLAB_REF: Readonly<Record<Moment, string>> = {
  change: "ref_type:branch:ref:*",
  main: "ref_type:branch:ref:main",
  tag: "ref_type:tag:ref:v*",
};

function gitlabStatement({ host, project, providerArn }: GitlabTrust, moment: Moment): TrustStatement {
  return {
    ...taking(`Gitlab${capital(moment)}`, providerArn),
    Condition: {
      StringEquals: { [`${host}:aud`]: AUDIENCE },
      StringLike: { [`${host}:sub`]: [`project_path:${project}:${GITLAB_REF[moment]}`] },
    },
  };
}

function taking(Sid: string, providerArn: string): TrustStatement {
  return {
    Sid,
    Effect: "Allow",
    Principal: { Federated: providerArn },
    Action: ["sts:AssumeRoleWithWebIdentity"],
  };
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
