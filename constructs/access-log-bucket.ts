import type { Construct } from "constructs";
import { LogBucket } from "./log-bucket";
import type { Context } from "./shared/context";

export interface AccessLogBucketProps {
  readonly context: Context;
  /** Days after which a log is deleted. */
  readonly retentionDays: number;
}

/** A private bucket that load balancers of this account and region write their access logs to, and nobody else. */
export class AccessLogBucket extends LogBucket {
  constructor(scope: Construct, id: string, { context, retentionDays }: AccessLogBucketProps) {
    const { account, region } = context;
    super(scope, id, {
      context,
      name: "lb-logs",
      retentionDays,
      writer: {
        service: "logdelivery.elasticloadbalancing.amazonaws.com",
        conditions: {
          ArnLike: { "aws:SourceArn": `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/*` },
        },
      },
    });
  }
}
