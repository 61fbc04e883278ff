import { repositoryOf } from "../../ci/aws/ecr";
import { namedImages, referenceText, shortName } from "../../ci/release/image-spec";
import { configPlatform, manifestPlatforms, neededPlatform } from "../../ci/release/platforms";

const url = (name: string): string => `111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/${name}`;
const app = repositoryOf(url("app"));
const jobs = repositoryOf(url("jobs"));
const digest = `sha256:${"a1".repeat(32)}`;

test("the URL of a repository says whose it is, and where", () => {
  expect(app).toEqual({ url: url("app"), account: "111122223333", region: "eu-west-1", path: "shop/app" });
  expect(shortName(app)).toBe("app");
  expect(() => repositoryOf("docker.io/library/nginx")).toThrow(
    "docker.io/library/nginx is not the URL of a repository of ECR: deploy the environment, which writes it anew",
  );
});

describe("--image", () => {
  test.each([
    ["a tag", ["build-1"], { app: { tag: "build-1" } }],
    ["a digest", [digest], { app: { digest } }],
    ["a repository and a tag", ["app:build-1"], { app: { tag: "build-1" } }],
    ["its path", ["shop/app:build-1"], { app: { tag: "build-1" } }],
    ["its URL and a digest", [`${url("app")}@${digest}`], { app: { digest } }],
    ["its URL and a tag", [`${url("app")}:build-1`], { app: { tag: "build-1" } }],
  ])("names the image of the only repository by %s", (_, specs, expected) => {
    const { images, problems } = namedImages(specs, [app]);
    expect(problems).toEqual([]);
    expect(
      Object.fromEntries([...images].map(([key, reference]) => [shortName(repositoryOf(key)), reference])),
    ).toEqual(expected);
  });

  test("names one image for every repository, and another one for some", () => {
    const { images, problems } = namedImages(["build-1", `jobs@${digest}`], [app, jobs]);
    expect(problems).toEqual([]);
    expect([...images]).toEqual([
      [jobs.url, { digest }],
      [app.url, { tag: "build-1" }],
    ]);
  });

  test.each([
    [["jobs:build-1"], "no image of repository app is named: add --image app:<tag>"],
    [[], "no image of repository app is named: add --image app:<tag>"],
    [["app:1", "app:2"], "--image names two images of app: name one"],
    [["one", "two"], "--image names two images for every repository: name one, or one of each repository"],
    [[digest], `--image ${digest} does not say of which repository: <repository>@${digest}`],
    [["ap:1", "jobs:1"], "ap is not a repository of this environment: did you mean app?"],
    [["app@sha256:12"], "--image app@sha256:12: a digest is sha256: and 64 hexadecimal digits, got sha256:12"],
    [["app@"], "--image app@: a digest is sha256: and 64 hexadecimal digits, got nothing"],
    [
      ["not a tag"],
      "--image not a tag: must be <tag>, sha256:<digest>, <repository>:<tag> or <repository>@sha256:<digest>",
    ],
    [[":x"], "--image :x: must be <tag>, sha256:<digest>, <repository>:<tag> or <repository>@sha256:<digest>"],
  ])("%j is refused", (specs, problem) => {
    expect(namedImages(specs, [app, jobs]).problems).toContain(problem);
  });

  test("a mistake is not followed by what comes of it", () => {
    expect(namedImages(["ap:1"], [app]).problems).toHaveLength(1);
  });

  test("is written as it was named", () => {
    expect(referenceText(app, { tag: "build-1" })).toBe("app:build-1");
    expect(referenceText(app, { digest })).toBe(`app@${digest}`);
  });
});

describe("platforms", () => {
  const entry = (os: string, architecture: string): object => ({ digest, platform: { os, architecture } });

  test("of an index are those of its images, not of their attestations", () => {
    const manifest = JSON.stringify({
      manifests: [entry("linux", "arm64"), entry("linux", "amd64"), entry("unknown", "unknown"), { digest }],
    });
    expect(manifestPlatforms(manifest)).toEqual({ platforms: ["linux/arm64", "linux/amd64"] });
  });

  test("of a single image stand in its configuration", () => {
    expect(manifestPlatforms(JSON.stringify({ config: { digest } }))).toEqual({ configDigest: digest });
    expect(configPlatform(JSON.stringify({ os: "linux", architecture: "amd64" }))).toBe("linux/amd64");
    expect(configPlatform("<html>")).toBeUndefined();
    expect(configPlatform("{}")).toBeUndefined();
  });

  test.each(["", "[]", "{}"])("cannot be told of %j", (manifest) => {
    expect(manifestPlatforms(manifest)).toEqual({ unknown: true });
  });

  test("that tasks need are those of their definition", () => {
    expect(neededPlatform({ runtimePlatform: { cpuArchitecture: "ARM64" } })).toBe("linux/arm64");
    expect(neededPlatform({ runtimePlatform: { cpuArchitecture: "X86_64" } })).toBe("linux/amd64");
    expect(neededPlatform({})).toBe("linux/amd64");
  });
});
