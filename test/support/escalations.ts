import { madeBoundaryArn } from "../../constructs/shared/pipeline-names";
import type { PolicyContext } from "./iot-policy-evaluator";

/** The account in which all environments are: the hardest case to keep them apart. */
export const ACCOUNT = "123456789012";

/** The boundary of what a pipeline makes in stage. */
export const MADE_BOUNDARY = madeBoundaryArn("slipway", ACCOUNT, "stage");

export const iam = (kind: string, path: string): string => `arn:aws:iam::${ACCOUNT}:${kind}/${path}`;
export const state = (stack: string, end = ""): string =>
  `arn:aws:s3:::slipway-state-${ACCOUNT}/slipway/${stack}.tfstate${end}`;
export const secret = (environment: string, name: string): string =>
  `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:/slipway/${environment}/${name}-AbCdEf`;
export const bounded = { "iam:PermissionsBoundary": MADE_BOUNDARY };
export const passed = (service: string) => ({ "iam:PassedToService": `${service}.amazonaws.com` });

export type Escalation = readonly [what: string, action: string, resource: string, context?: PolicyContext];

/** What somebody would try who has got hold of a role of stage, or made one with it: all of it is refused. */
export const escalations: readonly Escalation[] = [
  ["create a user of one's own", "iam:CreateUser", iam("user", "mallory"), bounded],
  ["create a user without the boundary", "iam:CreateUser", iam("user", "slipway/stage/mallory")],
  ["a key for a user", "iam:CreateAccessKey", iam("user", "slipway/stage/slipway-stage-images-uploader")],
  ["a console password", "iam:CreateLoginProfile", iam("user", "slipway/stage/slipway-stage-images-uploader")],
  ["a role without the boundary", "iam:CreateRole", iam("role", "slipway/stage/mallory")],
  [
    "a role with another boundary",
    "iam:CreateRole",
    iam("role", "slipway/stage/mallory"),
    { "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess" },
  ],
  [
    "a role with the boundary of pipelines",
    "iam:CreateRole",
    iam("role", "slipway/stage/mallory"),
    { "iam:PermissionsBoundary": iam("policy", `slipway/bootstrap-${ACCOUNT}/slipway-boundary`) },
  ],
  [
    "a role with the boundary of another environment",
    "iam:CreateRole",
    iam("role", "slipway/stage/mallory"),
    { "iam:PermissionsBoundary": madeBoundaryArn("slipway", ACCOUNT, "prod") },
  ],
  ["a role outside of the environment", "iam:CreateRole", iam("role", "mallory"), bounded],
  ["a role of another environment", "iam:PutRolePolicy", iam("role", "slipway/prod/slipway-prod-api-task"), bounded],
  ["take off a boundary", "iam:DeleteRolePermissionsBoundary", iam("role", "slipway/stage/slipway-stage-api-task")],
  [
    "put on another boundary",
    "iam:PutRolePermissionsBoundary",
    iam("role", "slipway/stage/slipway-stage-api-task"),
    { "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess" },
  ],
  [
    "leave the boundary by taking it off oneself",
    "iam:DeleteRolePermissionsBoundary",
    iam("role", `slipway/bootstrap-${ACCOUNT}/slipway-stage-apply`),
  ],
  ["give oneself more", "iam:PutRolePolicy", iam("role", `slipway/bootstrap-${ACCOUNT}/slipway-stage-apply`), bounded],
  ["change the boundary", "iam:CreatePolicyVersion", MADE_BOUNDARY],
  [
    "change the boundary of pipelines",
    "iam:CreatePolicyVersion",
    iam("policy", `slipway/bootstrap-${ACCOUNT}/slipway-boundary`),
  ],
  [
    "let others take a pipeline's role",
    "iam:UpdateAssumeRolePolicy",
    iam("role", `slipway/bootstrap-${ACCOUNT}/slipway-prod-apply`),
  ],
  ["trust another host", "iam:CreateOpenIDConnectProvider", iam("oidc-provider", "evil.example.com")],
  [
    "pass a role of another environment",
    "iam:PassRole",
    iam("role", "slipway/prod/slipway-prod-api-task"),
    passed("ecs-tasks"),
  ],
  [
    "pass a pipeline's role to a task",
    "iam:PassRole",
    iam("role", `slipway/bootstrap-${ACCOUNT}/slipway-prod-apply`),
    passed("ecs-tasks"),
  ],
  ["pass a role to a function", "iam:PassRole", iam("role", "slipway/stage/slipway-stage-api-task"), passed("lambda")],
  ["take another role", "sts:AssumeRole", iam("role", "OrganizationAccountAccessRole")],
  ["another environment's secret", "secretsmanager:GetSecretValue", secret("prod", "database/master-1")],
  ["another environment's state", "s3:GetObject", state("prod")],
  ["another environment's state, written", "s3:PutObject", state("prod")],
  ["another environment's lock", "s3:DeleteObject", state("prod", ".tflock")],
  ["the bootstrap's state", "s3:GetObject", state(`bootstrap-${ACCOUNT}`)],
  ["the bucket of the state", "s3:DeleteBucket", `arn:aws:s3:::slipway-state-${ACCOUNT}`],
  ["old versions of the state", "s3:DeleteObjectVersion", state("stage")],
  [
    "another environment's network",
    "ec2:DeleteVpc",
    `arn:aws:ec2:us-east-1:${ACCOUNT}:vpc/vpc-1`,
    { "aws:ResourceTag/environment": "prod" },
  ],
  [
    "another environment's network in a private zone",
    "route53:AssociateVPCWithHostedZone",
    `arn:aws:ec2:us-east-1:${ACCOUNT}:vpc/vpc-1`,
    { "aws:ResourceTag/environment": "prod" },
  ],
  [
    "another environment's data, from a snapshot",
    "rds:RestoreDBInstanceFromDBSnapshot",
    `arn:aws:rds:us-east-1:${ACCOUNT}:snapshot:rds:slipway-prod-db-1-2026-11-26-03-10`,
    { "aws:ResourceTag/environment": "prod" },
  ],
  ["another region", "ec2:CreateVpc", `arn:aws:ec2:eu-west-1:${ACCOUNT}:vpc/*`, { "aws:RequestedRegion": "eu-west-1" }],
  [
    "an alarm that scales another environment",
    "cloudwatch:PutMetricAlarm",
    `arn:aws:cloudwatch:us-east-1:${ACCOUNT}:alarm:TargetTracking-service/slipway-prod/api-AlarmHigh-1`,
  ],
  ["a record of another zone", "route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z9999999999999999999"],
  ["a service that is not used", "lambda:CreateFunction", `arn:aws:lambda:us-east-1:${ACCOUNT}:function:mallory`],
  ["the organisation", "organizations:LeaveOrganization", "*"],
  ["a group of one's own", "iam:PutGroupPolicy", iam("group", "mallory")],
  [
    "a task of one's own in another network",
    "ecs:RunTask",
    `arn:aws:ecs:us-east-1:${ACCOUNT}:task-definition/slipway-stage-api:1`,
    { "ecs:cluster": `arn:aws:ecs:us-east-1:${ACCOUNT}:cluster/slipway-prod` },
  ],
  ["a shell in a task", "ecs:ExecuteCommand", `arn:aws:ecs:us-east-1:${ACCOUNT}:task/slipway-stage/1`],
  ["tags that move", "ecr:PutImageTagMutability", `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/slipway/app`],
  ["switch a key on again", "iam:UpdateAccessKey", iam("user", "slipway/stage/slipway-stage-images-uploader")],
  ["a key for Git", "iam:UploadSSHPublicKey", iam("user", "slipway/stage/slipway-stage-images-uploader")],
  ["the bootstrap's state, written", "s3:PutObject", state(`bootstrap-${ACCOUNT}`)],
  ["all states, copied out", "s3:PutReplicationConfiguration", `arn:aws:s3:::slipway-state-${ACCOUNT}`],
  ["all states, for everybody", "s3:PutBucketPolicy", `arn:aws:s3:::slipway-state-${ACCOUNT}`],
  ["pictures, copied out", "s3:PutReplicationConfiguration", "arn:aws:s3:::slipway-stage-images"],
  [
    "a snapshot for another account",
    "rds:ModifyDBSnapshotAttribute",
    `arn:aws:rds:us-east-1:${ACCOUNT}:snapshot:slipway-stage-1`,
  ],
  ["a snapshot as files", "rds:StartExportTask", `arn:aws:rds:us-east-1:${ACCOUNT}:snapshot:slipway-stage-1`],
  ["a disk for another account", "ec2:ModifySnapshotAttribute", "arn:aws:ec2:us-east-1::snapshot/snap-1"],
  ["a command on somebody's machine", "ssm:SendCommand", `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/i-1`],
  ["a shell on somebody's machine", "ssm:StartSession", `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/i-1`],
  [
    "what a machine runs when it starts",
    "ec2:ModifyInstanceAttribute",
    `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/i-1`,
  ],
  [
    "another project's secret",
    "secretsmanager:GetSecretValue",
    `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:/other/stage/key-AbCdEf`,
  ],
  [
    "a shell in another environment's task",
    "ecs:ExecuteCommand",
    `arn:aws:ecs:us-east-1:${ACCOUNT}:task/slipway-prod/1`,
  ],
];
