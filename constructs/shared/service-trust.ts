/** Which service takes a role, and on whose behalf. */
export interface ServiceTrust {
  /** Such as `ecs-tasks.amazonaws.com`. */
  readonly service: string;
  readonly account: string;
  /** The one resource that it may act for. Default: any of the account. */
  readonly sourceArn?: string;
  /** Pattern of the resources that it may act for. Default: any of the account. */
  readonly sourceArnLike?: string;
}

/**
 * The trust policy of a role that an AWS service takes: for resources of this account alone, so that the service cannot be made
 * to use it for somebody else's. https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
export function serviceTrust({ service, account, sourceArn, sourceArnLike }: ServiceTrust): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: service },
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: {
            "aws:SourceAccount": account,
            ...(sourceArn === undefined ? {} : { "aws:SourceArn": sourceArn }),
          },
          ...(sourceArnLike === undefined ? {} : { ArnLike: { "aws:SourceArn": sourceArnLike } }),
        },
      },
    ],
  });
}
