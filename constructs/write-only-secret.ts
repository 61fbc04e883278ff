import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { Fn, Op, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { Context } from "./shared/context";
import { protectionOf } from "./shared/protection";
import { exceptSecret } from "./shared/common-scan-exceptions";

// letters and digits only: 190 bits that survive every shell, URL and connection string
const PASSWORD = { password_length: 32, exclude_punctuation: true } as const;

export interface WriteOnlySecretProps {
  readonly context: Context;
  /** Name below the environment's path: `database/app-1-1` becomes `/<project>/<environment>/database/app-1-1`. */
  readonly name: string;
  readonly description: string;
  /** Raising it makes a new password and writes the value again; nothing else does. */
  readonly version: number;
  /**
   * The keys of the JSON that the secret holds. Values are Terraform templates without quotation marks; `password` is the
   * generated password as an expression, for use in `${}`.
   */
  readonly value: (password: string) => Readonly<Record<string, string>>;
}

/**
 * A secret with a generated password that only AWS ever stores: Terraform makes it in memory (an ephemeral value), sends it as
 * a write-only argument, and keeps neither in state nor in plans. Every run generates one; it is thrown away unless `version`
 * changed.
 *
 * A temporary environment deletes the secret at once; a permanent one can bring it back for seven days, in which its name stays
 * taken.
 */
export class WriteOnlySecret extends Construct {
  public readonly arn: string;
  /** Name of the ephemeral values: that of the secret's own address. */
  private readonly ephemeralName: string;
  private readonly version: SecretsmanagerSecretVersion;

  constructor(scope: Construct, id: string, { context, name, description, version, value }: WriteOnlySecretProps) {
    super(scope, id);
    const secret = new SecretsmanagerSecret(this, "Secret", {
      name: `${context.path}/${name}`,
      description,
      recoveryWindowInDays: protectionOf(context).secretRecoveryDays,
    });
    exceptSecret(
      secret,
      "rotated by raising a number in the environment's file: tasks get a password when they start, and one that is changed by the clock breaks those that run",
    );
    this.ephemeralName = secret.friendlyUniqueId;
    const password = this.addEphemeral("aws_secretsmanager_random_password", PASSWORD);
    this.version = new SecretsmanagerSecretVersion(this, "Version", {
      secretId: secret.id,
      secretStringWo: jsonOf(value(`${password}.random_password`)),
      secretStringWoVersion: version,
    });
    this.arn = secret.arn;
  }

  /**
   * What the secret really holds under `key`, read back once it is written; for write-only arguments. A password that goes to
   * two places must come from here: where a run ends between the two, the next one continues with the stored password, not
   * with another one.
   */
  public stored(key: string): string {
    const written = this.addEphemeral("aws_secretsmanager_secret_version", {
      secret_id: this.version.secretId,
      // unknown until this run wrote the secret, so that Terraform does not read it earlier. What hangs on the time is unknown to
      // every plan besides: whoever plans must not need what is in secrets
      version_id: Fn.conditional(Op.eq(Fn.timestamp(), "never"), "", this.version.versionId),
    });
    return `\${jsondecode(${written}.secret_string)["${key}"]}`;
  }

  /** cdktf has no ephemeral resources; the returned address is what they are referred to by. */
  private addEphemeral(type: string, config: Readonly<Record<string, unknown>>): string {
    const address = `ephemeral.${type}.${this.ephemeralName}`;
    TerraformStack.of(this).addOverride(address, config);
    return address;
  }
}

/** One Terraform expression that makes the JSON, so that no part of it stands anywhere else. */
function jsonOf(value: Readonly<Record<string, string>>): string {
  const members = Object.entries(value).map(([key, template]) => `${key} = "${template}"`);
  return `\${jsonencode({ ${members.join(", ")} })}`;
}
