import {
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { clientSettings } from "./client-settings";
import { errorName, statusOf } from "./errors";

/** What protects what is in a bucket. */
export interface BucketGuards {
  readonly versioned: boolean;
  readonly private: boolean;
}

/** The guards of a bucket; `missing` when there is none of the name, `foreign` when it is not ours to look at. */
export async function bucketGuards(
  env: Readonly<Record<string, string>>,
  { name, region, account }: { readonly name: string; readonly region: string; readonly account: string },
): Promise<BucketGuards | "missing" | "foreign"> {
  const settings = clientSettings(env, region, "S3");
  // an endpoint of one's own seldom has a host name for each bucket
  const client = new S3Client({ ...settings, forcePathStyle: settings.endpoint !== undefined });
  const bucket = { Bucket: name, ExpectedBucketOwner: account };
  try {
    await client.send(new HeadBucketCommand(bucket));
    const { Status: versioning } = await client.send(new GetBucketVersioningCommand(bucket));
    return { versioned: versioning === "Enabled", private: await isPrivate(client, bucket) };
  } catch (error) {
    const status = statusOf(error);
    if (status === 404) return "missing";
    if (status === 403 || status === 301) return "foreign";
    throw error;
  } finally {
    client.destroy();
  }
}

async function isPrivate(client: S3Client, bucket: { readonly Bucket: string }): Promise<boolean> {
  try {
    const { PublicAccessBlockConfiguration: block = {} } = await client.send(new GetPublicAccessBlockCommand(bucket));
    const { BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets } = block;
    return [BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets].every((on) => on === true);
  } catch (error) {
    if (errorName(error) === "NoSuchPublicAccessBlockConfiguration") return false;
    throw error;
  }
}
