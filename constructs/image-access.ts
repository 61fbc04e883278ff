import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { Construct } from "constructs";
import type { ImageBucketSettings } from "./settings/image-bucket";
import { exceptAllFromScan, exceptFromScan } from "./shared/scan-exception";

export interface ImageAccessProps {
  readonly access: ImageBucketSettings["access"];
  readonly account: string;
  readonly bucketArn: string;
  readonly bucketName: string;
  /** The distribution that reads in both modes. */
  readonly distributionArn: string;
  readonly prefix: string;
}

/**
 * Who reads the objects below the prefix: one CloudFront distribution, and with `public` everybody. Nobody lists, ACLs count for
 * nothing, and plain HTTP is refused. `public` needs an account whose own public access block is off.
 */
export class ImageAccess extends Construct {
  constructor(scope: Construct, id: string, props: ImageAccessProps) {
    super(scope, id);
    const isPublic = props.access === "public";
    const block = new S3BucketPublicAccessBlock(this, "PublicAccessBlock", {
      bucket: props.bucketName,
      blockPublicAcls: true,
      ignorePublicAcls: true,
      blockPublicPolicy: !isPublic,
      restrictPublicBuckets: !isPublic,
    });
    const policy = new S3BucketPolicy(this, "Policy", {
      bucket: props.bucketName,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [...(isPublic ? [everybodyReads(props)] : []), distributionReads(props), tlsOnly(props)],
      }),
      // S3 refuses a public policy while the block is up: the block changes first, whichever way
      dependsOn: [block],
    });
    if (isPublic) exceptPublic(block, policy);
  }
}

/** What `access: "public"` means, see docs/decisions/0009-image-access.md. */
function exceptPublic(block: S3BucketPublicAccessBlock, policy: S3BucketPolicy): void {
  const published = 'images.access is "public": everybody may read an object below the prefix whose key they know';
  exceptAllFromScan(block, {
    CKV_AWS_54: `${published}, and it is a policy that says so`,
    CKV_AWS_56: `${published}, also from other accounts`,
  });
  exceptFromScan(policy, "CKV_AWS_70", `${published}; the other statement for everybody denies plain HTTP`);
}

function everybodyReads({ bucketArn, prefix }: ImageAccessProps): object {
  return {
    Sid: "EverybodyReads",
    Effect: "Allow",
    Principal: "*",
    Action: "s3:GetObject",
    Resource: `${bucketArn}/${prefix}/*`,
  };
}

function distributionReads({ account, bucketArn, distributionArn, prefix }: ImageAccessProps): object {
  return {
    Sid: "DistributionReads",
    Effect: "Allow",
    Principal: { Service: "cloudfront.amazonaws.com" },
    Action: "s3:GetObject",
    Resource: `${bucketArn}/${prefix}/*`,
    // CloudFront asks for every customer: only our distribution is let in
    Condition: { StringEquals: { "aws:SourceAccount": account, "aws:SourceArn": distributionArn } },
  };
}

function tlsOnly({ bucketArn }: ImageAccessProps): object {
  return {
    Sid: "TlsOnly",
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [bucketArn, `${bucketArn}/*`],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}
