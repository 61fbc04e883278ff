import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import type { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { Construct } from "constructs";
import type { Context } from "./shared/context";

/** Days until the key is gone for good. It encrypts messages on their way alone, so the shortest that AWS takes will do. */
const KEY_DELETION_DAYS = 7;

/** Who may publish: alarms of CloudWatch, rules of EventBridge, event subscriptions of RDS. */
export type Publisher = "alarms" | "rules" | "databases";

export interface AlertTopicProps {
  readonly context: Context;
  /** Where it is: an alarm reaches topics of its own region alone. */
  readonly region: string;
  /** Provider of that region, where it is not the environment's. */
  readonly provider?: AwsProvider;
  readonly publishers: readonly Publisher[];
}

/**
 * The topic that everything worth a look goes to, `<project>-<environment>-alerts`, encrypted with a key of its own ($1 a month,
 * us-east-1, 2026-11): AWS's own key for SNS lets neither CloudWatch nor EventBridge publish. Only what belongs to this
 * environment may publish, and only over TLS.
 */
export class AlertTopic extends Construct {
  /** Given by the policy, so that whoever refers to it is made once it may publish. */
  public readonly arn: string;
  public readonly name: string;

  constructor(scope: Construct, id: string, { context, region, provider, publishers }: AlertTopicProps) {
    super(scope, id);
    const there = provider === undefined ? {} : { provider };
    const key = new KmsKey(this, "Key", {
      ...there,
      description: `${context.name} alerts`,
      enableKeyRotation: true,
      deletionWindowInDays: KEY_DELETION_DAYS,
      policy: alertKeyPolicy({ account: context.account, publishers }),
    });
    new KmsAlias(this, "Alias", { ...there, name: `alias/${context.name}-alerts`, targetKeyId: key.keyId });
    const topic = new SnsTopic(this, "Topic", {
      ...there,
      name: `${context.name}-alerts`,
      // who the e-mails are from
      displayName: `${context.name} alerts`,
      kmsMasterKeyId: key.arn,
    });
    const policy = new SnsTopicPolicy(this, "Policy", {
      ...there,
      arn: topic.arn,
      policy: alertTopicPolicy({ context, region, topicArn: topic.arn, publishers }),
    });
    this.arn = policy.arn;
    this.name = topic.name;
  }
}

const services: Readonly<Record<Publisher, string>> = {
  alarms: "cloudwatch.amazonaws.com",
  rules: "events.amazonaws.com",
  databases: "events.rds.amazonaws.com",
};

const sids: Readonly<Record<Publisher, string>> = { alarms: "Alarms", rules: "Rules", databases: "Databases" };

/** Who may encrypt with the key of the topic: the account's IAM, and the publishers for things of this account. */
export function alertKeyPolicy({
  account,
  publishers,
}: {
  readonly account: string;
  readonly publishers: readonly Publisher[];
}): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        // leaves the decision to IAM; without it nobody could ever change the key
        Sid: "Account",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: "kms:*",
        Resource: "*",
      },
      ...publishers.map((publisher) => ({
        Sid: sids[publisher],
        Effect: "Allow",
        Principal: { Service: services[publisher] },
        Action: ["kms:GenerateDataKey*", "kms:Decrypt"],
        Resource: "*",
        ...(namesItsSource(publisher) ? { Condition: { StringEquals: { "aws:SourceAccount": account } } } : {}),
      })),
    ],
  });
}

/** Who may publish: alarms of this environment, its rules, databases of this account; and nobody without TLS. */
export function alertTopicPolicy({
  context: { account, name },
  region,
  topicArn,
  publishers,
}: {
  readonly context: Pick<Context, "account" | "name">;
  readonly region: string;
  readonly topicArn: string;
  readonly publishers: readonly Publisher[];
}): string {
  const sources: Readonly<Record<Exclude<Publisher, "rules">, string>> = {
    alarms: `arn:aws:cloudwatch:${region}:${account}:alarm:${name}-*`,
    databases: `arn:aws:rds:${region}:${account}:*`,
  };
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      ...publishers.map((publisher) => ({
        Sid: sids[publisher],
        Effect: "Allow",
        Principal: { Service: services[publisher] },
        Action: "sns:Publish",
        Resource: topicArn,
        ...(namesItsSource(publisher)
          ? {
              Condition: {
                StringEquals: { "aws:SourceAccount": account },
                ArnLike: { "aws:SourceArn": sources[publisher] },
              },
            }
          : {}),
      })),
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        // as SNS gives it back
        Principal: { AWS: "*" },
        Action: "sns:Publish",
        Resource: topicArn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
}

/**
 * EventBridge tells neither SNS nor KMS for whom it publishes: with a condition on the source it is refused, and its events are
 * lost without a word. It reaches a topic of another account through a role alone, so nobody else's rule gets in.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
 */
function namesItsSource(publisher: Publisher): publisher is Exclude<Publisher, "rules"> {
  return publisher !== "rules";
}
