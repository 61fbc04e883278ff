import { Construct } from "constructs";
import type { Context } from "./shared/context";
import type { Grantee } from "./shared/grantee";
import { WriteOnlySecret } from "./write-only-secret";

/** The role that owns the application's tables; nobody logs in as it. */
const ROLE = "app";

export interface ApplicationCredentialsProps {
  readonly context: Context;
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
 * The application's login on one database instance: user `app_<n>`, a member of role `app`, with a secret of its own for each
 * rotation n. Terraform makes the secrets; the migration task makes the logins from them.
 *
 * Rotation n and n-1 both exist, so that what still runs with the login before keeps it until the next rotation. Every
 * existing generation has both, so that a switch between generations changes nothing but which secret is handed out.
 *
 * A secret is written once. What stands in it never changes: a rotation is another secret, the address of an instance is fixed
 * by its identifier, and so is the name of its database.
 */
export class ApplicationCredentials extends Construct {
  /** The role that every login is a member of. */
  public readonly role = ROLE;
  /** Secret of the newest login. */
  public readonly secretArn: string;
  /** Secrets of all logins that are kept, by the number of their rotation. */
  public readonly secretArnsByRotation: Readonly<Record<number, string>>;
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
    const { rotation } = props;
    const newest = this.createSecret(props, rotation);
    const before = rotation > 1 ? { [rotation - 1]: this.createSecret(props, rotation - 1) } : {};

    this.secretArn = newest;
    this.secretArnsByRotation = { ...before, [rotation]: newest };
    this.secretVariables = {
      DATABASE_HOST: `${newest}:host::`,
      DATABASE_NAME: `${newest}:dbname::`,
      DATABASE_PASSWORD: `${newest}:password::`,
      DATABASE_PORT: `${newest}:port::`,
      DATABASE_URL: `${newest}:url::`,
      DATABASE_USER: `${newest}:user::`,
    };
    this.user = userOf(rotation);
    this.beside = props.beside ?? [];
  }

  /** Let `grantee` read every login that is kept, those on the other generations included. */
  public grantRead(grantee: Grantee): void {
    const arns = [this, ...this.beside].flatMap(({ secretArnsByRotation }) => Object.values(secretArnsByRotation));
    grantee.allow(`Read${this.node.id}`, ["secretsmanager:GetSecretValue"], arns);
  }

  private createSecret(props: ApplicationCredentialsProps, rotation: number): string {
    const { context, generation, host, port, databaseName } = props;
    const user = userOf(rotation);
    const { arn } = new WriteOnlySecret(this, `Rotation${rotation}`, {
      context,
      name: `database/app-${generation}-${rotation}`,
      description: `Login ${user} of the application on database generation ${generation}`,
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

function userOf(rotation: number): string {
  return `${ROLE}_${rotation}`;
}
