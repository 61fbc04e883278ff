import { ChatbotSlackChannelConfiguration } from "@cdktf/provider-aws/lib/chatbot-slack-channel-configuration";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { boundaryOf, type Context } from "./shared/context";
import { serviceTrust } from "./shared/service-trust";

export interface SlackChannelProps {
  readonly context: Context;
  /** Authorised once per account, in the console of Amazon Q Developer in chat applications. */
  readonly workspaceId: string;
  /** An account can have a channel once: environments that share an account cannot share a channel. */
  readonly channelId: string;
  /** Topics that it shows, asked for when everything is made; of any region. */
  readonly topicArns: () => readonly string[];
}

/**
 * A channel that shows what a topic says, with the graph of the alarm; free. Whoever is in the channel can read alarms and metrics
 * of the account and nothing else: without a guardrail AWS would put no limit but the role's to their commands.
 */
export class SlackChannel extends Construct {
  constructor(scope: Construct, id: string, { context, workspaceId, channelId, topicArns }: SlackChannelProps) {
    super(scope, id);
    const { account, region } = context;
    const role = new IamRole(this, "Role", {
      name: `${context.name}-alerts-slack`,
      path: context.iamPath,
      ...boundaryOf(context),
      description: "Shows alarms and their graphs in Slack",
      assumeRolePolicy: serviceTrust({ service: "chatbot.amazonaws.com", account }),
    });
    const regions = [...new Set([region, "us-east-1"])];
    const permission = new IamRolePolicy(this, "Read", {
      name: "Read",
      role: role.name,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "ReadAlarms",
            Effect: "Allow",
            Action: ["cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"],
            Resource: regions.map((one) => `arn:aws:cloudwatch:${one}:${account}:alarm:*`),
          },
          {
            // AWS gives metrics no resource that a policy could name
            Sid: "ReadMetrics",
            Effect: "Allow",
            Action: [
              "cloudwatch:GetMetricData",
              "cloudwatch:GetMetricStatistics",
              "cloudwatch:GetMetricWidgetImage",
              "cloudwatch:ListMetrics",
            ],
            Resource: "*",
          },
        ],
      }),
    });
    new ChatbotSlackChannelConfiguration(this, "Channel", {
      configurationName: `${context.name}-alerts`,
      slackTeamId: workspaceId,
      slackChannelId: channelId,
      iamRoleArn: role.arn,
      snsTopicArns: Lazy.listValue({ produce: () => [...topicArns()] }),
      guardrailPolicyArns: ["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"],
      loggingLevel: "NONE",
      userAuthorizationRequired: false,
      dependsOn: [permission],
    });
  }
}
