import type { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";

/** Who learns of what happens. */
export interface AlertTargets {
  /** Each address confirms its subscription once per topic, by the link in an e-mail; until then it gets nothing else. */
  readonly emails: readonly string[];
  /** Endpoints that confirm by themselves, within a minute of being subscribed, or the deployment fails. */
  readonly https: readonly string[];
  /** A channel of Slack. */
  readonly slack?: { readonly workspaceId: string; readonly channelId: string } | undefined;
}

export interface AlertSubscriptionsProps {
  readonly topicArn: string;
  /** Provider of the topic's region, where it is not the environment's. */
  readonly provider?: AwsProvider;
  readonly targets: Pick<AlertTargets, "emails" | "https">;
}

/**
 * The e-mail addresses and endpoints of one topic, each by its address, so that adding or removing one leaves the others alone.
 *
 * A subscription that was never confirmed cannot be ended by anybody; AWS drops it after two days.
 */
export class AlertSubscriptions extends Construct {
  constructor(scope: Construct, id: string, { topicArn, provider, targets }: AlertSubscriptionsProps) {
    super(scope, id);
    const there = provider === undefined ? {} : { provider };
    const emails = new Construct(this, "Email");
    for (const endpoint of targets.emails) {
      new SnsTopicSubscription(emails, endpoint, { ...there, topicArn, protocol: "email", endpoint });
    }
    const https = new Construct(this, "Https");
    for (const endpoint of targets.https) {
      new SnsTopicSubscription(https, endpoint, {
        ...there,
        topicArn,
        protocol: "https",
        endpoint,
        endpointAutoConfirms: true,
      });
    }
  }
}
