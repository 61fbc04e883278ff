import { stateKey } from "../shared/pipeline-names";

/** What a pipeline role works on: one environment, or the registry. */
export interface PipelinePlace {
  readonly project: string;
  /** Name of its stack. */
  readonly stack: string;
  readonly account: string;
  readonly region: string;
  /** Where images are, and what the repositories are called. */
  readonly registry: { readonly account: string; readonly region: string };
  readonly repositories: readonly string[];
  /** Policy that every role and user must have which a pipeline makes. */
  readonly boundaryArn: string;
  /** The bucket of the state. */
  readonly stateBucket: string;
  /** The project's public hosted zone, the only one whose records are the environment's to change. Default: none is. */
  readonly zoneId?: string;
}

/** One statement of a policy, as IAM writes it. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action?: readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource?: readonly string[];
  readonly NotResource?: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A policy by the name that it gets. */
export interface NamedPolicy {
  readonly name: string;
  readonly statements: readonly Statement[];
}

/** Start of the names of everything in the environment. */
export const nameOf = ({ project, stack }: Pick<PipelinePlace, "project" | "stack">): string => `${project}-${stack}`;

/** ARNs of a service in the environment's region. */
export function regional(
  { region, account }: Pick<PipelinePlace, "region" | "account">,
  service: string,
  ...resources: readonly string[]
): string[] {
  return resources.map((resource) => `arn:aws:${service}:${region}:${account}:${resource}`);
}

/** The same in us-east-1 besides, where CloudFront has its alarms, what they tell, and its logs. */
export function regionalAndGlobal(
  place: Pick<PipelinePlace, "region" | "account">,
  service: string,
  ...resources: readonly string[]
): string[] {
  const regions = [...new Set([place.region, "us-east-1"])];
  return regions.flatMap((region) => regional({ ...place, region }, service, ...resources));
}

/** Roles, users, groups and policies of the environment: a path of their own, so that a role of the bootstrap is none of them. */
export function identities(
  { project, stack, account }: Pick<PipelinePlace, "project" | "stack" | "account">,
  ...kinds: readonly string[]
): string[] {
  return kinds.map((kind) => `arn:aws:iam::${account}:${kind}/${project}/${stack}/*`);
}

/** What is done with identities outside of the project's paths: a role that deploys needs it, and its boundary lets it through. */
export function identitiesOfAws({ account }: Pick<PipelinePlace, "account">): Statement[] {
  const ofService = `arn:aws:iam::${account}:role/aws-service-role`;
  return [
    {
      // lists no resource, and is asked before a user is removed
      Sid: "ListDevices",
      Effect: "Allow",
      Action: ["iam:ListVirtualMFADevices"],
      Resource: ["*"],
    },
    {
      // by which AWS changes the number of a service's tasks: AWS makes it and alone can take it, and Terraform names it again
      // whenever the numbers of tasks change
      Sid: "PassScalingRole",
      Effect: "Allow",
      Action: ["iam:PassRole"],
      Resource: [
        `${ofService}/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService`,
      ],
    },
    {
      // made by AWS at the first use of a service, with permissions that AWS decides
      Sid: "ServiceLinkedRoles",
      Effect: "Allow",
      Action: ["iam:CreateServiceLinkedRole"],
      Resource: [`${ofService}/*`],
    },
  ];
}

/** Repositories of the project, wherever they are. */
export function repositoryArns({ project, registry, repositories }: PipelinePlace): string[] {
  return repositories.map((name) => `arn:aws:ecr:${registry.region}:${registry.account}:repository/${project}/${name}`);
}

/** IAM, CloudFront and Route 53 answer for the whole world from us-east-1; everything else has no business outside the region. */
export function inRegion({ region }: PipelinePlace): {
  readonly StringEquals: Readonly<Record<string, readonly string[]>>;
} {
  return { StringEquals: { "aws:RequestedRegion": [...new Set([region, "us-east-1"])] } };
}

/** Messages to Slack are set up where their service is: in one of its own regions, which the provider chooses by the environment's. */
export const chatbotRegions = ["ap-southeast-1", "eu-west-1", "us-east-2", "us-west-2"];

/** The stack's state: reading it, or writing it with its lock. */
export function stateStatements({ project, stack, stateBucket }: PipelinePlace, mode: "read" | "write"): Statement[] {
  const bucket = `arn:aws:s3:::${stateBucket}`;
  const object = `${bucket}/${stateKey(project, stack)}`;
  const locks: Statement = {
    Sid: "LockState",
    Effect: "Allow",
    Action: ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
    Resource: [`${object}.tflock`],
  };
  return [
    { Sid: "FindState", Effect: "Allow", Action: ["s3:ListBucket"], Resource: [bucket] },
    {
      Sid: mode === "read" ? "ReadState" : "WriteState",
      Effect: "Allow",
      Action: mode === "read" ? ["s3:GetObject"] : ["s3:GetObject", "s3:PutObject"],
      Resource: [object],
    },
    ...(mode === "read" ? [] : [locks]),
  ];
}
