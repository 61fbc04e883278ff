import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { Construct } from "constructs";
import type { Context } from "./shared/context";
import type { Grantee } from "./shared/grantee";
import { protectionOf } from "./shared/protection";
import { exceptSecret } from "./shared/common-scan-exceptions";

export interface ServiceSecretsProps {
  readonly context: Context;
  /** Names of all secrets of the environment's services. Twice the same name is one secret. */
  readonly names: readonly string[];
}

/**
 * The secrets of services, `<path>/secrets/<NAME>`, each $0.40 a month (us-east-1, 2026-11). They are made empty, so that no
 * value is ever in a file, a plan or the state; `npm run secrets -- set` writes it. A task does not start before its secrets
 * have values. Removing a name deletes the secret: at once in a temporary environment, within seven days in a permanent one.
 */
export class ServiceSecrets extends Construct {
  private readonly arnByName: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, { context, names }: ServiceSecretsProps) {
    super(scope, id);
    this.arnByName = Object.fromEntries(
      [...new Set(names)].sort().map((name) => [name, this.createSecret(context, name).arn]),
    );
  }

  /** Environment variables that hold these secrets. */
  public variablesFor(names: readonly string[]): Record<string, string> {
    return Object.fromEntries(names.map((name) => [name, this.arnOf(name)]));
  }

  /** Let `grantee` read these secrets, and no others. */
  public grantRead(grantee: Grantee, names: readonly string[]): void {
    if (names.length === 0) return;
    const arns = [...names].sort().map((name) => this.arnOf(name));
    grantee.allow("ReadServiceSecrets", ["secretsmanager:GetSecretValue"], arns);
  }

  private createSecret(context: Context, name: string): SecretsmanagerSecret {
    const secret = new SecretsmanagerSecret(this, name, {
      name: `${context.path}/secrets/${name}`,
      description: `${name} of services that list it`,
      recoveryWindowInDays: protectionOf(context).secretRecoveryDays,
    });
    exceptSecret(
      secret,
      "a key of somebody else's service, which only that service can change: `npm run secrets -- set` takes it",
    );
    return secret;
  }

  private arnOf(name: string): string {
    const arn = this.arnByName[name];
    if (arn === undefined) throw new Error(`${this.node.path} has no secret ${name}: pass it in names`);
    return arn;
  }
}
