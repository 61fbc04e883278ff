import type { RoleGroup } from "./pipeline-calls";

/** Permissions that no rehearsal uses, and why roles have them all the same. */
export interface Justified {
  readonly groups: readonly RoleGroup[];
  /** As the policies write them; `*` stands for any part of a name. */
  readonly actions: readonly string[];
  readonly because: string;
}

export const justified: readonly Justified[] = [
  {
    groups: ["plan", "registry-plan"],
    actions: ["s3:GetObject"],
    because: "the state of a rehearsal is a file; that of pipelines is in the bucket of the account",
  },
  {
    groups: ["apply", "registry-apply"],
    actions: ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
    because: "the state of a rehearsal is a file; that of pipelines is in the bucket of the account, with its lock",
  },
  {
    groups: ["registry-plan", "registry-apply"],
    actions: ["s3:ListBucket"],
    because: "Terraform looks for the state in the bucket of the account before it reads it",
  },
  {
    groups: ["plan", "apply"],
    actions: ["s3:ListTagsForResource"],
    because: "providers from 6.23 read the tags of buckets with it, the one of the rehearsal with GetBucketTagging",
  },
  {
    groups: ["plan", "apply"],
    actions: ["secretsmanager:ListSecretVersionIds"],
    because: "providers from 6.26 read write-only secrets with it, the one of the rehearsal with GetSecretValue",
  },
  {
    groups: ["plan"],
    actions: ["iot:ListPolicyVersions"],
    because: "what plans read is what applies read, in one policy: removing a policy of devices begins with it",
  },
  {
    groups: ["apply"],
    actions: ["iam:CreateServiceLinkedRole"],
    because:
      "the first load balancer, database, service, broker or group of an account has AWS make a role for it: https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html",
  },
  {
    groups: ["apply"],
    actions: ["kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey"],
    because:
      "RDS uses the key of a database in the name of whoever makes it: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html",
  },
  {
    groups: ["apply"],
    actions: [
      "ec2:CreateNetworkInterfacePermission",
      "ec2:DeleteNetworkInterfacePermission",
      "ec2:DetachNetworkInterface",
    ],
    because:
      "Amazon MQ puts a broker into the network in the name of whoever makes it: https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/security-api-authentication-authorization.html",
  },
  {
    groups: ["apply"],
    actions: ["*:Untag*", "*:Remove*Tag*", "*:DeleteTags"],
    because: "when a tag is taken away, which none of the changes that are rehearsed does",
  },
  {
    groups: ["registry-apply"],
    actions: ["ecr:UntagResource", "ecr:DeleteLifecyclePolicy", "ecr:DeleteRepositoryPolicy"],
    because: "when a setting of a repository changes: a rehearsal makes the registry, and a person removes it",
  },
  {
    groups: ["apply"],
    actions: [
      "cloudfront:UpdateOriginAccessControl",
      "ec2:ModifySecurityGroupRules",
      "ec2:ModifySubnetAttribute",
      "ec2:ReplaceRoute*",
      "ec2:UpdateSecurityGroupRuleDescriptions*",
      "elasticloadbalancing:Modify*",
      "elasticloadbalancing:SetRulePriorities",
      "elasticloadbalancing:SetSecurityGroups",
      "kms:PutKeyPolicy",
      "kms:UpdateAlias",
      "kms:UpdateKeyDescription",
      "secretsmanager:UpdateSecret",
    ],
    because: "when a setting changes in place, by a new version of the blueprint or by hand that Terraform puts right",
  },
  {
    groups: ["apply"],
    actions: ["secretsmanager:UpdateSecretVersionStage"],
    because: "when a version of a secret is removed that has a label of its own",
  },
  {
    groups: ["apply"],
    actions: ["rds:RestoreDBInstanceFromDBSnapshot"],
    because: "when a database is made from a snapshot, which a rehearsal has none of",
  },
  {
    groups: ["apply"],
    actions: ["iot:CreatePolicyVersion", "iot:DeletePolicyVersion"],
    because: "when what devices may do changes: AWS keeps five versions, and the oldest makes place",
  },
  {
    groups: ["apply"],
    actions: ["iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription"],
    because: "when a role of the environment is trusted by another service, or is described in other words",
  },
  {
    groups: ["apply"],
    actions: ["iam:PutRolePermissionsBoundary", "iam:PutUserPermissionsBoundary"],
    because: "when an environment was deployed before the bootstrap of its account, and gets its boundary later",
  },
  {
    groups: ["apply"],
    actions: ["iam:DeleteAccessKey"],
    because: "when a user is removed for whom somebody made a key",
  },
  {
    groups: ["release"],
    actions: ["ecs:StopServiceDeployment", "ecs:StopTask"],
    because: "when a release is interrupted, or a task of it takes longer than it may",
  },
  {
    groups: ["release"],
    actions: ["cloudwatch:DisableAlarmActions", "logs:FilterLogEvents"],
    because: "when a release ends with a service that wants no tasks, or one shows what its tasks wrote",
  },
  {
    groups: ["release", "registry-release"],
    actions: ["ecr:GetDownloadUrlForLayer"],
    because: "the platform of an image for one platform alone stands in a layer; the images of a rehearsal are for two",
  },
  {
    groups: ["registry-release"],
    actions: [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:GetAuthorizationToken",
      "ecr:InitiateLayerUpload",
      "ecr:UploadLayerPart",
    ],
    because:
      "a container engine pushes with them: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html; the images of a rehearsal have no layers",
  },
  {
    groups: ["plan", "apply"],
    actions: ["chatbot:ListTagsForResource", "mq:ListTags"],
    because: "the provider reads tags of channels and brokers with them in some of its versions alone",
  },
  {
    groups: ["plan"],
    actions: ["route53:GetChange"],
    because: "what plans read is what applies read, in one policy: an apply waits for a record with it",
  },
  {
    groups: ["apply"],
    actions: [
      "autoscaling:CancelInstanceRefresh",
      "autoscaling:DisableMetricsCollection",
      "autoscaling:StartInstanceRefresh",
      "ec2:AssociateAddress",
      "ec2:CreateLaunchTemplateVersion",
      "ec2:DeleteLaunchTemplateVersions",
      "ec2:ModifyLaunchTemplate",
    ],
    because:
      "when the image, size or address of a NAT instance changes, also while the change before is still going on",
  },
  {
    groups: ["apply"],
    actions: ["chatbot:UpdateSlackChannelConfiguration", "mq:RebootBroker", "mq:UpdateBroker"],
    because: "when the channel of alerts, or the version, size or configuration of a broker changes",
  },
  {
    groups: ["apply"],
    actions: ["route53:AssociateVPCWithHostedZone"],
    because: "AWS may ask it of who makes an interface endpoint with private names; the emulator asks nobody",
  },
  {
    groups: ["apply"],
    actions: ["mq:DeleteConfiguration"],
    because: "providers from 6.42 delete the configuration of a broker, the one of the rehearsal forgets it",
  },
];
