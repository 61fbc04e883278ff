import {
  chatbotRegions,
  inRegion,
  nameOf,
  type NamedPolicy,
  type PipelinePlace,
  regional,
  regionalAndGlobal,
  repositoryArns,
  type Statement,
  stateStatements,
} from "./place";
import { identityStatements } from "./identity-statements";
import { readingPolicy, registryReadingPolicy } from "./plan-policies";
import { computeActions, otherActions } from "./unnamed-actions";

/** What an environment's stack needs to be planned, made, changed and removed. */
export function applyPolicies(place: PipelinePlace): NamedPolicy[] {
  return [
    readingPolicy(place),
    { name: "apply-named", statements: [...stateStatements(place, "write"), ...named(place)] },
    { name: "apply-network", statements: [...unnamed(place, computeActions), endpointNames(place), keepOthers(place)] },
    { name: "apply-services", statements: [...unnamed(place, otherActions), channels, ...records(place)] },
    { name: "apply-identities", statements: identityStatements(place) },
  ];
}

/** What the stack of the registry needs. */
export function registryApplyPolicies(place: PipelinePlace): NamedPolicy[] {
  return [
    registryReadingPolicy(place),
    {
      name: "apply",
      statements: [
        ...stateStatements(place, "write"),
        {
          // and not whether a tag may move: production runs what a tag names, and a job of main must not change that
          Sid: "Repositories",
          Effect: "Allow",
          Action: [
            "ecr:CreateRepository",
            "ecr:DeleteLifecyclePolicy",
            "ecr:DeleteRepositoryPolicy",
            "ecr:PutLifecyclePolicy",
            "ecr:SetRepositoryPolicy",
            "ecr:TagResource",
            "ecr:UntagResource",
          ],
          Resource: repositoryArns(place),
        },
      ],
    },
  ];
}

/** Everything whose ARN begins with the environment's name: all of it is the environment's own. */
function named(place: PipelinePlace): Statement[] {
  const name = nameOf(place);
  const path = `${place.project}/${place.stack}`;
  return [
    {
      Sid: "Named",
      Effect: "Allow",
      Action: [
        "cloudwatch:*",
        "ecs:*",
        "events:*",
        "logs:*",
        "rds:*",
        "s3:*",
        "scheduler:*",
        "sns:*",
        "sqs:*",
        "ssm:*",
      ],
      Resource: [
        `arn:aws:cloudwatch::${place.account}:dashboard/${name}`,
        ...regionalAndGlobal(place, "cloudwatch", `alarm:${name}-*`),
        ...regional(place, "ecs", `cluster/${name}`, `service/${name}/*`, `task-definition/${name}-*:*`),
        ...regional(place, "events", `rule/${name}-*`),
        ...regional(
          place,
          "logs",
          `log-group:/${path}/*`,
          `log-group:/aws/rds/instance/${name}-*`,
          "log-group:/aws/amazonmq/broker/*",
        ),
        ...regionalAndGlobal(
          place,
          "logs",
          "delivery:*",
          `delivery-destination:${name}-*`,
          `delivery-source:${name}-*`,
        ),
        ...regional(place, "rds", ...["db", "es", "pg", "snapshot", "subgrp"].map((kind) => `${kind}:${name}-*`)),
        `arn:aws:s3:::${name}-*`,
        ...regional(place, "scheduler", `schedule/${name}/*`, `schedule-group/${name}`),
        ...regionalAndGlobal(place, "sns", `${name}-*`),
        ...regional(place, "sqs", `${name}-*`),
        ...regional(place, "ssm", `parameter/${path}/*`),
      ],
    },
    {
      // whoever deploys starts no task and enters none: another cluster's network would be within reach
      Sid: "NoTasks",
      Effect: "Deny",
      Action: ["ecs:ExecuteCommand", "ecs:RunTask", "ecs:StartTask"],
      Resource: ["*"],
    },
    {
      // those that autoscaling makes, in the name of whoever sets it up, which no key of a condition tells from a call of one's own:
      // https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_permission_validation.html
      Sid: "AlarmsOfScaling",
      Effect: "Allow",
      Action: ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"],
      Resource: regional(place, "cloudwatch", `alarm:TargetTracking-service/${name}/*`),
    },
    {
      // a database that is given no group of options is put into that of AWS, which its maker must be allowed to use
      Sid: "DefaultGroups",
      Effect: "Allow",
      Action: [
        "rds:CreateDBInstance",
        "rds:CreateDBInstanceReadReplica",
        "rds:ModifyDBInstance",
        "rds:RestoreDBInstanceFromDBSnapshot",
        "rds:RestoreDBInstanceToPointInTime",
      ],
      Resource: regional(place, "rds", "og:default:*"),
    },
    {
      // what a database is made from: automated snapshots, and those of people and other accounts, which have any name
      Sid: "Snapshots",
      Effect: "Allow",
      Action: ["rds:RestoreDBInstanceFromDBSnapshot"],
      Resource: [`arn:aws:rds:${place.region}:*:snapshot:*`],
    },
    {
      // RDS keeps the master's password in a secret that it makes in the name of whoever makes the database:
      // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html#rds-secrets-manager-permissions
      Sid: "MasterPasswords",
      Effect: "Allow",
      Action: ["secretsmanager:CreateSecret", "secretsmanager:TagResource"],
      Resource: regional(place, "secretsmanager", "secret:rds!db-*"),
    },
    {
      Sid: "Secrets",
      Effect: "Allow",
      Action: [
        "secretsmanager:CreateSecret",
        "secretsmanager:DeleteSecret",
        // a password that goes to two places is read back, so that both get the stored one
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:TagResource",
        "secretsmanager:UntagResource",
        "secretsmanager:UpdateSecret",
        "secretsmanager:UpdateSecretVersionStage",
      ],
      Resource: regional(place, "secretsmanager", `secret:/${path}/*`),
    },
  ];
}

const channels: Statement = {
  Sid: "Channels",
  Effect: "Allow",
  Action: [
    "chatbot:CreateSlackChannelConfiguration",
    "chatbot:DeleteSlackChannelConfiguration",
    "chatbot:TagResource",
    "chatbot:UntagResource",
    "chatbot:UpdateSlackChannelConfiguration",
  ],
  Resource: ["*"],
  Condition: { StringEquals: { "aws:RequestedRegion": chatbotRegions } },
};

/** Names of the load balancer and the CDN, and what proves to ACM that they are ours. */
function records({ zoneId }: PipelinePlace): Statement[] {
  if (zoneId === undefined) return [];
  return [
    {
      Sid: "Records",
      Effect: "Allow",
      Action: ["route53:ChangeResourceRecordSets"],
      Resource: [`arn:aws:route53:::hostedzone/${zoneId}`],
    },
  ];
}

/** What has an id of AWS instead of a name. In a shared account the tag says whose it is. */
function unnamed(place: PipelinePlace, actions: readonly string[]): Statement[] {
  return [
    {
      Sid: "Unnamed",
      Effect: "Allow",
      Action: actions,
      Resource: ["*"],
      Condition: inRegion(place),
    },
  ];
}

/** An interface endpoint that answers to its service's own name puts the network into a private zone, which is AWS's. */
function endpointNames(place: PipelinePlace): Statement {
  return {
    Sid: "EndpointNames",
    Effect: "Allow",
    Action: ["route53:AssociateVPCWithHostedZone"],
    Resource: ["arn:aws:route53:::hostedzone/*", ...regional(place, "ec2", "vpc/*")],
  };
}

/** In an account that environments share, what carries the tag of another one is out of reach. */
function keepOthers({ stack }: PipelinePlace): Statement {
  return {
    Sid: "KeepOtherEnvironments",
    Effect: "Deny",
    // a zone and its records are of all environments, whoever has tagged it
    NotAction: ["route53:ChangeResourceRecordSets", "route53:Get*", "route53:List*"],
    Resource: ["*"],
    Condition: {
      Null: { "aws:ResourceTag/environment": "false" },
      StringNotEquals: { "aws:ResourceTag/environment": stack },
    },
  };
}
