import {
  chatbotRegions,
  identities,
  inRegion,
  nameOf,
  type NamedPolicy,
  type PipelinePlace,
  regional,
  regionalAndGlobal,
  repositoryArns,
  stateStatements,
} from "./place";

/** Reads that AWS gives no resource, or that name nothing of an environment; none of them shows a value that is secret. */
const descriptions = [
  "acm:DescribeCertificate",
  "acm:ListTagsForCertificate",
  "application-autoscaling:Describe*",
  "application-autoscaling:ListTagsForResource",
  "autoscaling:Describe*",
  "budgets:ListTagsForResource",
  "budgets:ViewBudget",
  "cloudfront:GetDistribution",
  "cloudfront:GetOriginAccessControl",
  "cloudfront:List*",
  "cloudwatch:DescribeAlarms",
  "cloudwatch:GetDashboard",
  "cloudwatch:ListTagsForResource",
  "ec2:Describe*",
  "ec2:GetInstanceUefiData",
  "ecs:Describe*",
  "elasticloadbalancing:Describe*",
  "iot:DescribeEndpoint",
  "iot:DescribeThingType",
  "iot:GetPolicy",
  "iot:ListPolicyVersions",
  "iot:ListTagsForResource",
  "kms:DescribeKey",
  "kms:GetKeyPolicy",
  "kms:GetKeyRotationStatus",
  "kms:ListAliases",
  "kms:ListResourceTags",
  "logs:DescribeLogGroups",
  "logs:DescribeResourcePolicies",
  "logs:GetDelivery",
  "logs:GetDeliveryDestination",
  "logs:GetDeliverySource",
  "logs:ListTagsForResource",
  "mq:DescribeBroker",
  "mq:DescribeConfiguration",
  "mq:DescribeConfigurationRevision",
  "mq:DescribeUser",
  "mq:ListTags",
  "rds:Describe*",
  "rds:ListTagsForResource",
  "route53:GetChange",
  "route53:GetHostedZone",
  "route53:ListResourceRecordSets",
  // made anew by every plan and thrown away unless a secret is written
  "secretsmanager:GetRandomPassword",
  "sns:GetSubscriptionAttributes",
  "ssm:DescribeParameters",
] as const;

/** What Terraform reads to know what is there, without the state: for the roles that plan, and for those that apply. */
export function readingPolicy(place: PipelinePlace): NamedPolicy {
  const name = nameOf(place);
  return {
    name: "read",
    statements: [
      { Sid: "Describe", Effect: "Allow", Action: descriptions, Resource: ["*"], Condition: inRegion(place) },
      {
        Sid: "ReadChannels",
        Effect: "Allow",
        Action: ["chatbot:DescribeSlackChannelConfigurations", "chatbot:ListTagsForResource"],
        Resource: ["*"],
        Condition: { StringEquals: { "aws:RequestedRegion": chatbotRegions } },
      },
      {
        Sid: "ReadNamed",
        Effect: "Allow",
        Action: [
          "events:DescribeRule",
          "events:ListTagsForResource",
          "events:ListTargetsByRule",
          "scheduler:GetSchedule",
          "scheduler:GetScheduleGroup",
          "scheduler:ListTagsForResource",
          "secretsmanager:DescribeSecret",
          "secretsmanager:GetResourcePolicy",
          "secretsmanager:ListSecretVersionIds",
          "sns:GetTopicAttributes",
          "sns:ListSubscriptionsByTopic",
          "sns:ListTagsForResource",
          "sqs:GetQueueAttributes",
          "sqs:ListQueueTags",
          "ssm:GetParameter",
          "ssm:ListTagsForResource",
        ],
        Resource: [
          ...regional(place, "events", `rule/${name}-*`),
          ...regional(place, "scheduler", `schedule/${name}/*`, `schedule-group/${name}`),
          ...regional(place, "secretsmanager", `secret:/${place.project}/${place.stack}/*`),
          ...regionalAndGlobal(place, "sns", `${name}-*`),
          ...regional(place, "sqs", `${name}-*`),
          ...regional(place, "ssm", `parameter/${place.project}/${place.stack}/*`),
        ],
      },
      {
        Sid: "ReadBuckets",
        Effect: "Allow",
        // settings of buckets, and no object
        Action: ["s3:GetBucket*", "s3:Get*Configuration", "s3:ListBucket", "s3:ListTagsForResource"],
        Resource: [`arn:aws:s3:::${name}-*`],
      },
      {
        Sid: "ReadIdentities",
        Effect: "Allow",
        Action: ["iam:Get*", "iam:List*"],
        Resource: identities(place, "role", "user", "group", "policy", "instance-profile"),
      },
    ],
  };
}

/** What Terraform reads of the registry; nothing else is in it. */
export function registryReadingPolicy(place: PipelinePlace): NamedPolicy {
  return {
    name: "read",
    statements: [
      {
        Sid: "ReadRepositories",
        Effect: "Allow",
        Action: [
          "ecr:DescribeRepositories",
          "ecr:GetLifecyclePolicy",
          "ecr:GetRepositoryPolicy",
          "ecr:ListTagsForResource",
        ],
        Resource: repositoryArns(place),
      },
    ],
  };
}

/** What no plan may see, whoever adds a permission later: values of secrets, what is in the state of others, and keys. */
export function planPolicies(place: PipelinePlace): NamedPolicy[] {
  return planning(place, readingPolicy(place));
}

/** The same for the registry. */
export function registryPlanPolicies(place: PipelinePlace): NamedPolicy[] {
  return planning(place, registryReadingPolicy(place));
}

function planning(place: PipelinePlace, reading: NamedPolicy): NamedPolicy[] {
  return [
    reading,
    {
      name: "plan",
      statements: [
        ...stateStatements(place, "read"),
        {
          Sid: "NoSecretValues",
          Effect: "Deny",
          Action: ["kms:Decrypt", "secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue"],
          Resource: ["*"],
        },
      ],
    },
  ];
}
