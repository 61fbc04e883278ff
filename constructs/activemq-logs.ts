import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { CloudwatchLogResourcePolicy } from "@cdktf/provider-aws/lib/cloudwatch-log-resource-policy";
import { Construct } from "constructs";
import type { Context } from "./shared/context";
import { exceptLogGroup } from "./shared/common-scan-exceptions";

/** Logs that a broker can write, as Amazon MQ calls them. */
export type ActiveMqLog = "audit" | "general";

export interface ActiveMqLogsProps {
  readonly context: Context;
  readonly broker: { readonly arn: string; readonly id: string };
  /** Logs that are wanted; without any, nothing is made. */
  readonly logs: readonly ActiveMqLog[];
  /** Days that they are kept. */
  readonly retentionDays: number;
}

/**
 * Where a broker logs to, and that it may. The groups are called after the id of the broker, and AWS makes them itself, to be kept
 * for ever and to outlive the broker, as soon as a broker is made or restarted that shall log. So the broker is made without logs,
 * its groups are made here, and `npm run mqtt -- sync`, which restarts it anyway for the first logins, turns the logs on.
 *
 * An account has ten resource policies of CloudWatch Logs per region; each environment with a logging broker takes one.
 * https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/configure-logging-monitoring-activemq.html
 */
export class ActiveMqLogs extends Construct {
  constructor(scope: Construct, id: string, { context, broker, logs, retentionDays }: ActiveMqLogsProps) {
    super(scope, id);
    if (logs.length === 0) return;
    const { account, name, region } = context;
    const folder = `/aws/amazonmq/broker/${broker.id}`;
    for (const log of logs) {
      const group = new CloudwatchLogGroup(this, log === "audit" ? "Audit" : "General", {
        name: `${folder}/${log}`,
        retentionInDays: retentionDays,
      });
      exceptLogGroup(group, retentionDays, "mqtt.logRetentionDays");
    }
    new CloudwatchLogResourcePolicy(this, "Policy", {
      policyName: `${name}-mqtt`,
      policyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "WriteBrokerLogs",
            Effect: "Allow",
            Principal: { Service: "mq.amazonaws.com" },
            Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
            Resource: `arn:aws:logs:${region}:${account}:log-group:${folder}/*`,
            // the service writes for every customer: only what it does for this broker is let in
            Condition: { StringEquals: { "aws:SourceAccount": account, "aws:SourceArn": broker.arn } },
          },
        ],
      }),
    });
  }
}
