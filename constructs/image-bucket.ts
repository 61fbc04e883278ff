import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { Construct } from "constructs";
import { ImageAccess } from "./image-access";
import { ImageCdn, type ImageCdnHost } from "./image-cdn";
import { ImageStorage } from "./image-storage";
import { ImageUploader } from "./image-uploader";
import type { Monitoring } from "./monitoring";
import { imageBucketSettings, type ImageBucketInput, type ImageBucketSettings } from "./settings/image-bucket";
import { BlueprintError } from "./shared/blueprint-error";
import { exceptParameter } from "./shared/common-scan-exceptions";
import type { Context } from "./shared/context";
import { shown } from "./shared/fields";
import type { Grantee } from "./shared/grantee";
import { imagesContractName, type ImagesContract } from "./shared/images-contract-v1";
import { settingsOf } from "./shared/problems";

/** The environment's domain and the zone that it is in, or none. */
export type ImageBucketDomain = { readonly none: true } | { readonly name: string; readonly zoneId: string };

export type ImageBucketProps = ImageBucketInput & {
  readonly context: Context;
  readonly domain: ImageBucketDomain;
  /** Who watches the CDN. Default: nobody. */
  readonly monitoring?: Monitoring | undefined;
};

/**
 * Where pictures are kept and served from: a bucket, CloudFront before it, and a user that uploads from outside AWS. Nothing
 * beside the prefix can be read or written, and nothing can be listed by those who read.
 *
 * Keys carry a hash of the content, so that an object never changes under its address: caches may keep it for a year, as the
 * `Cache-Control` that it is uploaded with says, and no cache ever needs to be cleared. Choosing another `access` changes the
 * bucket's policy and public access block, and nothing else. Another `prefix` moves no object.
 */
export class ImageBucket extends Construct {
  /** Bucket of the CDN's access logs, if there are any. */
  public readonly accessLogsBucketName: string | undefined;
  /** `https://<host>`: a slash and a key after it make the address of an object. */
  public readonly baseUrl: string;
  public readonly bucketArn: string;
  public readonly bucketName: string;
  public readonly distributionArn: string;
  public readonly distributionId: string;
  /** First part of every key, without a slash. */
  public readonly prefix: string;
  /** Name of the secret of the uploader's access key. */
  public readonly uploaderKeySecretName: string;
  /** Name of the IAM user that uploads from outside AWS. */
  public readonly uploaderName: string;
  /** What a service that uses images is told. */
  public readonly variables: Readonly<Record<"IMAGES_BUCKET" | "IMAGES_BASE_URL", string>>;

  constructor(scope: Construct, id: string, { context, domain, monitoring, ...input }: ImageBucketProps) {
    super(scope, id);
    const settings = settingsOf(this, imageBucketSettings, input);
    const problems = problemsIn(settings, domain);
    if (problems.length > 0) throw new BlueprintError(this.node.path, problems);

    const { access, prefix } = settings;
    const { bucketArn, bucketName, domainName } = new ImageStorage(this, "Storage", { context, settings });
    const host = hostOf(settings, domain);
    const cdn = new ImageCdn(this, "Cdn", { context, host, originDomainName: domainName, settings, monitoring });
    const { distributionArn } = cdn;
    new ImageAccess(this, "Access", {
      access,
      account: context.account,
      bucketArn,
      bucketName,
      distributionArn,
      prefix,
    });
    const uploader = new ImageUploader(this, "Uploader", { context, bucketArn, prefix });

    this.accessLogsBucketName = cdn.accessLogsBucketName;
    this.baseUrl = cdn.baseUrl;
    this.bucketArn = bucketArn;
    this.bucketName = bucketName;
    this.distributionArn = distributionArn;
    this.distributionId = cdn.distributionId;
    this.prefix = prefix;
    this.uploaderKeySecretName = uploader.keySecretName;
    this.uploaderName = uploader.userName;
    this.variables = { IMAGES_BUCKET: bucketName, IMAGES_BASE_URL: cdn.baseUrl };
    this.createContract(context);
  }

  /**
   * Let `grantee` write, read and delete objects below the prefix: the recommended way to upload. A service of the environment
   * signs a request with its task role (a PUT for one key, or a POST that also bounds the size) and the browser sends the picture
   * straight to S3, so that there is no key to keep, to rotate or to lose, and no picture passes through the service. Such a
   * request is good for as long as it says, but never longer than the credentials of the role: some hours. `uploadOrigins` must
   * name the page that sends it.
   */
  public grantUpload(grantee: Grantee): void {
    grantee.allow(
      "UploadImages",
      ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
      [`${this.bucketArn}/${this.prefix}/*`],
    );
  }

  private createContract({ path, region }: Context): void {
    const contract: ImagesContract = {
      version: 1,
      bucket: this.bucketName,
      region,
      prefix: this.prefix,
      baseUrl: this.baseUrl,
      uploader: this.uploaderName,
      keySecret: this.uploaderKeySecretName,
    };
    const parameter = new SsmParameter(this, "Contract", {
      name: imagesContractName(path),
      description: "Images of the environment, version 1",
      type: "String",
      tier: "Standard",
      value: JSON.stringify(contract),
    });
    exceptParameter(parameter);
  }
}

/** What the schema cannot tell: a host needs the zone of a domain. */
function problemsIn({ host }: ImageBucketSettings, domain: ImageBucketDomain): string[] {
  if (host === undefined || "name" in domain) return [];
  return [`host needs a domain, got ${shown(host)}: give the environment a domain, or leave host out`];
}

function hostOf({ host }: ImageBucketSettings, domain: ImageBucketDomain): ImageCdnHost {
  return "none" in domain ? domain : { name: host ?? `images.${domain.name}`, zoneId: domain.zoneId };
}
