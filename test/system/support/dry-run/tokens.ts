import { STSClient, AssumeRoleWithWebIdentityCommand } from "@aws-sdk/client-sts";

/** What a host says of a job in the token that it signs. */
export interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly [name: string]: string;
}

export const gitHubIssuer = "https://token.actions.githubusercontent.com";
export const gitLabIssuer = "https://gitlab.com";

/** A repository on GitHub. */
export interface Repository {
  readonly owner: string;
  readonly ownerId: string;
  readonly repository: string;
  readonly repositoryId: string;
}

export interface GitHubMoment {
  readonly event: string;
  readonly ref: string;
  readonly environment?: string | undefined;
}

/** As GitHub makes it for a job; a job of an environment is named by it and no longer by its ref. */
export function gitHubClaims(
  { owner, ownerId, repository, repositoryId }: Repository,
  { event, ref, environment }: GitHubMoment,
): Claims {
  const end =
    environment !== undefined ? `environment:${environment}` : event === "pull_request" ? "pull_request" : `ref:${ref}`;
  return {
    iss: gitHubIssuer,
    sub: `repo:${owner}@${ownerId}/${repository}@${repositoryId}:${end}`,
    ref,
    repository: `${owner}/${repository}`,
    repository_id: repositoryId,
    repository_owner_id: ownerId,
    event_name: event,
    ...(environment === undefined ? {} : { environment }),
  };
}

/** As GitLab makes it for a job. */
export function gitLabClaims(project: string, type: "branch" | "tag", ref: string): Claims {
  return { iss: gitLabIssuer, sub: `project_path:${project}:ref_type:${type}:ref:${ref}`, project_path: project, ref };
}

/**
 * Seconds that tokens live: less than half of what GitHub gives, so that a deploy has to renew it, and enough for a busy machine to
 * come from one command to the next; on GitLab as long as the job.
 */
export const lives = { gitHub: 120, gitLab: 3600 } as const;

/** An unsigned token. */
export function tokenOf(claims: Claims, audience: string, seconds: number): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ ...claims, aud: audience, iat: now, exp: now + seconds })}.`;
}

/** Keys of a session. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Take a role with a token; throws what AWS answers. */
export async function takeRole(endpoint: string, role: string, token: string): Promise<Keys> {
  // a token is all that the caller has; the client wants keys all the same
  const credentials = { accessKeyId: "none", secretAccessKey: "none" };
  const client = new STSClient({ region: "us-east-1", endpoint, credentials, maxAttempts: 1 });
  try {
    const { Credentials: taken } = await client.send(
      new AssumeRoleWithWebIdentityCommand({ RoleArn: role, RoleSessionName: "dry-run", WebIdentityToken: token }),
    );
    return {
      accessKeyId: taken?.AccessKeyId ?? "",
      secretAccessKey: taken?.SecretAccessKey ?? "",
      sessionToken: taken?.SessionToken ?? "",
    };
  } finally {
    client.destroy();
  }
}
