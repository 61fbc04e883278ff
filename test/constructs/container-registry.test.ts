import { EcrLifecyclePolicy } from "@cdktf/provider-aws/lib/ecr-lifecycle-policy";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { EcrRepositoryPolicy } from "@cdktf/provider-aws/lib/ecr-repository-policy";
import { ContainerRegistry } from "../../constructs/container-registry";
import type { ContainerRegistryInput } from "../../constructs/settings/container-registry";
import type { Context } from "../../constructs/shared/context";
import { synth, type Json, type Synthesized } from "../support/synth";

const minimal: ContainerRegistryInput = { repositories: ["app"], readerAccounts: ["111111111111"] };

function built(input: Partial<ContainerRegistryInput> = {}, context: Partial<Context> = { lifetime: "permanent" }) {
  let registry: ContainerRegistry | undefined;
  const stack = synth((scope, given) => {
    registry = new ContainerRegistry(scope, "Registry", { context: given, ...minimal, ...input });
  }, context);
  return { stack, registry: registry! };
}

const rulesOf = (stack: Synthesized): Json[] => JSON.parse(stack.one(EcrLifecyclePolicy)["policy"]).rules as Json[];

/**
 * What ECR does with an image: the first rule by priority whose tags it has decides, and no later one is asked. An image has a
 * rule's tags when each prefix is that of one of its tags.
 */
function fate(rules: readonly Json[], tags: readonly string[], ageDays: number, images: number): "kept" | "expired" {
  const matches = ({ tagStatus, tagPrefixList }: Json): boolean =>
    tagStatus === "untagged"
      ? tags.length === 0
      : (tagPrefixList as string[]).every((prefix) => tags.some((tag) => tag.startsWith(prefix)));
  const rule = [...rules]
    .sort((a, b) => a["rulePriority"] - b["rulePriority"])
    .find(({ selection }) => matches(selection as Json));
  if (rule === undefined) return "kept";
  const { countType, countNumber } = rule["selection"] as Json;
  return (countType === "imageCountMoreThan" ? images : ageDays) > countNumber ? "expired" : "kept";
}

describe("by default", () => {
  const { stack, registry } = built();

  test("a repository has tags that never move, scans what comes in, and is encrypted", () => {
    expect(stack.one(EcrRepository)).toMatchObject({
      name: "shop/app",
      image_tag_mutability: "IMMUTABLE",
      image_scanning_configuration: { scan_on_push: true },
      encryption_configuration: [{ encryption_type: "AES256" }],
    });
  });

  test("a permanent repository refuses to be deleted with its images", () => {
    expect(stack.one(EcrRepository)).toMatchObject({ force_delete: false, lifecycle: { prevent_destroy: true } });
    expect(built({}, { lifetime: "temporary" }).stack.one(EcrRepository)).toMatchObject({
      force_delete: true,
      lifecycle: { prevent_destroy: false },
    });
  });

  test.each([
    ["a release of any age", ["build-1a2b3c", "release-prod-7"], 4000, "kept"],
    ["a release without its build tag", ["release-dev-1"], 4000, "kept"],
    ["a build of 91 days that was never released", ["build-1a2b3c"], 91, "expired"],
    ["a build of 90 days", ["build-1a2b3c"], 90, "kept"],
    ["an image of 8 days without a tag", [], 8, "expired"],
    ["an image of 7 days without a tag", [], 7, "kept"],
    ["an image with a tag of one's own", ["base"], 4000, "kept"],
  ] as const)("%s", (_, tags, ageDays, expected) => {
    // as many images as a repository holds
    expect(fate(rulesOf(stack), tags, ageDays, 100_000)).toBe(expected);
  });

  test("rules stand in the order of their priority, as ECR returns them", () => {
    expect(rulesOf(stack).map((rule) => rule["rulePriority"])).toEqual([1, 2, 3]);
  });

  test("the other accounts pull, and their release roles and people add tags; nothing more, nobody else", () => {
    expect(JSON.parse(stack.one(EcrRepositoryPolicy)["policy"]).Statement).toEqual([
      {
        Sid: "Pull",
        Effect: "Allow",
        Principal: { AWS: ["arn:aws:iam::111111111111:root"] },
        Action: [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:DescribeImages",
          "ecr:GetDownloadUrlForLayer",
        ],
      },
      {
        Sid: "TagReleases",
        Effect: "Allow",
        Principal: { AWS: ["arn:aws:iam::111111111111:root"] },
        Action: "ecr:PutImage",
        Condition: {
          ArnLike: {
            "aws:PrincipalArn": [
              "arn:aws:iam::111111111111:role/shop/*/*release*",
              "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_*",
            ],
          },
        },
      },
    ]);
  });

  test("its URL is known by name", () => {
    expect(Object.keys(registry.repositoryUrlByName)).toEqual(["app"]);
  });
});

test("with everything set", () => {
  const { stack } = built({
    repositories: ["app", "image-resizer"],
    readerAccounts: ["111111111111", "222222222222"],
    buildRetentionDays: 30,
    untaggedRetentionDays: 1,
  });
  expect(stack.all(EcrRepository)).toHaveLength(2);
  expect(stack.named(EcrRepository, "Registry_ImageResizer_Repository")["name"]).toBe("shop/image-resizer");
  const rules = JSON.parse(stack.named(EcrLifecyclePolicy, "Registry_App_LifecyclePolicy")["policy"]).rules as Json[];
  expect(fate(rules, ["build-1"], 31, 1)).toBe("expired");
  expect(fate(rules, [], 2, 1)).toBe("expired");
  const policy = JSON.parse(stack.named(EcrRepositoryPolicy, "Registry_App_Policy")["policy"]) as Json;
  expect((policy["Statement"] as Json[]).map((statement) => statement["Principal"].AWS)).toEqual([
    ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"],
    ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"],
  ]);
});

test("stacks that do not share a graph with it name a repository by its parts", () => {
  expect(
    ContainerRegistry.repositoryUrl({
      account: "333333333333",
      region: "eu-west-1",
      project: "shop",
      repository: "app",
    }),
  ).toBe("333333333333.dkr.ecr.eu-west-1.amazonaws.com/shop/app");
});

test("all problems are told at once", () => {
  expect(() =>
    built({ repositories: ["App"], readerAccounts: ["12"], buildRetentionDays: 1, untaggedRetentionDays: 0 }),
  ).toThrow(
    [
      "test/Registry:",
      '  - repositories[0] must be lower-case letters, digits and single hyphens, starting with a letter, at most 40 characters, got "App"',
      '  - readerAccounts[0] must be an AWS account id of 12 digits, got "12"',
      "  - buildRetentionDays must be a whole number from 7 to 3650 days, got 1",
      "  - untaggedRetentionDays must be a whole number from 1 to 365 days, got 0",
    ].join("\n"),
  );
});
