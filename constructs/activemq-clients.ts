import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { Construct } from "constructs";
import { SERVER_CLIENT } from "./mqtt/authorization-map";
import { exceptSecret } from "./shared/common-scan-exceptions";
import type { Context } from "./shared/context";
import type { Grantee } from "./shared/grantee";
import type { ActiveMqContract } from "./shared/mqtt-contract-v1";
import { protectionOf } from "./shared/protection";

export interface ActiveMqClientsProps {
  readonly context: Context;
  /** Names of the environment's clients; `server` comes of itself. */
  readonly names: readonly string[];
}

/**
 * The secrets of those who may connect, `<path>/mqtt/<client>`, each $0.40 a month (us-east-1, 2026-11), made empty: passwords are
 * the business of `npm run mqtt -- sync` and `rotate`, which give each client two logins in turn, so that no password is ever in
 * the state and none that works is taken away by a rotation.
 */
export class ActiveMqClients extends Construct {
  public readonly contract: Pick<ActiveMqContract, "clients" | "secretPrefix">;
  /** What the services are told, besides where the broker is. */
  public readonly secretVariables: Readonly<Record<string, string>>;

  private readonly serverSecretArn: string;

  constructor(scope: Construct, id: string, { context, names }: ActiveMqClientsProps) {
    super(scope, id);
    const server = this.createSecret(context, SERVER_CLIENT);
    for (const name of names) this.createSecret(context, name);
    this.serverSecretArn = server.arn;
    this.secretVariables = {
      MQTT_USERNAME: `${server.arn}:username::`,
      MQTT_PASSWORD: `${server.arn}:password::`,
    };
    // names alone: a parameter takes 4,096 characters, and a hundred clients fit
    this.contract = { clients: [SERVER_CLIENT, ...names], secretPrefix: secretPrefixOf(context) };
  }

  /** Let `grantee` read the login of the services. */
  public grantServerRead(grantee: Grantee): void {
    grantee.allow("ReadBrokerLogin", ["secretsmanager:GetSecretValue"], [this.serverSecretArn]);
  }

  private createSecret(context: Context, name: string): SecretsmanagerSecret {
    const secret = new SecretsmanagerSecret(this, name, {
      name: `${secretPrefixOf(context)}${name}`,
      description: `Login of ${name} on the MQTT broker`,
      recoveryWindowInDays: protectionOf(context).secretRecoveryDays,
    });
    exceptSecret(secret, "rotated by `npm run mqtt -- rotate`: the broker takes a new password only when it restarts");
    return secret;
  }
}

function secretPrefixOf({ path }: Context): string {
  return `${path}/mqtt/`;
}
