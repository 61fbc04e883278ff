import { CloudwatchLogDelivery } from "@cdktf/provider-aws/lib/cloudwatch-log-delivery";
import { CloudwatchLogDeliveryDestination } from "@cdktf/provider-aws/lib/cloudwatch-log-delivery-destination";
import { CloudwatchLogDeliverySource } from "@cdktf/provider-aws/lib/cloudwatch-log-delivery-source";
import type { Construct } from "constructs";
import { LogBucket } from "./log-bucket";
import type { Context } from "./shared/context";
import { usEast1 } from "./shared/us-east-1";

export interface CdnAccessLogsProps {
  readonly context: Context;
  readonly distributionArn: string;
  /** Which distribution of the environment it is, in the names of the parts. */
  readonly name: string;
  /** Days after which a log is deleted. */
  readonly retentionDays: number;
}

/**
 * CloudFront's standard logging, version 2: JSON lines, one file every few minutes, below `AWSLogs/<account>/CloudFront/` of a
 * bucket of their own. CloudWatch delivers them from us-east-1, but the bucket is in the environment's region, since logs hold
 * the addresses of visitors. Version 1 needs a bucket with ACLs.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
 */
export class CdnAccessLogs extends LogBucket {
  constructor(scope: Construct, id: string, { context, distributionArn, name, retentionDays }: CdnAccessLogsProps) {
    const { account } = context;
    const sourceName = `${context.name}-${name}`;
    super(scope, id, {
      context,
      name: "cdn-logs",
      retentionDays,
      writer: {
        service: "delivery.logs.amazonaws.com",
        // the statement as AWS looks for it; where it is missing AWS adds its own to the policy
        conditions: {
          StringEquals: { "aws:SourceAccount": account, "s3:x-amz-acl": "bucket-owner-full-control" },
          ArnLike: { "aws:SourceArn": `arn:aws:logs:us-east-1:${account}:delivery-source:${sourceName}` },
        },
      },
    });
    const placement = usEast1(this, context);
    const source = new CloudwatchLogDeliverySource(this, "Source", {
      name: sourceName,
      logType: "ACCESS_LOGS",
      resourceArn: distributionArn,
      ...placement,
    });
    const destination = new CloudwatchLogDeliveryDestination(this, "Destination", {
      name: sourceName,
      outputFormat: "json",
      deliveryDestinationConfiguration: [{ destinationResourceArn: this.bucketArn }],
      ...placement,
    });
    // without a path of our own: how one is read back differs between releases of the provider, up to a failed apply
    // https://github.com/hashicorp/terraform-provider-aws/issues/46328
    new CloudwatchLogDelivery(this, "Delivery", {
      deliverySourceName: source.name,
      deliveryDestinationArn: destination.arn,
      dependsOn: [...this.after],
      ...placement,
    });
  }
}
