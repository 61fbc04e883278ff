import * as z from "zod";
import { declined, distinct, flag, oneOf, text, whole } from "../shared/fields";

/** The image bucket of an environment and the CDN before it: free up to 1 TB out and 10 million requests a month, then by use. */
export const imageBucketSettings = z.strictObject({
  /**
   * `public`: whoever knows a key reads the object, from S3 as well as through CloudFront; nobody can list. `cdn`: the bucket is
   * private and CloudFront alone reads it, so that nobody goes round the cache at $0.09 a GB. Changing it replaces nothing.
   */
  access: oneOf(["public", "cdn"]),

  /** Host of the CDN, in the project's zone. Default: `images.` before the environment's domain; without a domain CloudFront's own name. */
  host: text("a host name such as images.example.com", /^[a-z0-9-]+(\.[a-z0-9-]+)+$/).optional(),

  /** First part of every key: uploads reach nothing beside it, and nothing beside it is public. Default: `images`. */
  prefix: text(
    "lower-case words joined by hyphens, at most 40 characters",
    /^(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
  ).default("images"),

  /** Origins whose pages may upload with a presigned request. Default: none. */
  uploadOrigins: distinct(
    text("an origin such as https://app.example.com", /^https?:\/\/[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?$/),
    "origins",
    0,
    20,
  ).default([]),

  /** Keep what was overwritten or deleted for `noncurrentDays`. Content-hashed keys never change, so it guards deletion alone. Default: false. */
  versioning: flag().default(false),

  /** Days that an overwritten or deleted object can be brought back, where `versioning` is on. Default: 30. */
  noncurrentDays: whole(1, 3650, "days").default(30),

  /** Delete objects this many days after their upload. Default: keep them. */
  expireDays: whole(1, 3650, "days").optional(),

  /** Where visitors are served from: `100` is North America and Europe, `200` adds Asia, `all` the rest; each costs more. Default: `100`. */
  priceClass: oneOf(["100", "200", "all"]).default("100"),

  /** Record of every request at the CDN, in an S3 bucket of the environment's region, or the reason for having none. Default: kept for 30 days. */
  accessLogs: z
    .union([
      z.strictObject({
        /** Days that access logs are kept. Default: 30. */
        retentionDays: whole(1, 3650, "days").default(30),
      }),
      declined,
    ])
    .prefault({}),
});

export type ImageBucketSettings = z.output<typeof imageBucketSettings>;
export type ImageBucketInput = z.input<typeof imageBucketSettings>;
