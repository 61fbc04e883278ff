import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { clientSettings } from "./client-settings";
import { errorName, statusOf } from "./errors";

export interface StateObjectsOptions {
  readonly bucket: string;
  readonly region: string;
  /** Whose bucket it has to be: a name that somebody else took is refused. */
  readonly account: string;
}

/** What is in a bucket of states. */
export class StateObjects {
  private readonly client: S3Client;
  private readonly place: { readonly Bucket: string; readonly ExpectedBucketOwner: string };

  constructor(env: Readonly<Record<string, string>>, { bucket, region, account }: StateObjectsOptions) {
    const settings = clientSettings(env, region, "S3");
    // an endpoint of one's own seldom has a host name for each bucket
    this.client = new S3Client({ ...settings, forcePathStyle: settings.endpoint !== undefined });
    this.place = { Bucket: bucket, ExpectedBucketOwner: account };
  }

  /** The object as text; undefined when there is none, or no bucket. */
  async read(key: string): Promise<string | undefined> {
    try {
      const { Body: body } = await this.client.send(new GetObjectCommand({ ...this.place, Key: key }));
      return await body?.transformToString();
    } catch (error) {
      if (/^NoSuch(Key|Bucket)$/.test(errorName(error)) || statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  /** Store an object unless there is one; whoever was faster wins, and so does an earlier try whose answer was lost. */
  async create(key: string, body: string): Promise<void> {
    try {
      const object = { Key: key, Body: body, ContentType: "application/json", IfNoneMatch: "*" };
      await this.client.send(new PutObjectCommand({ ...this.place, ...object }));
    } catch (error) {
      if (errorName(error) !== "PreconditionFailed") throw error;
    }
  }

  /** Keys of all objects. */
  async keys(): Promise<string[]> {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = await this.client.send(new ListObjectsV2Command({ ...this.place, ContinuationToken: token }));
      keys.push(...(page.Contents ?? []).flatMap(({ Key: key }) => (key === undefined ? [] : [key])));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return keys;
  }
}
