import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import type { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import type { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import type { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { exceptAllFromScan, exceptFromScan } from "./scan-exception";

/** A scanner wants logs for a year; whoever has to keep them that long sets the retention. */
const YEAR_DAYS = 365;

const OWN_KEY =
  "encrypted with a key of AWS: one of our own costs $1 a month, keeps nobody out whom IAM lets in, and takes everything with it when it is lost";

/** What holds for every log group; `setting` is what its retention is called. */
export function exceptLogGroup(group: CloudwatchLogGroup, retentionDays: number, setting: string): void {
  exceptFromScan(group, "CKV_AWS_158", OWN_KEY);
  if (retentionDays >= YEAR_DAYS) return;
  exceptFromScan(
    group,
    "CKV_AWS_338",
    `kept for ${retentionDays} days, as ${setting} says: long enough to look into a failure, and storage is paid by the month`,
  );
}

/** What holds for every secret; `rotation` is how its value is changed. */
export function exceptSecret(secret: SecretsmanagerSecret, rotation: string): void {
  exceptAllFromScan(secret, { CKV_AWS_149: OWN_KEY, CKV2_AWS_57: rotation });
}

/** What holds for every parameter: none has a secret in it. */
export function exceptParameter(parameter: SsmParameter): void {
  exceptFromScan(
    parameter,
    "CKV2_AWS_34",
    "names and addresses that whoever runs a release must read; nothing in it is a secret",
  );
}

export interface BucketExceptions {
  /** Why a second region has no copy. */
  readonly oneRegion: string;
  /** Why reads and writes are not logged. */
  readonly unlogged: string;
  /** Why nothing is told of a new object. */
  readonly silent: string;
  /** Why the key is S3's own. */
  readonly key: string;
  /** Why old versions are not kept; left out where they are. */
  readonly unversioned?: string | undefined;
}

/** What holds for every bucket. */
export function exceptBucket(
  bucket: S3Bucket,
  { oneRegion, unlogged, silent, key, unversioned }: BucketExceptions,
): void {
  exceptAllFromScan(bucket, {
    CKV_AWS_144: oneRegion,
    CKV_AWS_145: key,
    CKV_AWS_18: unlogged,
    CKV2_AWS_62: silent,
    ...(unversioned === undefined ? {} : { CKV_AWS_21: unversioned }),
  });
}
