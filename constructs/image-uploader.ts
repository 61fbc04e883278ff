import { IamGroup } from "@cdktf/provider-aws/lib/iam-group";
import { IamGroupPolicy } from "@cdktf/provider-aws/lib/iam-group-policy";
import { IamUser } from "@cdktf/provider-aws/lib/iam-user";
import { IamUserGroupMembership } from "@cdktf/provider-aws/lib/iam-user-group-membership";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { Construct } from "constructs";
import { boundaryOf, type Context } from "./shared/context";
import { protectionOf } from "./shared/protection";
import { exceptSecret } from "./shared/common-scan-exceptions";
import { exceptFromScan } from "./shared/scan-exception";

export interface ImageUploaderProps {
  readonly context: Context;
  readonly bucketArn: string;
  readonly prefix: string;
}

/**
 * An IAM user for uploads from outside AWS, with no way into the console and no access key: `npm run images -- key` issues one
 * straight into the secret, so that no state and no plan ever holds it. Without a key the user can do nothing. What runs in the
 * environment does not need it; it takes `grantUpload` of the bucket.
 *
 * The secret costs $0.40 a month (us-east-1, 2026-11), with or without a value.
 */
export class ImageUploader extends Construct {
  /** Name of the secret of the access key. */
  public readonly keySecretName: string;
  /** Name of the user. */
  public readonly userName: string;

  constructor(scope: Construct, id: string, props: ImageUploaderProps) {
    super(scope, id);
    const { context } = props;
    const { forceDestroy, secretRecoveryDays } = protectionOf(context);
    const user = new IamUser(this, "User", {
      name: `${context.name}-images-uploader`,
      path: context.iamPath,
      ...boundaryOf(context),
      // keys are issued outside Terraform: a temporary environment goes with them
      forceDestroy,
    });
    exceptFromScan(
      user,
      "CKV_AWS_273",
      "uploads from outside AWS, where no role can be taken on: it has no console, no key until one is issued, and may write below one prefix",
    );
    new IamUserGroupMembership(this, "Membership", { user: user.name, groups: [this.createGroup(props)] });

    const secret = new SecretsmanagerSecret(this, "Key", {
      name: `${context.path}/images/uploader-key`,
      description: `Access key of ${context.name}-images-uploader, put here by npm run images`,
      recoveryWindowInDays: secretRecoveryDays,
    });
    exceptSecret(
      secret,
      "rotated by `npm run images -- key`: whoever uploads is outside AWS, and must take the new key over first",
    );
    this.keySecretName = secret.name;
    this.userName = user.name;
  }

  private createGroup({ context, bucketArn, prefix }: ImageUploaderProps): string {
    const group = new IamGroup(this, "Group", { name: `${context.name}-images-uploaders`, path: context.iamPath });
    new IamGroupPolicy(this, "Permissions", {
      name: "Upload",
      group: group.name,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "ListPrefix",
            Effect: "Allow",
            Action: ["s3:ListBucket"],
            Resource: [bucketArn],
            Condition: { StringLike: { "s3:prefix": `${prefix}/*` } },
          },
          {
            Sid: "ObjectsBelowPrefix",
            Effect: "Allow",
            Action: ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            Resource: [`${bucketArn}/${prefix}/*`],
          },
        ],
      }),
    });
    return group.name;
  }
}
