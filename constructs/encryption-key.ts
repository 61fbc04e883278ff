import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Construct } from "constructs";
import type { Context } from "./shared/context";
import { protectionOf } from "./shared/protection";

export interface EncryptionKeyProps {
  readonly context: Context;
  /** What it encrypts; its alias is `alias/<project>-<environment>-<name>`. */
  readonly name: string;
}

/**
 * A key of the account's own ($1 a month, us-east-1, 2026-11), rotated every year. Destroying it makes unreadable whatever it
 * encrypted, snapshots included, once its waiting time is over: 30 days in a permanent environment, 7 in a temporary one.
 */
export class EncryptionKey extends Construct {
  public readonly arn: string;

  constructor(scope: Construct, id: string, { context, name }: EncryptionKeyProps) {
    super(scope, id);
    const { protect, keyDeletionDays } = protectionOf(context);
    const key = new KmsKey(this, "Key", {
      description: `${context.name} ${name}`,
      enableKeyRotation: true,
      deletionWindowInDays: keyDeletionDays,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            // leaves the decision to IAM; without it nobody could ever change the key
            Sid: "Account",
            Effect: "Allow",
            Principal: { AWS: `arn:aws:iam::${context.account}:root` },
            Action: "kms:*",
            Resource: "*",
          },
        ],
      }),
      lifecycle: { preventDestroy: protect },
    });
    new KmsAlias(this, "Alias", { name: `alias/${context.name}-${name}`, targetKeyId: key.keyId });
    this.arn = key.arn;
  }
}
