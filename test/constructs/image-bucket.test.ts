import { AcmCertificate } from "@cdktf/provider-aws/lib/acm-certificate";
import { AcmCertificateValidation } from "@cdktf/provider-aws/lib/acm-certificate-validation";
import { CloudfrontDistribution } from "@cdktf/provider-aws/lib/cloudfront-distribution";
import { CloudfrontOriginAccessControl } from "@cdktf/provider-aws/lib/cloudfront-origin-access-control";
import { CloudwatchLogDelivery } from "@cdktf/provider-aws/lib/cloudwatch-log-delivery";
import { CloudwatchLogDeliveryDestination } from "@cdktf/provider-aws/lib/cloudwatch-log-delivery-destination";
import { CloudwatchLogDeliverySource } from "@cdktf/provider-aws/lib/cloudwatch-log-delivery-source";
import { IamAccessKey } from "@cdktf/provider-aws/lib/iam-access-key";
import { IamGroup } from "@cdktf/provider-aws/lib/iam-group";
import { IamGroupPolicy } from "@cdktf/provider-aws/lib/iam-group-policy";
import { IamUser } from "@cdktf/provider-aws/lib/iam-user";
import { IamUserGroupMembership } from "@cdktf/provider-aws/lib/iam-user-group-membership";
import { IamUserLoginProfile } from "@cdktf/provider-aws/lib/iam-user-login-profile";
import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketCorsConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-cors-configuration";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { ImageBucket, type ImageBucketProps } from "../../constructs/image-bucket";
import { Monitoring } from "../../constructs/monitoring";
import type { Context } from "../../constructs/shared/context";
import { StubPeer } from "../support/stubs";
import { synth, type Json, type ResourceType, type Synthesized } from "../support/synth";
import { withoutHash } from "../support/tasks";

type Input = Partial<Omit<ImageBucketProps, "context" | "monitoring">>;

interface Built {
  readonly images: ImageBucket;
  readonly monitoring: Monitoring;
  readonly peer: StubPeer;
  readonly stack: Synthesized;
}

function built(input: Input = {}, overrides: Partial<Context> = {}): Built {
  let parts: Omit<Built, "stack"> | undefined;
  const stack = synth((scope, context) => {
    const monitoring = new Monitoring(scope, "Monitoring", {
      context,
      alerts: { emails: ["alerts@example.com"], https: [] },
      budget: { monthlyUsd: 60, wholeAccount: true },
    });
    const images = new ImageBucket(scope, "Images", {
      context,
      monitoring,
      access: "public",
      domain: { none: true },
      ...input,
    });
    const peer = new StubPeer(scope, "Api");
    images.grantUpload(peer);
    parts = { images, monitoring, peer };
  }, overrides);
  return { ...parts!, stack };
}

const domain = { name: "shop.example.com", zoneId: "Z1" } as const;
const noLogs = { none: true, because: "not what is tested here" } as const;
const BUCKET = "aws_s3_bucket.Images_Storage_Bucket";
const LOGS = "aws_s3_bucket.Images_Cdn_AccessLogs_Bucket";

const statements = (body: Json): Json[] => (JSON.parse(body["policy"]) as Json)["Statement"] as Json[];
const policyOf = (stack: Synthesized): Json[] => statements(stack.named(S3BucketPolicy, "Images_Access_Policy"));
const blockOf = (stack: Synthesized): Json => stack.named(S3BucketPublicAccessBlock, "Images_Access_PublicAccessBlock");
const sids = (stack: Synthesized): string[] => policyOf(stack).map(({ Sid }) => Sid as string);

describe("public, and all defaults", () => {
  const { stack, images } = built();

  test("everybody reads objects below the prefix, and that is all they can", () => {
    const allowed = policyOf(stack).filter(({ Effect }) => Effect === "Allow");
    expect(allowed.map(({ Principal }) => Principal as unknown)).toEqual([
      "*",
      { Service: "cloudfront.amazonaws.com" },
    ]);
    for (const { Action, Resource } of allowed) {
      expect(Action).toBe("s3:GetObject");
      expect(withoutHash(Resource)).toBe(`\${${BUCKET}.arn}/images/*`);
    }
    expect(blockOf(stack)).toMatchObject({
      block_public_acls: true,
      ignore_public_acls: true,
      block_public_policy: false,
      restrict_public_buckets: false,
    });
  });

  test("the bucket is encrypted, owns its objects, and forgets unfinished uploads and old versions", () => {
    const storage = (type: ResourceType, id: string): Json => stack.named(type, `Images_Storage_${id}`);
    expect(storage(S3Bucket, "Bucket")).toMatchObject({ bucket: "shop-test-images-123456789012" });
    expect(storage(S3BucketOwnershipControls, "OwnershipControls")["rule"]).toEqual({
      object_ownership: "BucketOwnerEnforced",
    });
    expect(storage(S3BucketServerSideEncryptionConfigurationA, "Encryption")["rule"]).toEqual([
      { apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } },
    ]);
    expect(storage(S3BucketLifecycleConfiguration, "Lifecycle")["rule"]).toEqual([
      {
        id: "incomplete-uploads",
        status: "Enabled",
        filter: [{ prefix: "" }],
        abort_incomplete_multipart_upload: [{ days_after_initiation: 1 }],
      },
      {
        id: "old-versions",
        status: "Enabled",
        filter: [{ prefix: "" }],
        noncurrent_version_expiration: [{ noncurrent_days: 30 }],
        expiration: [{ expired_object_delete_marker: true }],
      },
    ]);
    expect(stack.has(S3BucketVersioningA)).toBe(false);
    expect(stack.has(S3BucketCorsConfiguration)).toBe(false);
  });

  test("CloudFront signs what it asks the bucket for", () => {
    expect(stack.one(CloudfrontOriginAccessControl)).toMatchObject({
      name: "shop-test-images",
      origin_access_control_origin_type: "s3",
      signing_behavior: "always",
      signing_protocol: "sigv4",
    });
    const [origin, ...others] = stack.one(CloudfrontDistribution)["origin"] as Json[];
    expect(others).toEqual([]);
    expect(withoutHash(origin!["domain_name"])).toBe(`\${${BUCKET}.bucket_regional_domain_name}`);
    expect(withoutHash(origin!["origin_access_control_id"])).toBe(
      "${aws_cloudfront_origin_access_control.Images_Cdn_OriginAccessControl.id}",
    );
  });

  test("CloudFront serves HTTPS over HTTP/2, 3 and IPv6, compressed, with the policies that AWS manages", () => {
    const distribution = stack.one(CloudfrontDistribution);
    expect(distribution).toMatchObject({
      enabled: true,
      http_version: "http2and3",
      is_ipv6_enabled: true,
      price_class: "PriceClass_100",
      wait_for_deployment: false,
      restrictions: { geo_restriction: { restriction_type: "none" } },
      viewer_certificate: { cloudfront_default_certificate: true },
    });
    expect(distribution["aliases"]).toBeUndefined();
    expect(distribution["default_cache_behavior"]).toEqual({
      target_origin_id: distribution["origin"][0].origin_id,
      viewer_protocol_policy: "redirect-to-https",
      allowed_methods: ["GET", "HEAD"],
      cached_methods: ["GET", "HEAD"],
      compress: true,
      cache_policy_id: "658327ea-f89d-4fab-a63d-7e88639e58f6",
      origin_request_policy_id: "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
      response_headers_policy_id: "e61eb60c-9c35-4d20-a928-2b84e02af89c",
    });
    expect(stack.has(AcmCertificate)).toBe(false);
    expect(stack.has(Route53Record)).toBe(false);
    expect(withoutHash(images.variables.IMAGES_BASE_URL)).toMatch(/^https:\/\/\$\{TfToken/);
  });

  test("logs are delivered from us-east-1 to a private bucket in the environment's region, for 30 days", () => {
    const parts = [CloudwatchLogDeliverySource, CloudwatchLogDeliveryDestination, CloudwatchLogDelivery] as const;
    const [source, destination, delivery] = parts.map((type) => stack.one(type)) as [Json, Json, Json];
    for (const { provider } of [source, destination, delivery]) expect(provider).toBe("aws.us_east_1");
    expect(source).toMatchObject({ name: "shop-test-images", log_type: "ACCESS_LOGS" });
    expect(withoutHash(source["resource_arn"])).toBe("${aws_cloudfront_distribution.Images_Cdn_Distribution.arn}");
    expect(destination["output_format"]).toBe("json");
    expect(withoutHash(destination["delivery_destination_configuration"][0].destination_resource_arn)).toBe(
      `\${${LOGS}.arn}`,
    );
    expect((delivery["depends_on"] as string[]).map(withoutHash)).toEqual([
      "aws_s3_bucket_policy.Images_Cdn_AccessLogs_Policy",
    ]);

    const logs = (type: ResourceType, id: string): Json => stack.named(type, `Images_Cdn_AccessLogs_${id}`);
    const bucket = logs(S3Bucket, "Bucket");
    expect(bucket).toMatchObject({ bucket: "shop-test-cdn-logs-123456789012" });
    expect(bucket["provider"]).toBeUndefined();
    expect(logs(S3BucketPublicAccessBlock, "PublicAccessBlock")).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(logs(S3BucketLifecycleConfiguration, "Lifecycle")["rule"][0].expiration).toEqual([{ days: 30 }]);
  });

  test("only the delivery of this distribution's logs writes there", () => {
    const [write, tls] = statements(stack.named(S3BucketPolicy, "Images_Cdn_AccessLogs_Policy"));
    expect(write).toMatchObject({
      Effect: "Allow",
      Principal: { Service: "delivery.logs.amazonaws.com" },
      Action: "s3:PutObject",
      Condition: {
        StringEquals: { "aws:SourceAccount": "123456789012", "s3:x-amz-acl": "bucket-owner-full-control" },
        ArnLike: { "aws:SourceArn": "arn:aws:logs:us-east-1:123456789012:delivery-source:shop-test-images" },
      },
    });
    expect(withoutHash(write!["Resource"])).toBe(`\${${LOGS}.arn}/AWSLogs/123456789012/*`);
    expect(tls).toMatchObject({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } });
  });
});

describe("who may read", () => {
  test("with cdn it is the one distribution, and the block is up", () => {
    const { stack } = built({ access: "cdn" });
    expect(sids(stack)).toEqual(["DistributionReads", "TlsOnly"]);
    const [{ Principal, Action, Resource, Condition }] = policyOf(stack) as [Json];
    expect(Principal).toEqual({ Service: "cloudfront.amazonaws.com" });
    expect(Action).toBe("s3:GetObject");
    expect(withoutHash(Resource)).toBe(`\${${BUCKET}.arn}/images/*`);
    expect(Object.keys(Condition as Json)).toEqual(["StringEquals"]);
    expect(Condition["StringEquals"]["aws:SourceAccount"]).toBe("123456789012");
    expect(withoutHash(Condition["StringEquals"]["aws:SourceArn"])).toBe(
      "${aws_cloudfront_distribution.Images_Cdn_Distribution.arn}",
    );
    expect(blockOf(stack)).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
  });

  test.each(["public", "cdn"] as const)(
    "with %s nobody comes without TLS, to the bucket or to its objects",
    (access) => {
      const denied = policyOf(built({ access }).stack).filter(({ Effect }) => Effect === "Deny");
      expect(denied).toHaveLength(1);
      expect(denied[0]).toMatchObject({
        Principal: "*",
        Action: "s3:*",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      });
      expect((denied[0]!["Resource"] as string[]).map(withoutHash)).toEqual([
        `\${${BUCKET}.arn}`,
        `\${${BUCKET}.arn}/*`,
      ]);
    },
  );

  test("another access changes the policy and the block, the block first, and nothing else", () => {
    const [open, closed] = (["public", "cdn"] as const).map((access) => built({ access }).stack) as [
      Synthesized,
      Synthesized,
    ];
    const resources = ({ json }: Synthesized): Record<string, string> =>
      Object.fromEntries(
        Object.entries(json["resource"] as Json).flatMap(([type, byId]) =>
          Object.entries(byId as Json).map(([id, body]) => [withoutHash(`${type}.${id}`), JSON.stringify(body)]),
        ),
      );
    const before = resources(open);
    const after = resources(closed);
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(Object.keys(after).filter((address) => after[address] !== before[address])).toEqual([
      "aws_s3_bucket_policy.Images_Access_Policy",
      "aws_s3_bucket_public_access_block.Images_Access_PublicAccessBlock",
    ]);
    const { depends_on } = closed.named(S3BucketPolicy, "Images_Access_Policy");
    expect((depends_on as string[]).map(withoutHash)).toEqual([
      "aws_s3_bucket_public_access_block.Images_Access_PublicAccessBlock",
    ]);
  });
});

describe("with everything set", () => {
  const { stack, images } = built({
    domain,
    host: "pictures.example.com",
    prefix: "photos",
    uploadOrigins: ["https://app.example.com", "http://localhost:5173"],
    versioning: true,
    noncurrentDays: 7,
    expireDays: 400,
    priceClass: "all",
    accessLogs: noLogs,
  });

  test("the prefix is everywhere", () => {
    expect(images.prefix).toBe("photos");
    for (const { Effect, Resource } of policyOf(stack)) {
      if (Effect === "Allow") expect(withoutHash(Resource)).toBe(`\${${BUCKET}.arn}/photos/*`);
    }
    expect(JSON.stringify(stack.one(IamGroupPolicy))).not.toMatch(/images\/\*/);
  });

  test("versions are kept for as long as asked, and objects expire", () => {
    expect(stack.one(S3BucketVersioningA)["versioning_configuration"]).toEqual({ status: "Enabled" });
    const lifecycle = stack.one(S3BucketLifecycleConfiguration);
    const [, versions, expire] = lifecycle["rule"] as Json[];
    expect(versions!["noncurrent_version_expiration"]).toEqual([{ noncurrent_days: 7 }]);
    expect(expire).toEqual({
      id: "expire",
      status: "Enabled",
      filter: [{ prefix: "photos/" }],
      expiration: [{ days: 400 }],
    });
    expect((lifecycle["depends_on"] as string[]).map(withoutHash)).toEqual([
      "aws_s3_bucket_versioning.Images_Storage_Versioning",
    ]);
  });

  test("only pages of these origins upload, and they read nothing that way", () => {
    expect(stack.one(S3BucketCorsConfiguration)["cors_rule"]).toEqual([
      {
        allowed_methods: ["PUT", "POST"],
        allowed_origins: ["https://app.example.com", "http://localhost:5173"],
        allowed_headers: ["cache-control", "content-md5", "content-type", "x-amz-*"],
        expose_headers: ["ETag"],
        max_age_seconds: 3600,
      },
    ]);
  });

  test("the host has a certificate of its own in us-east-1, and TLS 1.2 at least", () => {
    for (const type of [AcmCertificate, AcmCertificateValidation]) {
      expect(stack.one(type)["provider"]).toBe("aws.us_east_1");
    }
    expect(stack.one(AcmCertificate)).toMatchObject({ domain_name: "pictures.example.com", validation_method: "DNS" });
    const distribution = stack.one(CloudfrontDistribution);
    expect(distribution).toMatchObject({ aliases: ["pictures.example.com"], price_class: "PriceClass_All" });
    const { acm_certificate_arn, ...certificate } = distribution["viewer_certificate"] as Json;
    expect(certificate).toEqual({ minimum_protocol_version: "TLSv1.2_2021", ssl_support_method: "sni-only" });
    expect(withoutHash(acm_certificate_arn)).toBe(
      "${aws_acm_certificate_validation.Images_Cdn_Certificate_Validation.certificate_arn}",
    );
  });

  test("the host leads to the distribution, over IPv4 and IPv6", () => {
    const aliases = stack.all(Route53Record).filter(({ alias }) => alias !== undefined);
    expect(aliases.map(({ type }) => type as string).sort()).toEqual(["A", "AAAA"]);
    for (const { alias, name, zone_id } of aliases) {
      expect([name, zone_id]).toEqual(["pictures.example.com", "Z1"]);
      expect(withoutHash(alias.name)).toBe("${aws_cloudfront_distribution.Images_Cdn_Distribution.domain_name}");
      expect(withoutHash(alias.zone_id)).toBe("${aws_cloudfront_distribution.Images_Cdn_Distribution.hosted_zone_id}");
    }
    expect(images.baseUrl).toBe("https://pictures.example.com");
  });

  test("there are no logs", () => {
    expect(stack.one(S3Bucket)["bucket"]).toBe("shop-test-images-123456789012");
    expect(stack.has(CloudwatchLogDelivery)).toBe(false);
    expect(images.accessLogsBucketName).toBeUndefined();
  });
});

test("the host is below the environment's domain where none is set", () => {
  expect(built({ domain }).images.baseUrl).toBe("https://images.shop.example.com");
});

test("what has to be in us-east-1 needs no second provider there", () => {
  const { stack } = built({ domain }, { region: "us-east-1" });
  expect(stack.json["provider"]["aws"]).toHaveLength(1);
  for (const type of [AcmCertificate, CloudwatchLogDeliverySource, CloudwatchLogDelivery]) {
    expect(stack.one(type)["provider"]).toBeUndefined();
  }
});

describe("uploads", () => {
  const { stack, images, peer } = built({}, { permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/boundary" });

  test("a service writes, reads and deletes below the prefix, and lists nothing", () => {
    expect(Object.keys(peer.allowed)).toEqual(["UploadImages"]);
    const { actions, resources } = peer.allowed["UploadImages"]!;
    expect(actions).toEqual(["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]);
    expect(resources).toEqual([`${images.bucketArn}/images/*`]);
  });

  test("a user from outside does so too, through a group, and lists below the prefix", () => {
    const user = stack.one(IamUser);
    expect(user).toMatchObject({
      name: "shop-test-images-uploader",
      path: "/shop/test/",
      permissions_boundary: "arn:aws:iam::123456789012:policy/boundary",
    });
    expect(stack.one(IamGroup)).toMatchObject({ name: "shop-test-images-uploaders", path: "/shop/test/" });
    const { user: member, groups } = stack.one(IamUserGroupMembership);
    expect([member, ...groups].map(withoutHash)).toEqual([
      "${aws_iam_user.Images_Uploader_User.name}",
      "${aws_iam_group.Images_Uploader_Group.name}",
    ]);
    const { group } = stack.one(IamGroupPolicy);
    expect(withoutHash(group)).toBe("${aws_iam_group.Images_Uploader_Group.name}");
    const [list, objects, ...others] = statements(stack.one(IamGroupPolicy));
    expect(others).toEqual([]);
    expect(list).toMatchObject({
      Effect: "Allow",
      Action: ["s3:ListBucket"],
      Condition: { StringLike: { "s3:prefix": "images/*" } },
    });
    expect((list!["Resource"] as string[]).map(withoutHash)).toEqual([`\${${BUCKET}.arn}`]);
    expect(objects).toMatchObject({
      Effect: "Allow",
      Action: ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
    });
    expect((objects!["Resource"] as string[]).map(withoutHash)).toEqual([`\${${BUCKET}.arn}/images/*`]);
  });

  test("Terraform gives that user no key, no password and no secret value", () => {
    expect(stack.has(IamAccessKey)).toBe(false);
    expect(stack.has(IamUserLoginProfile)).toBe(false);
    expect(stack.has(SecretsmanagerSecretVersion)).toBe(false);
    expect(stack.one(SecretsmanagerSecret)["name"]).toBe("/shop/test/images/uploader-key");
  });
});

test("tools find everything in one parameter", () => {
  const { stack, images } = built({ domain, prefix: "photos" });
  const parameter = stack.one(SsmParameter);
  expect(parameter).toMatchObject({ name: "/shop/test/images", type: "String" });
  const contract = JSON.parse(parameter["value"]) as Json;
  expect(Object.fromEntries(Object.entries(contract).map(([key, value]) => [key, withoutHash(value)]))).toEqual({
    version: "1",
    bucket: `\${${BUCKET}.id}`,
    region: "eu-west-1",
    prefix: "photos",
    baseUrl: "https://images.shop.example.com",
    uploader: "${aws_iam_user.Images_Uploader_User.name}",
    keySecret: "${aws_secretsmanager_secret.Images_Uploader_Key.name}",
  });
  expect(images.variables).toEqual({
    IMAGES_BUCKET: images.bucketName,
    IMAGES_BASE_URL: "https://images.shop.example.com",
  });
});

test("a permanent environment keeps its objects, its address and its user, a temporary one goes with everything", () => {
  const guards = (lifetime: Context["lifetime"]): unknown => {
    const { stack } = built({}, { lifetime });
    const bucket = stack.named(S3Bucket, "Images_Storage_Bucket");
    return {
      objects: [bucket["force_destroy"], bucket["lifecycle"].prevent_destroy],
      logs: stack.named(S3Bucket, "Images_Cdn_AccessLogs_Bucket")["force_destroy"],
      address: stack.one(CloudfrontDistribution)["lifecycle"].prevent_destroy,
      user: stack.one(IamUser)["force_destroy"],
      recoveryDays: stack.one(SecretsmanagerSecret)["recovery_window_in_days"],
    };
  };
  expect(guards("permanent")).toEqual({
    objects: [false, true],
    logs: false,
    address: true,
    user: false,
    recoveryDays: 7,
  });
  expect(guards("temporary")).toEqual({
    objects: [true, false],
    logs: true,
    address: false,
    user: true,
    recoveryDays: 0,
  });
});

describe("alarms", () => {
  test("somebody looks when more than 5 % of requests fail for five minutes", () => {
    const { monitoring, images } = built();
    const watched = monitoring.watched.filter(({ section }) => section === "cdn");
    expect(watched).toHaveLength(1);
    expect(watched[0]).toMatchObject({
      alarmName: "shop-test-images-cdn-server-errors",
      runbook: "cdn-server-errors",
      metrics: {
        errors: {
          namespace: "AWS/CloudFront",
          name: "5xxErrorRate",
          dimensions: { DistributionId: images.distributionId, Region: "Global" },
          statistic: "Average",
        },
      },
      comparison: ">",
      threshold: 5,
      periodSec: 60,
      datapoints: 5,
      of: 5,
      missing: "notBreaching",
      global: true,
    });
  });

  test("without anybody to watch there are none", () => {
    const stack = synth((scope, context) => {
      new ImageBucket(scope, "Images", { context, access: "cdn", domain: { none: true } });
    });
    expect(stack.addresses().filter((address) => /alarm/i.test(address))).toEqual([]);
  });
});

describe("problems", () => {
  test("all are told at once", () => {
    const wrong = {
      access: "private",
      host: "localhost",
      prefix: "/Images",
      uploadOrigins: ["*"],
      versioning: "yes",
      noncurrentDays: 0,
      expireDays: 1.5,
      priceClass: "300",
      accessLogs: { retentionDays: 0 },
    };
    expect(() => built(wrong as unknown as Input)).toThrow(
      [
        "test/Images:",
        '  - access must be one of "public", "cdn", got "private"',
        '  - host must be a host name such as images.example.com, got "localhost"',
        '  - prefix must be lower-case words joined by hyphens, at most 40 characters, got "/Images"',
        '  - uploadOrigins[0] must be an origin such as https://app.example.com, got "*"',
        '  - versioning must be true or false, got "yes"',
        "  - noncurrentDays must be a whole number from 1 to 3650 days, got 0",
        "  - expireDays must be a whole number from 1 to 3650 days, got 1.5",
        '  - priceClass must be one of "100", "200", "all", got "300"',
        "  - accessLogs.retentionDays must be a whole number from 1 to 3650 days, got 0",
      ].join("\n"),
    );
  });

  test("access is a choice that must be made", () => {
    expect(() => built({ access: undefined } as unknown as Input)).toThrow(
      'test/Images:\n  - access is required: must be one of "public", "cdn"',
    );
  });

  test("a host needs a domain", () => {
    expect(() => built({ host: "images.example.com" })).toThrow(
      'test/Images:\n  - host needs a domain, got "images.example.com": give the environment a domain, or leave host out',
    );
  });
});
