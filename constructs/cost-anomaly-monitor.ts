import { CeAnomalyMonitor } from "@cdktf/provider-aws/lib/ce-anomaly-monitor";
import { CeAnomalySubscription } from "@cdktf/provider-aws/lib/ce-anomaly-subscription";
import { Construct } from "constructs";
import type { Context } from "./shared/context";
import { anomalyMonitorName } from "./shared/pipeline-names";

export interface CostAnomalyMonitorProps {
  readonly context: Context;
  readonly emails: readonly string[];
  /** Cost above what was expected that is worth a message, in USD. */
  readonly thresholdUsd: number;
  /**
   * A monitor of all services that the account already has: AWS allows one, and gives many accounts one of its own. It is used and
   * stays somebody else's. Default: one is made.
   */
  readonly existingMonitorArn?: string | undefined;
}

/** A message a day when a service of the account costs more than AWS expected of it. */
export class CostAnomalyMonitor extends Construct {
  public readonly monitorArn: string;

  constructor(
    scope: Construct,
    id: string,
    { context, emails, thresholdUsd, existingMonitorArn }: CostAnomalyMonitorProps,
  ) {
    super(scope, id);
    this.monitorArn = existingMonitorArn ?? this.createMonitor(context);
    new CeAnomalySubscription(this, "Subscription", {
      name: `${context.project}-cost-anomalies`,
      // e-mail takes no "at once"
      frequency: "DAILY",
      monitorArnList: [this.monitorArn],
      subscriber: emails.map((address) => ({ type: "EMAIL", address })),
      thresholdExpression: {
        dimension: {
          key: "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
          matchOptions: ["GREATER_THAN_OR_EQUAL"],
          values: [String(thresholdUsd)],
        },
      },
    });
  }

  private createMonitor({ project }: Context): string {
    return new CeAnomalyMonitor(this, "Monitor", {
      name: anomalyMonitorName(project),
      monitorType: "DIMENSIONAL",
      monitorDimension: "SERVICE",
    }).arn;
  }
}
