import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Context } from "./shared/context";
import { guardBucket } from "./shared/guard-bucket";
import { protectionOf } from "./shared/protection";
import { exceptBucket } from "./shared/common-scan-exceptions";

/** The service of AWS that writes the logs, and on whose behalf it may. */
export interface LogWriter {
  /** Such as `delivery.logs.amazonaws.com`. */
  readonly service: string;
  /** Conditions of the permission, as IAM writes them: the service writes for every customer of AWS. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface LogBucketProps {
  readonly context: Context;
  /** What is logged; the bucket is `<project>-<environment>-<name>-<account>`. */
  readonly name: string;
  /** Days after which a log is deleted. */
  readonly retentionDays: number;
  readonly writer: LogWriter;
}

/**
 * A private bucket that one service of AWS writes logs to, below `AWSLogs/<account>/`, and nobody else. Not versioned: a log is
 * written once, and a deleted one should be gone.
 */
export class LogBucket extends Construct {
  /** What a writer must wait for: AWS tries to write when logging is switched on. */
  public readonly after: readonly ITerraformDependable[];
  public readonly bucketArn: string;
  public readonly bucketName: string;

  constructor(scope: Construct, id: string, { context, name, retentionDays, writer }: LogBucketProps) {
    super(scope, id);
    const bucket = new S3Bucket(this, "Bucket", {
      // bucket names are one namespace for the whole world; the account makes it ours
      bucket: `${context.name}-${name}-${context.account}`,
      forceDestroy: protectionOf(context).forceDestroy,
    });
    exceptBucket(bucket, {
      oneRegion: "logs are read where they were written, and a copy of them is not worth its price",
      key: "S3's own key: load balancers write to no bucket with a KMS key",
      unlogged: "holds logs: a log of who writes logs would be written for every log",
      silent: "nothing waits for a log",
      unversioned: "a log is written once and never changed, and a deleted one should be gone",
    });
    // S3's own key: load balancers write to no bucket with KMS keys
    guardBucket(this, bucket.id);
    this.createLifecycle(bucket.id, retentionDays);
    this.after = [this.createPolicy(bucket, context, writer)];
    this.bucketArn = bucket.arn;
    this.bucketName = bucket.id;
  }

  private createLifecycle(bucket: string, days: number): void {
    new S3BucketLifecycleConfiguration(this, "Lifecycle", {
      bucket,
      rule: [
        {
          id: "expire",
          status: "Enabled",
          filter: [{ prefix: "" }],
          expiration: [{ days }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: 1 }],
        },
      ],
    });
  }

  private createPolicy(bucket: S3Bucket, { account }: Context, { service, conditions }: LogWriter): S3BucketPolicy {
    return new S3BucketPolicy(this, "Policy", {
      bucket: bucket.id,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "WriteAccessLogs",
            Effect: "Allow",
            Principal: { Service: service },
            Action: "s3:PutObject",
            Resource: `${bucket.arn}/AWSLogs/${account}/*`,
            Condition: conditions,
          },
          {
            Sid: "TlsOnly",
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [bucket.arn, `${bucket.arn}/*`],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ],
      }),
    });
  }
}
