import type { ApplicationCredentials } from "./application-credentials";
import { databaseLoginsScript } from "./database-logins-script";
import type { FirstContainer } from "./shared/container-definition";

/** Its name in the task, and in what a release says. */
const CONTAINER = "logins";
const TMP_MIB = 4;
/** Any but root: psql needs no entry in the image's list of users. */
const USER = "1000:1000";
/** Seconds that it has; AWS takes no more than 120. It gives up waiting for others before. */
const TIMEOUT_SEC = 120;

export interface DatabaseLoginsProps {
  /** Logins to have on the instance in use: of what runs, and of its migrations. */
  readonly credentials: readonly Pick<ApplicationCredentials, "secretArn" | "secretArnsByUser">[];
  /** Secret of the administrator, with `username` and `password`. */
  readonly masterSecretArn: string;
  /** Certificates that the instance's is signed with, PEM. */
  readonly certificates: string;
}

/**
 * The first container of the migration task: it makes the roles and the logins of the database from their secrets, and alone is
 * given the administrator's. Running it again changes nothing but what somebody changed by hand. Logins older than those it is
 * given are removed, and their sessions ended.
 *
 * @param image any with `sh` and `psql`
 */
export function databaseLogins(
  { credentials, masterSecretArn, certificates }: DatabaseLoginsProps,
  image: string,
): FirstContainer {
  const [first] = credentials;
  if (first === undefined) throw new Error("no credentials to make logins from");
  const kept = credentials.flatMap(({ secretArnsByUser }) => Object.entries(secretArnsByUser));
  return {
    name: CONTAINER,
    image,
    entryPoint: ["sh", "-c"],
    user: USER,
    tmpMiB: TMP_MIB,
    timeoutSec: TIMEOUT_SEC,
    command: [databaseLoginsScript],
    variables: { DATABASE_CA: certificates, LOGINS: kept.map(([user]) => user).join(" ") },
    secretVariables: {
      PGHOST: `${first.secretArn}:host::`,
      PGPORT: `${first.secretArn}:port::`,
      PGDATABASE: `${first.secretArn}:dbname::`,
      PGUSER: `${masterSecretArn}:username::`,
      PGPASSWORD: `${masterSecretArn}:password::`,
      ...Object.fromEntries(kept.map(([user, arn]) => [`${user.toUpperCase()}_PASSWORD`, `${arn}:password::`])),
    },
  };
}
