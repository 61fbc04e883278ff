import { Construct } from "constructs";
import type { Context } from "./shared/context";
import { loginSecretName, type DatabaseRole } from "./shared/database-names";
import type { Grantee } from "./shared/grantee";
import { WriteOnlySecret } from "./write-only-secret";

const DESCRIPTIONS: Readonly<Record<DatabaseRole, (user: string) => string>> = {
  app: (user) => `Login ${user} of the application`,
  migrator: (user) => `Login ${user} of the application's migrations`,
};

export interface ApplicationCredentialsProps {
  readonly context: Context;
  /** `app` for what runs, `migrator` for what changes the schema. */
  readonly role: DatabaseRole;
  /** Which instance the login is for. */
  readonly generation: number;
  /** Address of that instance. */
  readonly host: string;
  readonly port: number;
  readonly databaseName: string;
  /** Number of the newest login; the one before it is kept. */
  readonly rotation: number;
  /** Logins on the other generations: what still runs may hold one, until a release after a switch. */
  readonly beside?: readonly ApplicationCredentials[];
}

/**
 * A login of the application on one database instance: user `<role>_<n>`, a member of the role, with a secret of its own for
 * each rotation n. Terraform makes the secrets; the migration task makes the logins from them (`databaseLogins`), and what each
 * role may do.
 *
 * Rotation n and n-1 both exist, so that what still runs with the login before keeps it until the next rotation. Every
 * existing generation has both, so that a switch between generations changes nothing but which secret is handed out.
 *
 * A secret is written once. What stands in it never changes: a rotation is another secret, the address of an instance is fixed
 * by its identifier, and so is the name of its database.
 */
export class ApplicationCredentials extends Construct {
  /** The role that every login is a member of. */
  public readonly role: DatabaseRole;
  /** Secret of the newest login. */
  public readonly secretArn: string;
  /** Secrets of all logins that are kept, by the name of the login, the oldest first. */
  public readonly secretArnsByUser: Readonly<Record<string, string>>;
  /**
   * What a container gets under which name, as ECS takes it (`<secret>:<key>::`). A task reads it when it starts: after a
   * rotation the next release hands out the new login.
   */
  public readonly secretVariables: Readonly<Record<string, string>>;
  /** The newest login. */
  public readonly user: string;

  private readonly beside: readonly ApplicationCredentials[];

  constructor(scope: Construct, id: string, props: ApplicationCredentialsProps) {
    super(scope, id);
    const { role, rotation } = props;
    const newest = this.createSecret(props, rotation);
    const before = rotation > 1 ? { [userOf(role, rotation - 1)]: this.createSecret(props, rotation - 1) } : {};

    this.role = role;
    this.secretArn = newest;
    this.secretArnsByUser = { ...before, [userOf(role, rotation)]: newest };
    this.secretVariables = {
      DATABASE_HOST: `${newest}:host::`,
      DATABASE_NAME: `${newest}:dbname::`,
      DATABASE_PASSWORD: `${newest}:password::`,
      DATABASE_PORT: `${newest}:port::`,
      DATABASE_URL: `${newest}:url::`,
      DATABASE_USER: `${newest}:user::`,
    };
    this.user = userOf(role, rotation);
    this.beside = props.beside ?? [];
  }

  /** Let `grantee` read every login that is kept, those on the other generations included. */
  public grantRead(grantee: Grantee): void {
    const arns = [this, ...this.beside].flatMap(({ secretArnsByUser }) => Object.values(secretArnsByUser));
    grantee.allow(`Read${this.node.id}`, ["secretsmanager:GetSecretValue"], arns);
  }

  private createSecret(props: ApplicationCredentialsProps, rotation: number): string {
    const { context, role, generation, host, port, databaseName } = props;
    const user = userOf(role, rotation);
    const { arn } = new WriteOnlySecret(this, `Rotation${rotation}`, {
      context,
      name: loginSecretName(role, generation, rotation),
      description: `${DESCRIPTIONS[role](user)} on database generation ${generation}`,
      version: 1,
      value: (password) => ({
        user,
        password: `\${${password}}`,
        host,
        // text: ECS hands out a key as it stands
        port: String(port),
        dbname: databaseName,
        url: `postgresql://${user}:\${urlencode(${password})}@${host}:${port}/${databaseName}?sslmode=verify-full`,
      }),
    });
    return arn;
  }
}

function userOf(role: DatabaseRole, rotation: number): string {
  return `${role}_${rotation}`;
}
