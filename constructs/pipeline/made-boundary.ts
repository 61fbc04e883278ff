import { stateBucketName } from "../shared/pipeline-names";
import { identities, nameOf, type PipelinePlace, regional, type Statement } from "./place";

/** What tasks of an environment use that Slipway does not make. */
export interface TaskPermission {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

export type MadePlace = Omit<PipelinePlace, "boundaryArn" | "repositories">;

/**
 * The most that a role or user of one environment can do, whatever a pipeline writes into its policies or its trust: what belongs to
 * the environment, and nothing that makes or changes infrastructure. The pipelines themselves have another, wider boundary, since
 * nobody below the bootstrap can add to what they may do.
 */
export function madeBoundary(place: MadePlace, taskPermissions: readonly TaskPermission[]): Statement[] {
  const name = nameOf(place);
  const path = `${place.project}/${place.stack}`;
  const buckets = [...new Set([place.stateBucket, stateBucketName(place.project, place.account)])];
  return [
    {
      Sid: "Named",
      Effect: "Allow",
      // objects alone, and nothing of a bucket's settings: a copy to another account is one of them
      Action: [
        "logs:*",
        "s3:AbortMultipartUpload",
        "s3:DeleteObject*",
        "s3:GetBucketLocation",
        "s3:GetObject*",
        "s3:ListBucket*",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
        "s3:PutObjectTagging",
        "secretsmanager:*",
        "sns:Publish",
        "sqs:*",
        "ssm:GetParameter*",
      ],
      Resource: [
        ...regional(place, "logs", `log-group:/${path}/*`, "log-group:RDSOSMetrics*"),
        `arn:aws:s3:::${name}-*`,
        // the master's, whose name RDS chooses
        ...regional(place, "secretsmanager", `secret:/${path}/*`, "secret:rds!db-*"),
        ...regional(place, "sns", `${name}-*`),
        ...regional(place, "sqs", `${name}-*`),
        ...regional(place, "ssm", `parameter/${path}/*`),
      ],
    },
    {
      Sid: "Images",
      Effect: "Allow",
      Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      Resource: [`arn:aws:ecr:${place.registry.region}:${place.registry.account}:repository/${place.project}/*`],
    },
    {
      // devices, and logins to the database with a token: both are told apart by more than an ARN
      Sid: "Data",
      Effect: "Allow",
      Action: ["iot:Connect", "iot:Publish", "iot:Receive", "iot:RetainPublish", "iot:Subscribe", "rds-db:connect"],
      Resource: [...regional(place, "iot", "*"), ...regional(place, "rds-db", "dbuser:*")],
    },
    {
      // metrics and their graphs in Slack, the login to images, a shell in a task, a NAT instance that takes over its address
      Sid: "Unnamed",
      Effect: "Allow",
      Action: [
        "cloudwatch:Describe*",
        "cloudwatch:Get*",
        "cloudwatch:List*",
        "cloudwatch:PutMetricData",
        "ec2:AssociateAddress",
        "ec2:AttachNetworkInterface",
        "ec2:DisassociateAddress",
        "ec2:ModifyNetworkInterfaceAttribute",
        "ecr:GetAuthorizationToken",
        "ssmmessages:*",
      ],
      Resource: ["*"],
      Condition: {
        StringEquals: { "aws:RequestedRegion": [...new Set([place.region, "us-east-1", place.registry.region])] },
      },
    },
    {
      Sid: "Keys",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: ["*"],
      Condition: {
        StringLike: {
          "kms:ViaService": ["s3", "secretsmanager", "sns", "sqs", "ssm"].map(
            (service) => `${service}.*.amazonaws.com`,
          ),
        },
      },
    },
    {
      // schedules, in the environment's own cluster
      Sid: "Start",
      Effect: "Allow",
      Action: ["ecs:RunTask"],
      Resource: regional(place, "ecs", `task-definition/${name}-*`),
      Condition: { ArnEquals: { "ecs:cluster": regional(place, "ecs", `cluster/${name}`) } },
    },
    {
      Sid: "TagTasks",
      Effect: "Allow",
      Action: ["ecs:TagResource"],
      Resource: regional(place, "ecs", `task/${name}/*`),
    },
    {
      Sid: "StartWithRoles",
      Effect: "Allow",
      Action: ["iam:PassRole"],
      Resource: identities(place, "role"),
      Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    },
    ...taskPermissions.map(({ actions, resources }, at): Statement => ({
      Sid: `Task${at + 1}`,
      Effect: "Allow",
      Action: actions,
      Resource: resources,
    })),
    {
      // addresses and interfaces have no names
      Sid: "KeepOtherEnvironments",
      Effect: "Deny",
      Action: ["ec2:*"],
      Resource: ["*"],
      Condition: {
        Null: { "aws:ResourceTag/environment": "false" },
        StringNotEquals: { "aws:ResourceTag/environment": place.stack },
      },
    },
    {
      Sid: "KeepState",
      Effect: "Deny",
      Action: ["s3:*"],
      Resource: buckets.flatMap((bucket) => [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`]),
    },
  ];
}
