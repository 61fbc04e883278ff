import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketCorsConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-cors-configuration";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { Construct } from "constructs";
import type { ImageBucketSettings } from "./settings/image-bucket";
import { exceptBucket } from "./shared/common-scan-exceptions";
import type { Context } from "./shared/context";
import { protectionOf } from "./shared/protection";
import { exceptFromScan } from "./shared/scan-exception";

export interface ImageStorageProps {
  readonly context: Context;
  readonly settings: Pick<
    ImageBucketSettings,
    "access" | "expireDays" | "noncurrentDays" | "prefix" | "uploadOrigins" | "versioning"
  >;
}

/** Where objects are kept: encrypted, owned by the bucket alone, without ACLs. `ImageAccess` says who reads them. */
export class ImageStorage extends Construct {
  public readonly bucketArn: string;
  public readonly bucketName: string;
  /** Host of the bucket in its region, which CloudFront fetches from. */
  public readonly domainName: string;

  constructor(scope: Construct, id: string, { context, settings }: ImageStorageProps) {
    super(scope, id);
    const { protect, forceDestroy } = protectionOf(context);
    const bucket = new S3Bucket(this, "Bucket", {
      // bucket names are one namespace for the whole world; the account makes it ours
      bucket: `${context.name}-images-${context.account}`,
      forceDestroy,
      lifecycle: { preventDestroy: protect },
    });
    exceptBucket(bucket, {
      oneRegion: "surviving the loss of a region, which nothing else here does, would double what storage costs",
      key: "S3's own key: CloudFront needs a grant on every other, and anonymous readers cannot use one at all",
      unlogged: "what is here is published: who reads it need not be known, and only one user and the services write",
      silent: "nothing has to be done with a picture that has come",
      unversioned: settings.versioning
        ? undefined
        : "keys hold a hash of the content: another picture is another object",
    });
    if (settings.access === "public") {
      exceptFromScan(
        bucket,
        "CKV2_AWS_6",
        "publishing is what it is for: ACLs are blocked, and a policy lets everybody read one prefix and list nothing",
      );
    }
    this.createGuards(bucket.id);
    this.createLifecycle(bucket.id, settings);
    this.createUploadOrigins(bucket.id, settings);

    this.bucketArn = bucket.arn;
    this.bucketName = bucket.id;
    this.domainName = bucket.bucketRegionalDomainName;
  }

  private createGuards(bucket: string): void {
    new S3BucketOwnershipControls(this, "OwnershipControls", {
      bucket,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    new S3BucketServerSideEncryptionConfigurationA(this, "Encryption", {
      bucket,
      // S3's own keys: CloudFront would need a grant on every other, and anonymous readers cannot use one at all
      rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });
  }

  private createLifecycle(bucket: string, settings: ImageStorageProps["settings"]): void {
    const { expireDays, noncurrentDays, prefix, versioning } = settings;
    const versions = versioning ? [this.createVersioning(bucket)] : [];
    new S3BucketLifecycleConfiguration(this, "Lifecycle", {
      bucket,
      rule: [
        {
          id: "incomplete-uploads",
          status: "Enabled",
          filter: [{ prefix: "" }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: 1 }],
        },
        {
          // also where versioning is off: it may have been on
          id: "old-versions",
          status: "Enabled",
          filter: [{ prefix: "" }],
          noncurrentVersionExpiration: [{ noncurrentDays }],
          expiration: [{ expiredObjectDeleteMarker: true }],
        },
        ...(expireDays === undefined
          ? []
          : [
              {
                id: "expire",
                status: "Enabled",
                filter: [{ prefix: `${prefix}/` }],
                expiration: [{ days: expireDays }],
              },
            ]),
      ],
      dependsOn: versions,
    });
  }

  /** Taking it away suspends versioning: what was kept stays until the lifecycle deletes it. */
  private createVersioning(bucket: string): S3BucketVersioningA {
    return new S3BucketVersioningA(this, "Versioning", { bucket, versioningConfiguration: { status: "Enabled" } });
  }

  private createUploadOrigins(bucket: string, { uploadOrigins }: ImageStorageProps["settings"]): void {
    if (uploadOrigins.length === 0) return;
    new S3BucketCorsConfiguration(this, "UploadOrigins", {
      bucket,
      corsRule: [
        {
          // reading goes through the CDN, which answers every origin
          allowedMethods: ["PUT", "POST"],
          allowedOrigins: [...uploadOrigins],
          allowedHeaders: ["cache-control", "content-md5", "content-type", "x-amz-*"],
          exposeHeaders: ["ETag"],
          maxAgeSeconds: 3600,
        },
      ],
    });
  }
}
