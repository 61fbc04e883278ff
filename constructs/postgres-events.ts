import { DbEventSubscription } from "@cdktf/provider-aws/lib/db-event-subscription";
import { Construct } from "constructs";
import type { Context } from "./shared/context";

export interface PostgresEventsProps {
  readonly context: Context;
  /** Topic that RDS publishes to. */
  readonly topicArn: string;
  /** Instances that somebody wants to hear of. */
  readonly identifiers: readonly string[];
}

/**
 * What only RDS can tell of its instances, as it happens: restarts, failover, failures, a full disk and growth that ends, downtime for
 * maintenance, memory that a workload uses up, a replica that stopped following. Backups, changes that somebody made
 * and the life of an instance are no news.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
 */
export class PostgresEvents extends Construct {
  constructor(scope: Construct, id: string, { context, topicArn, identifiers }: PostgresEventsProps) {
    super(scope, id);
    new DbEventSubscription(this, "Resource", {
      name: `${context.name}-db`,
      snsTopic: topicArn,
      sourceType: "db-instance",
      sourceIds: [...identifiers],
      eventCategories: [
        "availability",
        "failover",
        "failure",
        "low storage",
        "maintenance",
        "notification",
        "read replica",
        "recovery",
      ],
    });
  }
}
