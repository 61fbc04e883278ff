import type { AlarmSpec } from "../shared/alarm-spec";

export interface ImageCdnAlarmsProps {
  readonly distributionId: string;
}

/**
 * What makes somebody look at the CDN of the images, by construct id.
 *
 * `ServerErrors`: more than 5 % of requests fail for five minutes in a row. AWS recommends the rate over 5 of 5 minutes and any
 * threshold above 0; one page shows some twenty pictures, so at 5 % every visitor sees one missing. AWS leaves missing data
 * missing; here it is harmless, so that an idle CDN is fine instead of unknown and an alarm ends with the requests that failed.
 *
 * There is none for the latency of the origin: `OriginLatency` is one of CloudFront's additional metrics, which are paid for per
 * distribution and are off. 4xx answers are no alarm either: anybody can ask for what is not there.
 */
export function imageCdnAlarms({ distributionId }: ImageCdnAlarmsProps): Readonly<Record<"ServerErrors", AlarmSpec>> {
  return {
    ServerErrors: {
      name: "images-cdn-server-errors",
      section: "cdn",
      meaning: "Pictures are missing for visitors: CloudFront answers with errors of its own or of the bucket",
      runbook: "cdn-server-errors",
      metrics: {
        errors: {
          namespace: "AWS/CloudFront",
          name: "5xxErrorRate",
          dimensions: { DistributionId: distributionId, Region: "Global" },
          statistic: "Average",
          unit: "percent",
        },
      },
      comparison: ">",
      threshold: 5,
      periodSec: 60,
      datapoints: 5,
      of: 5,
      missing: "notBreaching",
      global: true,
    },
  };
}
