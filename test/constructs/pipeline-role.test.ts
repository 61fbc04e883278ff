import { madeBoundary } from "../../constructs/pipeline/made-boundary";
import type { PolicyContext, PolicyDocument } from "../support/iot-policy-evaluator";
import { isAllowed } from "../support/iot-policy-evaluator";
import { trustPolicy, type GithubTrust, type Moment } from "../../constructs/pipeline/trust";
import { environments, project } from "../support/shipped";
import { parseConfiguration } from "../../environments/checks";
import { madePlaceOf } from "../../stacks/context-of";
import { pipelineRoles, pipelinesBoundary } from "../../stacks/pipeline-roles";
import { ACCOUNT, bounded, escalations, iam, passed, secret, state } from "../support/escalations";

/** All environments in one account: the hardest case to keep them apart. */
const shared = parseConfiguration(
  {
    ...project,
    accounts: { dev: ACCOUNT, stage: ACCOUNT, prod: ACCOUNT },
    registry: { account: ACCOUNT, region: "us-east-1" },
    publicZone: { id: "Z0123456789ABCDEFGHIJ", name: "example.com" },
  },
  environments,
);
const roles = pipelineRoles({ ...shared, account: ACCOUNT });
const boundary = { Statement: pipelinesBoundary(shared.project, ACCOUNT) } as PolicyDocument;
const made = { Statement: madeBoundary(madePlaceOf(shared.project, "stage", ACCOUNT), []) } as PolicyDocument;

/** Whether a role may: by its policies together, and by the boundary. */
function may(role: string, action: string, resource: string, context: PolicyContext = {}): boolean {
  const spec = roles.find(({ name }) => name === role);
  if (spec === undefined) throw new Error(`no role ${role}`);
  const request = { action, resource, context: { "aws:RequestedRegion": "us-east-1", ...context } };
  const document = { Statement: spec.policies.flatMap(({ statements }) => statements) } as PolicyDocument;
  return isAllowed(document, request) && isAllowed(boundary, request);
}

test("an account has the roles of what is in it", () => {
  expect(roles.map(({ name, moments }) => [name, ...moments])).toEqual([
    ["registry-plan", "change", "main", "tag"],
    ["registry-apply", "main"],
    ["registry-release", "main"],
    ["dev-plan", "change", "main", "tag"],
    ["stage-plan", "change", "main", "tag"],
    ["stage-apply", "main"],
    ["stage-release", "main"],
    ["prod-plan", "change", "main", "tag"],
    ["prod-apply", "tag"],
    ["prod-release", "tag"],
  ]);
  const alone = pipelineRoles({
    project: { ...shared.project, registry: { account: "999999999999", region: "us-east-1" } },
    environments: shared.environments,
    account: "999999999999",
  });
  expect(alone.map(({ name }) => name)).toEqual(["registry-plan", "registry-apply", "registry-release"]);
});

test("no record is anybody's to change where the project has no zone", () => {
  const project = { ...shared.project, publicZone: { none: true as const } };
  const actions = pipelineRoles({ ...shared, project, account: ACCOUNT }).flatMap(({ policies }) =>
    policies.flatMap(({ statements }) => statements.flatMap(({ Action = [] }) => Action)),
  );
  expect(actions).toContain("route53:GetHostedZone");
  expect(actions).not.toContain("route53:ChangeResourceRecordSets");
});

test("every policy fits what AWS takes: 6,144 characters, and ten per role", () => {
  for (const { name, policies } of roles) {
    expect(policies.length).toBeLessThanOrEqual(10);
    for (const { name: policy, statements } of policies) {
      const size = JSON.stringify({ Version: "2012-10-17", Statement: statements }).length;
      expect(`${name}/${policy}: ${size <= 6144 ? "fits" : size}`).toBe(`${name}/${policy}: fits`);
    }
  }
  for (const document of [boundary, made]) {
    expect(JSON.stringify({ Version: "2012-10-17", ...document }).length).toBeLessThanOrEqual(6144);
  }
});

/** What a restore is asked on: its snapshot, which may have any name or be shared, and what the instance is put into. */
const restored = [
  ...["slipway-stage-db-1-final", "rds:slipway-stage-db-1-2026-11-26-03-10", "before-the-move"].map(
    (name) => `arn:aws:rds:us-east-1:${ACCOUNT}:snapshot:${name}`,
  ),
  "arn:aws:rds:us-east-1:999999999999:snapshot:shared",
  ...["db:slipway-stage-db-2", "og:default:postgres-16", "pg:slipway-stage-db", "subgrp:slipway-stage-db"].map(
    (resource) => `arn:aws:rds:us-east-1:${ACCOUNT}:${resource}`,
  ),
];
const scalingRole = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService`;
const endpointZone = "arn:aws:route53:::hostedzone/Z0000000000AWSOWNED01";

describe("what each role is for", () => {
  const needed: readonly (readonly [role: string, action: string, resource: string, context?: PolicyContext])[] = [
    ["stage-plan", "s3:GetObject", state("stage")],
    ["stage-plan", "ec2:DescribeVpcs", "*"],
    ["stage-plan", "secretsmanager:GetRandomPassword", "*"],
    ["stage-plan", "secretsmanager:DescribeSecret", secret("stage", "database/app-1-1")],
    ["stage-apply", "s3:PutObject", state("stage")],
    ["stage-apply", "s3:PutObject", state("stage", ".tflock")],
    ["stage-apply", "s3:DeleteObject", state("stage", ".tflock")],
    ["stage-apply", "ec2:CreateVpc", `arn:aws:ec2:us-east-1:${ACCOUNT}:vpc/*`],
    ["stage-apply", "rds:CreateDBInstance", `arn:aws:rds:us-east-1:${ACCOUNT}:db:slipway-stage-1`],
    ["stage-apply", "secretsmanager:PutSecretValue", secret("stage", "database/app-1-1")],
    ["stage-apply", "route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"],
    ["stage-apply", "chatbot:CreateSlackChannelConfiguration", "*", { "aws:RequestedRegion": "us-west-2" }],
    ["stage-apply", "secretsmanager:CreateSecret", `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:rds!db-1`],
    ["stage-apply", "rds:CreateDBInstance", `arn:aws:rds:us-east-1:${ACCOUNT}:og:default:postgres-16`],
    ...restored.map((resource) => ["stage-apply", "rds:RestoreDBInstanceFromDBSnapshot", resource] as const),
    ["stage-apply", "ec2:GetSecurityGroupsForVpc", "*"],
    ["stage-apply", "autoscaling:CancelInstanceRefresh", "*"],
    ["stage-apply", "route53:AssociateVPCWithHostedZone", endpointZone],
    ["stage-apply", "route53:AssociateVPCWithHostedZone", `arn:aws:ec2:us-east-1:${ACCOUNT}:vpc/vpc-1`],
    ["stage-apply", "iam:PassRole", scalingRole, passed("application-autoscaling")],
    [
      "stage-release",
      "ecs:ListTasks",
      "*",
      { "ecs:cluster": `arn:aws:ecs:us-east-1:${ACCOUNT}:cluster/slipway-stage` },
    ],
    ["stage-apply", "iam:CreateRole", iam("role", "slipway/stage/slipway-stage-api-task"), bounded],
    ["stage-apply", "iam:CreateUser", iam("user", "slipway/stage/slipway-stage-images-uploader"), bounded],
    ["stage-apply", "iam:PassRole", iam("role", "slipway/stage/slipway-stage-api-task"), passed("ecs-tasks")],
    ["stage-release", "ecr:PutImage", `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/slipway/app`],
    ["registry-release", "ecr:GetAuthorizationToken", "*"],
    ["stage-release", "ecs:UpdateService", `arn:aws:ecs:us-east-1:${ACCOUNT}:service/slipway-stage/slipway-stage-api`],
    ["stage-release", "iam:PassRole", iam("role", "slipway/stage/slipway-stage-api-task"), passed("ecs-tasks")],
    ["stage-release", "iam:PassRole", iam("role", "slipway/stage/slipway-stage-api-execution"), passed("ecs-tasks")],
    ["stage-release", "ssm:PutParameter", `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/slipway/stage/lock/release`],
    ["registry-release", "ecr:UploadLayerPart", `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/slipway/app`],
    ["registry-apply", "ecr:CreateRepository", `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/slipway/app`],
  ];
  test.each(needed.map(([role, action, resource, context = {}]) => [role, action, resource, context] as const))(
    "%s: %s on %s",
    (role, action, resource, context) => {
      expect(may(role, action, resource, context)).toBe(true);
    },
  );
});

test("what only a deploy needs, no other role may do, and nothing that a pipeline makes", () => {
  const requests = [
    { action: "iam:PassRole", resource: scalingRole, context: passed("application-autoscaling") },
    { action: "rds:RestoreDBInstanceFromDBSnapshot", resource: restored[0]!, context: {} },
    { action: "route53:AssociateVPCWithHostedZone", resource: endpointZone, context: {} },
    { action: "autoscaling:CancelInstanceRefresh", resource: "*", context: {} },
  ];
  for (const { action, resource, context } of requests) {
    const others = ["stage-plan", "stage-release"].filter((role) => may(role, action, resource, context));
    const inRegion = { "aws:RequestedRegion": "us-east-1", ...context };
    const isMades = isAllowed(made, { action, resource, context: inRegion });
    expect({ action, others, isMades }).toEqual({ action, others: [], isMades: false });
  }
});

test("a snapshot is what a deploy makes a database from, and no more", () => {
  const snapshot = `arn:aws:rds:us-east-1:${ACCOUNT}:snapshot:before-the-move`;
  for (const action of ["rds:DeleteDBSnapshot", "rds:CopyDBSnapshot", "rds:RestoreDBInstanceToPointInTime"]) {
    expect(`${action} ${may("stage-apply", action, snapshot)}`).toBe(`${action} false`);
  }
});

describe.each(["stage-plan", "stage-apply", "stage-release"])("%s is refused", (role) => {
  test.each(escalations.map(([what, action, resource, context = {}]) => [what, action, resource, context] as const))(
    "%s",
    (_, action, resource, context) => {
      expect(may(role, action, resource, context)).toBe(false);
    },
  );
});

/** The second step: whoever may make a role gives it everything, and its boundary is all that is left to stop it. */
describe("a role that a pipeline makes, with every permission there is, is refused", () => {
  test.each(escalations.map(([what, action, resource, context = {}]) => [what, action, resource, context] as const))(
    "%s",
    (_, action, resource, context) => {
      const request = { action, resource, context: { "aws:RequestedRegion": "us-east-1", ...context } };
      expect(isAllowed(made, request)).toBe(false);
    },
  );
});

test("a project elsewhere reaches what CloudFront has in us-east-1, and autoscaling the alarms that it makes", () => {
  const project = { ...shared.project, region: "eu-central-1" };
  const elsewhere = pipelineRoles({ ...shared, project, account: ACCOUNT });
  const bounds = { Statement: pipelinesBoundary(project, ACCOUNT) } as PolicyDocument;
  const mayThere = (role: string, action: string, resource: string, context: PolicyContext): boolean => {
    const policies = elsewhere.find(({ name }) => name === role)?.policies ?? [];
    const document = { Statement: policies.flatMap(({ statements }) => statements) } as PolicyDocument;
    const request = { action, resource, context };
    return isAllowed(document, request) && isAllowed(bounds, request);
  };
  const global = { "aws:RequestedRegion": "us-east-1" };
  const arn = (service: string, rest: string, region = "us-east-1"): string =>
    `arn:aws:${service}:${region}:${ACCOUNT}:${rest}`;
  for (const [role, action, resource] of [
    ["stage-plan", "sns:GetTopicAttributes", arn("sns", "slipway-stage-alerts")],
    ["stage-apply", "sns:CreateTopic", arn("sns", "slipway-stage-alerts")],
    ["stage-apply", "cloudwatch:PutMetricAlarm", arn("cloudwatch", "alarm:slipway-stage-cdn-errors")],
    ["stage-apply", "logs:PutDeliverySource", arn("logs", "delivery-source:slipway-stage-images")],
  ] as const) {
    expect(`${action} ${mayThere(role, action, resource, global)}`).toBe(`${action} true`);
  }
  const alarm = arn("cloudwatch", "alarm:TargetTracking-service/slipway-stage/api-AlarmHigh-1", "eu-central-1");
  const context = { "aws:RequestedRegion": "eu-central-1" };
  for (const action of ["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"]) {
    expect(mayThere("stage-apply", action, alarm, context)).toBe(true);
    expect(mayThere("stage-plan", action, alarm, context)).toBe(false);
  }
});

test("policies of a project with twenty repositories fit too", () => {
  const repositories = Array.from({ length: 20 }, (_, i) => `${i}`.padStart(40, "r"));
  for (const { name, policies } of pipelineRoles({
    ...shared,
    project: { ...shared.project, name: "a-name-of-sixteen".slice(0, 16), repositories },
    account: ACCOUNT,
  })) {
    for (const { name: policy, statements } of policies) {
      const size = JSON.stringify({ Version: "2012-10-17", Statement: statements }).length;
      expect(`${name}/${policy}: ${size <= 6144 ? "fits" : size}`).toBe(`${name}/${policy}: fits`);
    }
  }
});

test("no plan sees a secret, and none writes", () => {
  for (const { name } of roles.filter(({ name }) => name.endsWith("-plan"))) {
    const environment = name.replace("-plan", "");
    for (const action of ["secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue"]) {
      expect(may(name, action, secret(environment, "database/app-1-1"))).toBe(false);
    }
    expect(may(name, "s3:PutObject", state(environment))).toBe(false);
    expect(may(name, "s3:PutObject", state(environment, ".tflock"))).toBe(false);
    expect(may(name, "ecs:UpdateService", `arn:aws:ecs:us-east-1:${ACCOUNT}:service/slipway-${environment}/api`)).toBe(
      false,
    );
  }
});

describe("trust", () => {
  const github: GithubTrust = {
    providerArn: iam("oidc-provider", "token.actions.githubusercontent.com"),
    owner: "acme",
    ownerId: "11",
    repository: "shop",
    repositoryId: "22",
    environments: false,
    legacySubject: false,
  };
  const GITHUB = "token.actions.githubusercontent.com";

  /** Whether a token is let in: AWS asks the statement's conditions about its claims. */
  function lets(
    trust: Parameters<typeof trustPolicy>[0],
    host: string,
    claims: Readonly<Record<string, string>>,
  ): boolean {
    const { Statement } = trustPolicy(trust);
    const statements = Statement.map(({ Sid, Effect, Action, Condition }) => ({
      Sid,
      Effect,
      Action,
      Condition,
      Resource: "*",
    }));
    return isAllowed({ Statement: statements } as PolicyDocument, {
      action: "sts:AssumeRoleWithWebIdentity",
      resource: "*",
      context: Object.fromEntries(Object.entries(claims).map(([claim, value]) => [`${host}:${claim}`, value])),
    });
  }
  const token = (end: string, more: Readonly<Record<string, string>> = {}) => ({
    aud: "sts.amazonaws.com",
    repository_id: "22",
    sub: `repo:acme@11/shop@22:${end}`,
    ...more,
  });
  const all: readonly Moment[] = ["change", "main", "tag"];

  test.each([
    ["a pull request", "pull_request", ["change"]],
    ["main", "ref:refs/heads/main", ["main"]],
    ["a tag", "ref:refs/tags/v1.2.0", ["tag"]],
    ["another tag", "ref:refs/tags/test", []],
    ["a tag that a ruleset for v* does not protect", "ref:refs/tags/v1/x", []],
    ["another branch", "ref:refs/heads/mallory", []],
    ["a branch that is called like main", "ref:refs/heads/main2", []],
    ["a job of an environment", "environment:prod", []],
  ] as const)("GitHub, %s", (_, end, expected) => {
    expect(all.filter((moment) => lets({ github, moments: [moment] }, GITHUB, token(end)))).toEqual(expected);
  });

  test("with environments: the environment's jobs alone, and on the ref alone", () => {
    const prod = { github: { ...github, environments: true }, moments: ["tag"], environment: "prod" } as const;
    expect(lets(prod, GITHUB, token("environment:prod", { ref: "refs/tags/v1.2.0" }))).toBe(true);
    expect(lets(prod, GITHUB, token("environment:prod", { ref: "refs/heads/mallory" }))).toBe(false);
    expect(lets(prod, GITHUB, token("environment:prod", { ref: "refs/tags/v1/x" }))).toBe(false);
    expect(lets(prod, GITHUB, token("environment:prod"))).toBe(false);
    expect(lets(prod, GITHUB, token("environment:stage", { ref: "refs/tags/v1.2.0" }))).toBe(false);
    expect(lets(prod, GITHUB, token("ref:refs/tags/v1.2.0", { ref: "refs/tags/v1.2.0" }))).toBe(false);
  });

  test("a repository that has taken the name, or a token for somebody else, is not let in", () => {
    const main = { github, moments: ["main"] } as const;
    const end = "ref:refs/heads/main";
    expect(lets(main, GITHUB, token(end, { repository_id: "23" }))).toBe(false);
    expect(lets(main, GITHUB, token(end, { sub: `repo:acme@12/shop@22:${end}` }))).toBe(false);
    expect(lets(main, GITHUB, token(end, { sub: `repo:acme/shop:${end}` }))).toBe(false);
    expect(lets(main, GITHUB, token(end, { aud: "https://example.com" }))).toBe(false);
    const legacy = { github: { ...github, legacySubject: true }, moments: ["main"] } as const;
    expect(lets(legacy, GITHUB, token(end, { sub: `repo:acme/shop:${end}` }))).toBe(true);
  });

  test.each([
    ["a branch", "acme/shop:ref_type:branch:ref:feature", ["change"]],
    ["main", "acme/shop:ref_type:branch:ref:main", ["change", "main"]],
    ["a tag", "acme/shop:ref_type:tag:ref:v1.2.0", ["tag"]],
    ["a branch called like a tag", "acme/shop:ref_type:branch:ref:v1.2.0", ["change"]],
    ["another project", "acme/shop2:ref_type:branch:ref:main", []],
  ] as const)("GitLab, %s", (_, sub, expected) => {
    const gitlab = { providerArn: iam("oidc-provider", "gitlab.com"), host: "gitlab.com", project: "acme/shop" };
    const claims = { aud: "sts.amazonaws.com", sub: `project_path:${sub}` };
    expect(all.filter((moment) => lets({ gitlab, moments: [moment] }, "gitlab.com", claims))).toEqual(expected);
  });
});
