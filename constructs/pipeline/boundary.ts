import { chatbotRegions, identitiesOfAws, type PipelinePlace, type Statement } from "./place";

export interface RefusalProps extends Pick<PipelinePlace, "project" | "account"> {
  /** The only policies that may bound what a pipeline makes; `*` stands for any name. */
  readonly boundaries: string;
  /** Buckets that hold a state: that of the bootstrap, and of the project where it has one of its own. */
  readonly stateBuckets: readonly string[];
}

export interface BoundaryProps extends RefusalProps {
  /** Regions that the project works in. */
  readonly regions: readonly string[];
}

/** Services that the project's stacks are made of, and their tasks use. */
const services = [
  "acm",
  "application-autoscaling",
  "autoscaling",
  "budgets",
  "cloudfront",
  "cloudwatch",
  "ec2",
  "ecr",
  "ecs",
  "elasticloadbalancing",
  "events",
  "iot",
  "kms",
  "logs",
  "mq",
  "rds",
  "route53",
  "s3",
  "scheduler",
  "secretsmanager",
  "sns",
  "sqs",
  "ssm",
  "tag",
];

/**
 * The most that a role of a pipeline can do, whatever its policies say: it gives nothing by itself. What a pipeline makes has a
 * narrower one, see `madeBoundary`.
 */
export function boundaryStatements(props: BoundaryProps): Statement[] {
  const { project, account, regions } = props;
  const ours = (kind: string): string => `arn:aws:iam::${account}:${kind}/${project}/*`;
  return [
    {
      Sid: "Services",
      Effect: "Allow",
      Action: services.map((service) => `${service}:*`),
      Resource: ["*"],
      Condition: { StringEquals: { "aws:RequestedRegion": [...new Set([...regions, "us-east-1"])] } },
    },
    {
      Sid: "Channels",
      Effect: "Allow",
      Action: ["chatbot:*"],
      Resource: ["*"],
      Condition: { StringEquals: { "aws:RequestedRegion": chatbotRegions } },
    },
    {
      Sid: "Identities",
      Effect: "Allow",
      Action: ["iam:*"],
      Resource: ["role", "user", "group", "policy", "instance-profile"].map(ours),
    },
    ...identitiesOfAws(props),
    {
      Sid: "WhoAmI",
      Effect: "Allow",
      Action: ["sts:GetCallerIdentity"],
      Resource: ["*"],
      Condition: { StringEquals: { "aws:PrincipalAccount": account } },
    },
    ...refusals(props),
  ];
}

/** What no role of a pipeline may do: part of its boundary, or a policy of its own where a company gives the boundary. */
export function refusals({ project, account, boundaries, stateBuckets }: RefusalProps): Statement[] {
  const bootstrap = ["role", "policy"].map(
    (kind) => `arn:aws:iam::${account}:${kind}/${project}/bootstrap-${account}/*`,
  );
  const buckets = [...new Set(stateBuckets)].map((bucket) => `arn:aws:s3:::${bucket}`);
  return [
    {
      Sid: "KeepBoundary",
      Effect: "Deny",
      Action: ["iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary"],
      Resource: ["*"],
    },
    {
      Sid: "OnlyWithBoundary",
      Effect: "Deny",
      Action: ["iam:CreateRole", "iam:CreateUser", "iam:PutRolePermissionsBoundary", "iam:PutUserPermissionsBoundary"],
      Resource: ["*"],
      Condition: { StringNotLike: { "iam:PermissionsBoundary": boundaries } },
    },
    {
      // what the bootstrap made is changed by the bootstrap alone, which a person runs
      Sid: "KeepBootstrap",
      Effect: "Deny",
      NotAction: ["iam:Get*", "iam:List*"],
      Resource: bootstrap,
    },
    {
      Sid: "NoStandingKeys",
      Effect: "Deny",
      Action: [
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:CreateServiceSpecificCredential",
        "iam:UpdateAccessKey",
        "iam:UpdateLoginProfile",
        "iam:UploadSSHPublicKey",
        "iam:UploadSigningCertificate",
      ],
      Resource: ["*"],
    },
    {
      Sid: "KeepStateBucket",
      Effect: "Deny",
      // what Terraform does with a state and its lock; a copy to another account is among the rest
      NotAction: ["s3:DeleteObject", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "s3:PutObject"],
      Resource: buckets.flatMap((bucket) => [bucket, `${bucket}/*`]),
    },
    {
      // a person runs on a machine what is in it
      Sid: "KeepStateOfBootstrap",
      Effect: "Deny",
      Action: ["s3:*"],
      Resource: buckets.map((bucket) => `${bucket}/${project}/bootstrap-*`),
    },
    {
      // data leaves an account by a copy that another one may read; nothing of the stacks needs one
      Sid: "NoSharing",
      Effect: "Deny",
      Action: [
        "ec2:ModifyImageAttribute",
        "ec2:ModifySnapshotAttribute",
        "rds:ModifyDBClusterSnapshotAttribute",
        "rds:ModifyDBSnapshotAttribute",
        "rds:StartExportTask",
        "s3:PutReplicationConfiguration",
      ],
      Resource: ["*"],
    },
  ];
}
