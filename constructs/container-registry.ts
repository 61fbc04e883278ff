import { EcrLifecyclePolicy } from "@cdktf/provider-aws/lib/ecr-lifecycle-policy";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { EcrRepositoryPolicy } from "@cdktf/provider-aws/lib/ecr-repository-policy";
import { Construct } from "constructs";
import {
  containerRegistrySettings,
  type ContainerRegistryInput,
  type ContainerRegistrySettings,
} from "./settings/container-registry";
import type { Context } from "./shared/context";
import { pascalCase } from "./shared/pascal-case";
import { settingsOf } from "./shared/problems";
import { protectionOf } from "./shared/protection";
import { repositoryUrl, type RepositoryAddress } from "./shared/repository-url";
import { exceptFromScan } from "./shared/scan-exception";

/** Images that a repository can hold, unless AWS raises it. https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html */
const IMAGES_PER_REPOSITORY = 100_000;

export type ContainerRegistryProps = ContainerRegistryInput & { readonly context: Context };

/**
 * Private image repositories `<project>/<name>`: tags never move, every image is scanned when it comes in, and an image that was
 * ever released is never deleted by a lifecycle. `build-<sha>` is the tag of a build, `release-<environment>-<n>` the tag that a
 * release adds.
 */
export class ContainerRegistry extends Construct {
  /** URL by name, without a tag. */
  public readonly repositoryUrlByName: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, { context, ...input }: ContainerRegistryProps) {
    super(scope, id);
    const settings = settingsOf(this, containerRegistrySettings, input);
    this.repositoryUrlByName = Object.fromEntries(
      settings.repositories.map((name) => [name, this.createRepository(name, context, settings)]),
    );
  }

  /** URL of a repository for stacks that do not share a graph with it. */
  public static repositoryUrl(address: RepositoryAddress): string {
    return repositoryUrl(address);
  }

  private createRepository(name: string, context: Context, settings: ContainerRegistrySettings): string {
    const { protect, forceDestroy } = protectionOf(context);
    const scope = new Construct(this, pascalCase(name));
    const repository = new EcrRepository(scope, "Repository", {
      name: `${context.project}/${name}`,
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: [{ encryptionType: "AES256" }],
      forceDelete: forceDestroy,
      lifecycle: { preventDestroy: protect },
    });
    exceptFromScan(
      repository,
      "CKV_AWS_136",
      "encrypted with AWS's own key: every account that pulls would need a grant on one of ours, and it cannot be changed without a new repository",
    );
    new EcrLifecyclePolicy(scope, "LifecyclePolicy", {
      repository: repository.name,
      policy: JSON.stringify(lifecycleOf(settings)),
    });
    new EcrRepositoryPolicy(scope, "Policy", {
      repository: repository.name,
      policy: JSON.stringify(policyOf(settings.readerAccounts, context.project)),
    });
    return repository.repositoryUrl;
  }
}

/**
 * What is deleted when. ECR lets an image be expired only by the first rule whose tags it has, so the first rule takes every
 * released image out of the reach of the others, and itself expires nothing: it would begin at more images than a repository
 * holds. The images behind a multi-architecture image have no tag and are kept by ECR as long as that image is.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
 */
function lifecycleOf({ buildRetentionDays, untaggedRetentionDays }: ContainerRegistrySettings): object {
  const expire = { type: "expire" };
  return {
    rules: [
      {
        rulePriority: 1,
        description: "keep what was released",
        selection: {
          tagStatus: "tagged",
          tagPrefixList: ["release-"],
          countType: "imageCountMoreThan",
          countNumber: IMAGES_PER_REPOSITORY,
        },
        action: expire,
      },
      {
        rulePriority: 2,
        description: "expire builds that were never released",
        selection: {
          tagStatus: "tagged",
          tagPrefixList: ["build-"],
          countType: "sinceImagePushed",
          countUnit: "days",
          countNumber: buildRetentionDays,
        },
        action: expire,
      },
      {
        rulePriority: 3,
        description: "expire what has no tag",
        selection: {
          tagStatus: "untagged",
          countType: "sinceImagePushed",
          countUnit: "days",
          countNumber: untaggedRetentionDays,
        },
        action: expire,
      },
    ],
  };
}

/** Who in other accounts may do what; each account decides which of its own roles may use it. */
function policyOf(accounts: readonly string[], project: string): object {
  const principal = { AWS: accounts.map((account) => `arn:aws:iam::${account}:root`) };
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Pull",
        Effect: "Allow",
        Principal: principal,
        Action: [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:DescribeImages",
          "ecr:GetDownloadUrlForLayer",
        ],
      },
      {
        // a release adds its tag to an image that is there: it puts the manifest again and uploads nothing; people release too, by
        // the roles of IAM Identity Center: https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
        Sid: "TagReleases",
        Effect: "Allow",
        Principal: principal,
        Action: "ecr:PutImage",
        Condition: {
          ArnLike: {
            "aws:PrincipalArn": accounts.flatMap((account) => [
              `arn:aws:iam::${account}:role/${project}/*/*release*`,
              `arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_*`,
            ]),
          },
        },
      },
    ],
  };
}
