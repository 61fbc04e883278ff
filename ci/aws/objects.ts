import { HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { clientSettings } from "./client-settings";
import { errorName, statusOf } from "./errors";

/** What is to be stored under a key. */
export interface NewObject {
  readonly key: string;
  readonly body: Buffer;
  /** SHA-256 of the body: S3 refuses what arrives as something else. */
  readonly sha256: Buffer;
  readonly contentType: string;
  readonly cacheControl: string;
}

/** The objects of one bucket. */
export class Objects {
  private readonly client: S3Client;

  constructor(
    env: Readonly<Record<string, string>>,
    region: string,
    private readonly bucket: string,
  ) {
    const settings = clientSettings(env, region, "S3");
    this.client = new S3Client({
      ...settings,
      // an upload takes as long as the way out is narrow: only silence is too long
      requestHandler: { connectionTimeout: settings.requestHandler.connectionTimeout, socketTimeout: 30_000 },
      // an endpoint of one's own seldom has a host name for each bucket
      forcePathStyle: settings.endpoint !== undefined,
    });
  }

  /** False also when S3 will not say: whoever may not list gets 403 for what is not there. */
  async has(key: string): Promise<boolean> {
    try {
      await this.client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key }));
      return true;
    } catch (error) {
      // an answer to HEAD has no body, and so no name of an error
      if ([403, 404].includes(statusOf(error) ?? 0)) return false;
      throw error;
    }
  }

  /** Store an object unless its key is taken; gives whether it was stored. */
  async putNew({ key, body, sha256, contentType, cacheControl }: NewObject): Promise<boolean> {
    try {
      await this.client.send(
        new PutObjectCommand({
          Bucket: this.bucket,
          Key: key,
          Body: body,
          ContentType: contentType,
          CacheControl: cacheControl,
          ChecksumSHA256: sha256.toString("base64"),
          IfNoneMatch: "*",
        }),
      );
      return true;
    } catch (error) {
      // somebody was faster
      if (errorName(error) === "PreconditionFailed") return false;
      throw error;
    }
  }
}
