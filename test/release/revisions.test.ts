import { differenceLines } from "../../ci/release/difference";
import { secretUses } from "../../ci/release/preflight/secrets";
import { provenanceOf } from "../../ci/release/provenance";
import { chooseReleaseName, nextReleaseName } from "../../ci/release/release-name";
import { renderRevision } from "../../ci/release/render-revision";
import { hasProvenOther, reusable, type Revision } from "../../ci/release/revisions";
import { releaseNumber, releaseTags, tagValue } from "../../ci/release/tags";

const arn = (number: number): string => `arn:aws:ecs:eu-west-1:111122223333:task-definition/shop-dev-web:${number}`;
const making = { digest: "sha256:aa", template: arn(3) };
const facts = { ...making, release: "release-dev-4", commit: "4f2c1d9", pipeline: "https://ci.example.com/1?a=b#c" };

describe("a revision", () => {
  const template = {
    definition: {
      family: "shop-dev-web",
      taskDefinitionArn: arn(3),
      revision: 3,
      status: "ACTIVE" as const,
      registeredBy: "somebody",
      registeredAt: new Date(0),
      requiresAttributes: [{ name: "x" }],
      compatibilities: ["FARGATE" as const],
      cpu: "256",
      memory: "512",
      runtimePlatform: { cpuArchitecture: "ARM64" as const },
      ephemeralStorage: { sizeInGiB: 30 },
      containerDefinitions: [
        { name: "app", image: "r:template", environment: [{ name: "A", value: "1" }] },
        { name: "agent", image: "agent:1" },
      ],
    },
    tags: { Project: "shop", "aws:x": "y", "slipway:release": "old" },
  };
  const rendered = renderRevision(template, { containers: ["app"], repository: "r", digest: "sha256:aa" }, facts);

  test("is all of the template, with the image in its containers alone", () => {
    expect(rendered).toEqual({
      tags: expect.any(Array) as unknown,
      family: "shop-dev-web",
      cpu: "256",
      memory: "512",
      runtimePlatform: { cpuArchitecture: "ARM64" },
      ephemeralStorage: { sizeInGiB: 30 },
      containerDefinitions: [
        { name: "app", image: "r@sha256:aa", environment: [{ name: "A", value: "1" }] },
        { name: "agent", image: "agent:1" },
      ],
    });
  });

  test("says what it is in its tags, and keeps those that the template was given", () => {
    expect(Object.fromEntries((rendered.tags ?? []).map(({ key, value }) => [key, value]))).toEqual({
      Project: "shop",
      "slipway:image-digest": "sha256:aa",
      "slipway:template": "3",
      "slipway:release": "release-dev-4",
      "slipway:commit": "4f2c1d9",
      "slipway:pipeline": "https://ci.example.com/1-a=b-c",
      "slipway:status": "released",
    });
  });
});

describe("tags", () => {
  test("are cut and cleaned to what ECS takes", () => {
    expect(tagValue("grün (ä) ok+-=._:/@")).toBe("grün -ä- ok+-=._:/@");
    expect(tagValue("x".repeat(300))).toHaveLength(256);
  });

  test("say nothing of what is not known", () => {
    expect(Object.keys(releaseTags({ ...facts, commit: undefined, pipeline: undefined }))).not.toContain(
      "slipway:commit",
    );
  });

  test.each([
    ["release-dev-12", 12],
    ["release-dev-0", undefined],
    ["release-dev-two-1", undefined],
    ["release-stage-1", undefined],
    ["build-1", undefined],
    [undefined, undefined],
  ])("%s is release %s of dev", (name, number) => {
    expect(releaseNumber("dev", name)).toBe(number);
  });
});

describe("the name of a release", () => {
  const image = (digest: string, ...tags: string[]): { digest: string; tags: string[] } => ({ digest, tags });
  const never = (): boolean => false;

  test.each([
    ["is the first", [{ digest: "a", images: [] }], "release-dev-1"],
    [
      "follows the highest",
      [{ digest: "b", images: [image("a", "release-dev-2", "release-dev-10")] }],
      "release-dev-11",
    ],
    [
      "is kept by the image that has the highest",
      [{ digest: "a", images: [image("a", "release-dev-2")] }],
      "release-dev-2",
    ],
    [
      "is a new one for an image that has only an older one",
      [{ digest: "a", images: [image("a", "release-dev-1"), image("b", "release-dev-2")] }],
      "release-dev-3",
    ],
    [
      "is kept when only some repositories were tagged",
      [
        { digest: "a", images: [image("a", "release-dev-2")] },
        { digest: "c", images: [image("c", "release-dev-1")] },
      ],
      "release-dev-2",
    ],
    [
      "is a new one when another repository has another image of this name",
      [
        { digest: "a", images: [image("a", "release-dev-2")] },
        { digest: "d", images: [image("c", "release-dev-2")] },
      ],
      "release-dev-3",
    ],
    ["knows other environments apart", [{ digest: "a", images: [image("a", "release-dev-two-7")] }], "release-dev-1"],
  ])("%s", (_, repositories, name) => {
    expect(chooseReleaseName("dev", repositories, never)).toBe(name);
  });

  test("is a new one when the old one stands for something else", () => {
    const repositories = [{ digest: "a", images: [image("a", "release-dev-2")] }];
    expect(chooseReleaseName("dev", repositories, (name) => name === "release-dev-2")).toBe("release-dev-3");
  });

  test("has a next one", () => {
    expect(nextReleaseName("dev", "release-dev-9")).toBe("release-dev-10");
  });
});

describe("an earlier revision", () => {
  const revision = (number: number, digest: string, template: string, release: string, status: string): Revision => ({
    arn: arn(number),
    definition: {},
    tags: {
      "slipway:image-digest": digest,
      "slipway:template": template,
      "slipway:release": release,
      "slipway:status": status,
    },
  });

  test.each([
    ["is used again", revision(5, "sha256:aa", "3", "release-dev-4", "released"), true],
    ["is used again when it has proven itself", revision(5, "sha256:aa", "3", "release-dev-4", "proven"), true],
    ["has failed", revision(5, "sha256:aa", "3", "release-dev-4", "failed"), false],
    ["is of another image", revision(5, "sha256:bb", "3", "release-dev-4", "released"), false],
    ["is of another template", revision(5, "sha256:aa", "2", "release-dev-4", "released"), false],
    ["is of another release", revision(5, "sha256:aa", "3", "release-dev-3", "released"), false],
  ])("%s", (_, found, used) => {
    expect(reusable([found], making, "release-dev-4")?.arn).toBe(used ? arn(5) : undefined);
  });

  test.each([
    [revision(5, "sha256:aa", "2", "release-dev-4", "proven"), true],
    [revision(5, "sha256:bb", "3", "release-dev-4", "proven"), true],
    [revision(5, "sha256:aa", "3", "release-dev-4", "proven"), false],
    [revision(5, "sha256:aa", "2", "release-dev-4", "failed"), false],
    [revision(5, "sha256:aa", "2", "release-dev-3", "proven"), false],
  ])("stands for something else or not (%#)", (found, other) => {
    expect(hasProvenOther([found], making, "release-dev-4")).toBe(other);
  });
});

describe("the difference", () => {
  test("names image, size, variables with values and secrets without", () => {
    const before = {
      cpu: "256",
      memory: "512",
      containerDefinitions: [
        {
          name: "app",
          image: "r@sha256:aa",
          environment: [
            { name: "GONE", value: "1" },
            { name: "LEVEL", value: "info" },
            { name: "SAME", value: "x" },
          ],
          secrets: [
            { name: "KEY", valueFrom: "arn:old" },
            { name: "OLD", valueFrom: "arn:gone" },
          ],
        },
      ],
    };
    const after = {
      cpu: "512",
      memory: "512",
      containerDefinitions: [
        {
          name: "app",
          image: "r@sha256:bb",
          command: ["node", "x.js"],
          environment: [
            { name: "LEVEL", value: "debug" },
            { name: "NEW", value: "2" },
            { name: "SAME", value: "x" },
          ],
          secrets: [
            { name: "FRESH", valueFrom: "arn:fresh" },
            { name: "KEY", valueFrom: "arn:new" },
          ],
        },
      ],
    };
    expect(differenceLines(before, after)).toEqual([
      "~ cpu 256 -> 512",
      "~ image r@sha256:aa -> r@sha256:bb",
      '+ command ["node","x.js"]',
      "- variable GONE",
      "~ variable LEVEL: info -> debug",
      "+ variable NEW=2",
      "+ secret FRESH",
      "~ secret KEY is read from elsewhere",
      "- secret OLD",
    ]);
    expect(differenceLines(after, after)).toEqual([]);
  });

  test("tells what is new, gone and the same of every container", () => {
    const two = (
      command?: string[],
    ): { cpu: string; containerDefinitions: { name: string; image: string; command?: string[] }[] } => ({
      cpu: "256",
      containerDefinitions: [
        { name: "a", image: "1" },
        { name: "b", image: "1", ...(command === undefined ? {} : { command }) },
      ],
    });
    expect(differenceLines(two(["x"]), two())).toEqual([`b: - command ["x"]`]);
    expect(differenceLines(two([]), two())).toEqual([]);
    expect(differenceLines({}, two())).toEqual(["+ cpu 256", "a: + image 1", "b: + image 1"]);
    expect(differenceLines(two(), {})).toEqual(["- cpu 256", "- container a", "- container b"]);
  });

  test("tells a certificate, a script, or what else is long, by its length", () => {
    const of = (
      value: string,
    ): { containerDefinitions: { name: string; environment: { name: string; value: string }[] }[] } => ({
      containerDefinitions: [{ name: "web", environment: [{ name: "CA", value }] }],
    });
    expect(differenceLines(undefined, of("a\nb"))).toEqual(["+ variable CA=(3 characters)"]);
    expect(differenceLines(of("a".repeat(200)), of("b".repeat(201)))).toEqual([
      `~ variable CA: ${"a".repeat(200)} -> (201 characters)`,
    ]);
  });

  test("says which container, where there are several", () => {
    const before = { containerDefinitions: [{ name: "old", image: "x" }] };
    const after = {
      containerDefinitions: [
        { name: "a", image: "1" },
        { name: "b", image: "2" },
      ],
    };
    expect(differenceLines(before, after)).toEqual(["a: + image 1", "b: + image 2", "- container old"]);
    expect(differenceLines(undefined, { cpu: "256" })).toEqual(["+ cpu 256"]);
  });
});

test("the secrets that a task reads are known by ARN, field and version", () => {
  const secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:/shop/dev/db-AbCdEf";
  const secrets = [
    { name: "WHOLE", valueFrom: secret },
    { name: "FIELD", valueFrom: `${secret}:password::` },
    { name: "STAGED", valueFrom: `${secret}::AWSPENDING:` },
    { name: "PARAMETER", valueFrom: "arn:aws:ssm:eu-west-1:111122223333:parameter/x" },
  ];
  const use = { service: "web", arn: secret, key: undefined, stage: "AWSCURRENT" };
  expect(secretUses("web", { containerDefinitions: [{ secrets }] })).toEqual([
    { ...use, variable: "WHOLE" },
    { ...use, variable: "FIELD", key: "password" },
    { ...use, variable: "STAGED", stage: "AWSPENDING" },
  ]);
});

describe("where a release comes from", () => {
  const gitHub = {
    GITHUB_SHA: "aa",
    GITHUB_SERVER_URL: "https://github.com",
    GITHUB_REPOSITORY: "shop/shop",
    GITHUB_RUN_ID: "7",
  };
  test.each([
    [gitHub, {}, { commit: "aa", pipeline: "https://github.com/shop/shop/actions/runs/7" }],
    [{ ...gitHub, GITHUB_RUN_ID: "" }, {}, { commit: "aa", pipeline: undefined }],
    [{ CI_COMMIT_SHA: "bb", CI_PIPELINE_URL: "https://gitlab/1" }, {}, { commit: "bb", pipeline: "https://gitlab/1" }],
    [gitHub, { commit: "cc", pipeline: "https://x" }, { commit: "cc", pipeline: "https://x" }],
    [{}, {}, { commit: undefined, pipeline: undefined }],
  ])("%#", (env, given, expected) => {
    expect(provenanceOf(env, given)).toEqual(expected);
  });
});
