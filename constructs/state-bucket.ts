import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { Construct } from "constructs";
import { exceptBucket } from "./shared/common-scan-exceptions";
import type { Context } from "./shared/context";
import { stateBucketName } from "./shared/pipeline-names";
import { guardBucket } from "./shared/guard-bucket";
import { protectionOf } from "./shared/protection";

/** Days for which an overwritten state can be brought back: as long as a mistake may go unseen. */
const OLD_VERSIONS_DAYS = 90;
/** Versions that stay however old they are: a state that nobody changed for a year still has some before it. */
const OLD_VERSIONS_KEPT = 20;

export interface StateBucketProps {
  readonly context: Context;
}

/**
 * The bucket of the Terraform state of an account: versioned, encrypted, private and reached by TLS alone. Losing it is losing
 * the knowledge of what is deployed, so a permanent one refuses to be destroyed.
 */
export class StateBucket extends Construct {
  public readonly bucketArn: string;
  public readonly bucketName: string;

  constructor(scope: Construct, id: string, { context }: StateBucketProps) {
    super(scope, id);
    const { protect, forceDestroy } = protectionOf(context);
    const bucket = new S3Bucket(this, "Bucket", {
      bucket: stateBucketName(context.project, context.account),
      forceDestroy,
      lifecycle: { preventDestroy: protect },
    });
    exceptBucket(bucket, {
      oneRegion: "lost with its region the state is imported anew from what is there; its old versions undo mistakes",
      unlogged:
        "data events of a trail tell who read or wrote a state, where one wants to know; logs of S3 come late and not all",
      silent: "Terraform alone writes here and says what it did; nothing acts on a new state",
      key: "encrypted with S3's own key: who may read which state is in the roles, and a lost key would take every state with it",
    });
    // S3's own key: roles are told apart by the names of objects
    guardBucket(this, bucket.id);
    this.createVersions(bucket.id);
    this.createPolicy(bucket, context);
    this.bucketArn = bucket.arn;
    this.bucketName = bucket.id;
  }

  private createVersions(bucket: string): void {
    const versioning = new S3BucketVersioningA(this, "Versioning", {
      bucket,
      versioningConfiguration: { status: "Enabled" },
    });
    new S3BucketLifecycleConfiguration(this, "Lifecycle", {
      bucket,
      rule: [
        {
          id: "old-versions",
          status: "Enabled",
          filter: [{ prefix: "" }],
          noncurrentVersionExpiration: [
            { noncurrentDays: OLD_VERSIONS_DAYS, newerNoncurrentVersions: OLD_VERSIONS_KEPT },
          ],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: 1 }],
        },
      ],
      // rules for old versions mean nothing before there are versions
      dependsOn: [versioning],
    });
  }

  private createPolicy(bucket: S3Bucket, { project, account }: Context): void {
    new S3BucketPolicy(this, "Policy", {
      bucket: bucket.id,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "TlsOnly",
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [bucket.arn, `${bucket.arn}/*`],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
          {
            // a person runs on a machine what is in it: nothing that pipelines are or make comes near
            Sid: "KeepStateOfBootstrap",
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [`${bucket.arn}/${project}/bootstrap-*`],
            Condition: {
              ArnLike: {
                "aws:PrincipalArn": ["role", "user"].map((kind) => `arn:aws:iam::${account}:${kind}/${project}/*`),
              },
            },
          },
        ],
      }),
    });
  }
}
