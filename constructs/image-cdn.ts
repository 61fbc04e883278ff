import { CloudfrontDistribution } from "@cdktf/provider-aws/lib/cloudfront-distribution";
import { CloudfrontOriginAccessControl } from "@cdktf/provider-aws/lib/cloudfront-origin-access-control";
import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { Construct } from "constructs";
import { imageCdnAlarms } from "./alarms/image-cdn-alarms";
import { CdnAccessLogs } from "./cdn-access-logs";
import { Certificate } from "./certificate";
import type { Monitoring } from "./monitoring";
import type { ImageBucketSettings } from "./settings/image-bucket";
import type { Context } from "./shared/context";
import { protectionOf } from "./shared/protection";
import { exceptAllFromScan } from "./shared/scan-exception";
import { usEast1 } from "./shared/us-east-1";

// policies that AWS manages have the same ids in every account
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
/** A day by default and a year at most, as the object's `Cache-Control` says; gzip and Brotli. */
const CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6";
const CORS_S3_ORIGIN = "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf";
/** `Access-Control-Allow-Origin: *`, HSTS, `nosniff` and the like. */
const CORS_AND_SECURITY_HEADERS = "e61eb60c-9c35-4d20-a928-2b84e02af89c";

const ORIGIN = "bucket";

/** The name that a CDN answers to and the zone that it is in, or none: then it has CloudFront's own. */
export type ImageCdnHost = { readonly none: true } | { readonly name: string; readonly zoneId: string };

export interface ImageCdnProps {
  readonly context: Context;
  readonly host: ImageCdnHost;
  /** Host of the bucket that it fetches from. */
  readonly originDomainName: string;
  readonly settings: Pick<ImageBucketSettings, "accessLogs" | "priceClass">;
  readonly monitoring?: Monitoring | undefined;
}

/**
 * The CDN before a bucket: HTTPS alone, over HTTP/2 and 3 and IPv6. It signs what it asks the bucket for, so that the bucket can
 * be private. No query string reaches the bucket or tells cached objects apart.
 */
export class ImageCdn extends Construct {
  /** Bucket of the access logs, if there are any. */
  public readonly accessLogsBucketName: string | undefined;
  /** `https://<host>`. */
  public readonly baseUrl: string;
  public readonly distributionArn: string;
  public readonly distributionId: string;

  constructor(scope: Construct, id: string, props: ImageCdnProps) {
    super(scope, id);
    const { context, host, settings, monitoring } = props;
    const distribution = this.createDistribution(props);
    if ("name" in host) this.createRecords(distribution, host);

    this.accessLogsBucketName = this.createAccessLogs(context, settings, distribution.arn);
    this.baseUrl = `https://${"name" in host ? host.name : distribution.domainName}`;
    this.distributionArn = distribution.arn;
    this.distributionId = distribution.id;
    this.createAlarms(monitoring);
  }

  private createDistribution({ context, host, originDomainName, settings }: ImageCdnProps): CloudfrontDistribution {
    const name = `${context.name}-images`;
    const control = new CloudfrontOriginAccessControl(this, "OriginAccessControl", {
      name,
      description: "Signs what CloudFront asks the image bucket for",
      originAccessControlOriginType: "s3",
      signingBehavior: "always",
      signingProtocol: "sigv4",
    });
    const distribution = new CloudfrontDistribution(this, "Distribution", {
      ...this.createHostname(context, host),
      comment: name,
      enabled: true,
      httpVersion: "http2and3",
      isIpv6Enabled: true,
      priceClass: settings.priceClass === "all" ? "PriceClass_All" : `PriceClass_${settings.priceClass}`,
      origin: [{ originId: ORIGIN, domainName: originDomainName, originAccessControlId: control.id }],
      defaultCacheBehavior: {
        targetOriginId: ORIGIN,
        viewerProtocolPolicy: "redirect-to-https",
        allowedMethods: ["GET", "HEAD"],
        cachedMethods: ["GET", "HEAD"],
        compress: true,
        cachePolicyId: CACHING_OPTIMIZED,
        originRequestPolicyId: CORS_S3_ORIGIN,
        responseHeadersPolicyId: CORS_AND_SECURITY_HEADERS,
      },
      restrictions: { geoRestriction: { restrictionType: "none" } },
      // a change reaches every edge within minutes; nothing that follows needs it to
      waitForDeployment: false,
      tags: { Name: name },
      // without a host of our own its name is in every address that was ever handed out
      lifecycle: { preventDestroy: protectionOf(context).protect },
    });
    exceptDistribution(distribution, host, settings);
    return distribution;
  }

  private createHostname(context: Context, host: ImageCdnHost) {
    // CloudFront's own certificate fixes the TLS policy that it comes with
    if ("none" in host) return { viewerCertificate: { cloudfrontDefaultCertificate: true } };
    const certificate = new Certificate(this, "Certificate", {
      domainName: host.name,
      hosts: [],
      zoneId: host.zoneId,
      ...usEast1(this, context),
    });
    return {
      aliases: [host.name],
      viewerCertificate: {
        acmCertificateArn: certificate.arn,
        minimumProtocolVersion: "TLSv1.2_2021",
        sslSupportMethod: "sni-only",
      },
    };
  }

  private createRecords(
    { domainName, hostedZoneId }: CloudfrontDistribution,
    { name, zoneId }: Extract<ImageCdnHost, { readonly name: string }>,
  ): void {
    const records = new Construct(this, "Records");
    for (const type of ["A", "AAAA"]) {
      new Route53Record(records, type, {
        zoneId,
        name,
        type,
        alias: { name: domainName, zoneId: hostedZoneId, evaluateTargetHealth: false },
      });
    }
  }

  private createAccessLogs(
    context: Context,
    { accessLogs }: ImageCdnProps["settings"],
    distributionArn: string,
  ): string | undefined {
    if ("none" in accessLogs) return undefined;
    const { retentionDays } = accessLogs;
    return new CdnAccessLogs(this, "AccessLogs", { context, distributionArn, name: "images", retentionDays })
      .bucketName;
  }

  private createAlarms(monitoring: Monitoring | undefined): void {
    if (monitoring === undefined) return;
    const scope = new Construct(this, "Alarms");
    const alarms = imageCdnAlarms({ distributionId: this.distributionId });
    for (const [id, spec] of Object.entries(alarms)) monitoring.watch(scope, id, spec);
  }
}

/** Why a CDN of pictures that everybody may see lacks what a site would need. */
function exceptDistribution(
  distribution: CloudfrontDistribution,
  host: ImageCdnHost,
  { accessLogs }: ImageCdnProps["settings"],
): void {
  const noFirewall = "hands out what everybody may see and takes nothing in: a firewall would be paid for each request";
  const noHost =
    "the environment has no domain: CloudFront's own name comes with its own certificate, and with it the TLS policy";
  exceptAllFromScan(distribution, {
    CKV_AWS_68: noFirewall,
    CKV2_AWS_47: noFirewall,
    CKV_AWS_305: "there is no page to show at the root: it answers for pictures below one prefix",
    CKV_AWS_310: "pictures are in one bucket, and there is no second to fail over to",
    CKV_AWS_374: "pictures are for visitors from everywhere",
    CKV2_AWS_32: "has AWS's own policy CORS-and-SecurityHeaders; the check looks for one that the stack makes",
    CKV_AWS_86:
      "none" in accessLogs
        ? `images.accessLogs is none: ${accessLogs.because}`
        : "logs go through CloudWatch's delivery into a bucket without ACLs; the check knows only the way before it",
    ...("none" in host ? { CKV2_AWS_42: noHost, CKV_AWS_174: noHost } : {}),
  });
}
