import { execFileSync } from "node:child_process";
import { EventEmitter } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type BuildOptions, buildCommand } from "../../ci/commands/build";
import { exitCodes } from "../../ci/exit-codes";
import { FakeAws } from "../ci/support/fake-aws";
import { type Circumstances, type Ran, runCommand } from "../ci/support/run-command";
import { account, testConfiguration } from "./support/configuration";
import { FakePrograms } from "./support/fake-programs";

// the SDK's word on the version of Node, on stderr, is not what is tested
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

const password = "the-token-of-the-registry";
const digest = `sha256:${"ab".repeat(32)}`;
const url = `${account}.dkr.ecr.eu-west-1.amazonaws.com/shop/app`;
const writesMetadata = `write(valueOf("--metadata-file"), JSON.stringify({ "containerimage.digest": "${digest}" }));`;

let aws: FakeAws;
let programs: FakePrograms;
let folder: string;
let commit: string;
/** Digests by tag. */
let images: Record<string, string>;
/** What a builder's push leaves in the registry. */
let pushes: string | undefined;

beforeAll(async () => {
  aws = await FakeAws.start();
});
afterAll(() => aws.stop());
beforeEach(() => {
  programs = new FakePrograms();
  programs.passThrough("git");
  folder = mkdtempSync(path.join(tmpdir(), "slipway-app-"));
  writeFileSync(path.join(folder, "Dockerfile"), "FROM scratch\n");
  git("init", "--quiet");
  git("add", "--all");
  git("-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "one");
  commit = git("rev-parse", "HEAD");
  images = {};
  pushes = digest;
  aws.reset();
  aws.accountIs(account);
  aws.answer("GetAuthorizationToken", () => ({
    authorizationData: [{ authorizationToken: Buffer.from(`AWS:${password}`).toString("base64") }],
  }));
  aws.answer("DescribeImages", ({ body }) => {
    const { imageIds } = JSON.parse(body) as { imageIds: { imageTag: string }[] };
    const tag = imageIds[0]?.imageTag ?? "";
    const built = programs.calls.some(({ args }) => args.includes("--push") || args.some((arg) => /push/.test(arg)));
    const found = images[tag] ?? (built ? pushes : undefined);
    return found === undefined
      ? { __type: "ImageNotFoundException" }
      : { imageDetails: [{ imageDigest: found, imageTags: [tag] }] };
  });
});
afterEach(() => {
  programs.remove();
  rmSync(folder, { recursive: true, force: true });
});

function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: folder, encoding: "utf8" }).trim();
}

function build(options: Partial<BuildOptions> = {}, rest: Partial<Circumstances> = {}): Promise<Ran> {
  const all: BuildOptions = {
    repository: "app",
    context: ".",
    file: undefined,
    buildArguments: [],
    target: undefined,
    platforms: [],
    push: true,
    allowDirty: false,
    json: false,
    ...options,
  };
  const env = {
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
    HOME: programs.folder,
    INIT_CWD: folder,
    PATH: programs.bin,
  };
  return runCommand((session) => buildCommand(session, all), {
    configuration: testConfiguration(),
    root: "/nowhere",
    json: all.json,
    ...rest,
    env: { ...env, ...rest.env },
  });
}

/** What was asked of the builders, without the questions for their version. */
function built(): { readonly program: string; readonly args: readonly string[] }[] {
  return programs.calls
    .filter(({ args }) => args.join(" ") !== "buildx version")
    .map(({ program, args }) => ({ program, args }));
}

describe("build with docker", () => {
  beforeEach(() => programs.add("docker", writesMetadata));

  test("logs in, builds for what the environments run, pushes, and prints the digest", async () => {
    const { code, out, err } = await build({ buildArguments: ["VERSION=1.2=3"], target: "web" });
    expect([code, out]).toEqual([exitCodes.ok, `${url}@${digest}\n`]);
    expect(built()).toEqual([
      {
        program: "docker",
        args: ["login", "--username", "AWS", "--password-stdin", `${account}.dkr.ecr.eu-west-1.amazonaws.com`],
      },
      {
        program: "docker",
        args: [
          "buildx",
          "build",
          "--progress=plain",
          "--provenance=false",
          "--platform=linux/amd64,linux/arm64",
          `--file=${folder}/Dockerfile`,
          `--tag=${url}:build-${commit}`,
          "--build-arg=VERSION=1.2=3",
          `--label=org.opencontainers.image.revision=${commit}`,
          "--target=web",
          "--push",
          "--metadata-file",
          expect.stringMatching(/metadata\.json$/),
          folder,
        ],
      },
    ]);
    expect(err).not.toContain(password);
  });

  test("gives the password through standard input, and to nothing else", async () => {
    await build();
    const [login] = programs.calls.filter(({ args }) => args[0] === "login");
    expect(login?.stdin).toBe(password);
    expect(programs.calls.every(({ args }) => !args.join(" ").includes(password))).toBe(true);
  });

  test("with --json prints one value", async () => {
    const { out } = await build({ json: true, platforms: ["linux/amd64"] });
    expect(JSON.parse(out)).toEqual({
      ok: true,
      repository: "app",
      tag: `build-${commit}`,
      commit,
      digest,
      image: `${url}@${digest}`,
      built: true,
      platforms: ["linux/amd64"],
    });
  });

  test("builds for ARM what no environment runs yet", async () => {
    await build({ repository: "tools" });
    expect(built()[1]?.args).toContain("--platform=linux/arm64");
  });

  test("builds nothing when the tag is pushed already", async () => {
    images[`build-${commit}`] = `sha256:${"cd".repeat(32)}`;
    const { code, out, err } = await build();
    expect([code, out]).toEqual([exitCodes.ok, `${url}@sha256:${"cd".repeat(32)}\n`]);
    expect(err).toContain(`build-${commit} is in the registry already: nothing was built`);
    expect(programs.calls).toEqual([]);
  });

  test("without push asks nothing of AWS", async () => {
    const { code, out } = await build({ push: false, platforms: ["linux/arm64"] });
    expect([code, out]).toEqual([exitCodes.ok, `built ${url}:build-${commit}; not pushed\n`]);
    expect(aws.calls).toEqual([]);
    expect(built().map(({ args }) => args.filter((arg) => arg === "--load" || arg === "--push"))).toEqual([["--load"]]);
  });

  test("refuses files that are not committed, and names them", async () => {
    writeFileSync(path.join(folder, "new.txt"), "new");
    const { code, err } = await build();
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain("commit them, or pass --allow-dirty, which says so in the tag\n  ?? new.txt");
    expect(programs.calls).toEqual([]);
  });

  test("names what is not committed by its content, and leaves no trace of it in the repository", async () => {
    const before = readdirSync(path.join(folder, ".git", "objects")).sort();
    const tagOf = async (content: string): Promise<unknown> => {
      writeFileSync(path.join(folder, "new.txt"), content);
      const { out } = await build({ allowDirty: true, json: true });
      return (JSON.parse(out) as { tag: unknown }).tag;
    };
    const one = await tagOf("one");
    const two = await tagOf("two");
    expect(one).toMatch(new RegExp(`^build-${commit}-dirty-[0-9a-f]{12}$`));
    expect([two === one, await tagOf("one")]).toEqual([false, one]);
    expect(readdirSync(path.join(folder, ".git", "objects")).sort()).toEqual(before);
    expect(git("status", "--porcelain")).toBe("?? new.txt");
  });

  test("refuses a folder without a commit", async () => {
    rmSync(path.join(folder, ".git"), { recursive: true });
    const { code, err } = await build({}, { env: { GIT_CEILING_DIRECTORIES: path.dirname(folder) } });
    expect(code).toBe(exitCodes.usage);
    expect(err).toMatch(/has no commit that the image could be called by \(.*not a git repository.*\): commit what/);
  });

  test("counts the push of another run that was faster", async () => {
    programs.add("docker", `if (args.includes("--push")) process.exit(1);`);
    pushes = `sha256:${"cd".repeat(32)}`;
    const { code, out, err } = await build();
    expect([code, out]).toEqual([exitCodes.ok, `${url}@${pushes}\n`]);
    expect(err).toContain("was pushed by another run meanwhile: that one counts");
  });

  test("says what the builder said when it fails", async () => {
    programs.add("docker", `if (args.includes("--push")) { console.error("ERROR: no space left"); process.exit(7); }`);
    pushes = undefined;
    const { code, err } = await build();
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain("error: build and push with docker buildx has failed (exit code 7): ERROR: no space left");
  });

  test("does not believe a push that the registry does not have", async () => {
    pushes = undefined;
    const { code, err } = await build();
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain(`it pushed ${digest}, and ${url}:build-${commit} is not in the registry`);
  });

  test("hides the password in what a refused login says", async () => {
    programs.add("docker", `if (args[0] === "login") { console.error("bad " + stdin); process.exit(1); }`);
    const { code, err } = await build();
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain("was refused: bad (hidden)");
    expect(err).not.toContain(password);
  });

  test("stops the builder at Ctrl-C, and waits for its end", async () => {
    const signals = new EventEmitter();
    programs.add(
      "docker",
      `if (args.includes("--push")) {
        process.on("SIGINT", () => { write(${JSON.stringify(path.join(programs.folder, "ended"))}, "by SIGINT"); process.exit(130); });
        setInterval(() => undefined, 1000);
        console.log("building");
      }`,
    );
    const stderr = { seen: "" };
    const running = runCommand(
      async (session) => {
        const watched = session.report.line.bind(session.report);
        session.report.line = (text: string) => {
          stderr.seen += text;
          watched(text);
          if (text === "building") signals.emit("SIGINT");
        };
        await buildCommand(session, {
          repository: "app",
          context: ".",
          file: undefined,
          buildArguments: [],
          target: undefined,
          platforms: [],
          push: true,
          allowDirty: false,
          json: false,
        });
      },
      {
        configuration: testConfiguration(),
        root: "/nowhere",
        signals,
        env: {
          AWS_ENDPOINT_URL: aws.url,
          AWS_ACCESS_KEY_ID: "key",
          AWS_SECRET_ACCESS_KEY: "secret",
          INIT_CWD: folder,
          PATH: programs.bin,
        },
      },
    );
    expect((await running).code).toBe(exitCodes.interrupted);
    expect(readdirSync(programs.folder)).toContain("ended");
  });
});

describe("the builder", () => {
  test("is docker before podman before buildctl", async () => {
    programs.add("docker", writesMetadata);
    programs.add("podman");
    programs.add("buildctl");
    await build();
    expect(new Set(built().map(({ program }) => program))).toEqual(new Set(["docker"]));
  });

  test("is podman where docker has no buildx", async () => {
    programs.add("docker", "process.exit(1)");
    programs.add("podman", `write(valueOf("--digestfile"), "${digest}\\n");`);
    const { out } = await build({ platforms: ["linux/arm64"] });
    expect(out).toBe(`${url}@${digest}\n`);
    expect(built().map(({ program, args }) => [program, args[0]])).toEqual([
      ["podman", "login"],
      ["podman", "build"],
      ["podman", "push"],
    ]);
    expect(built()[1]?.args).toEqual([
      "build",
      "--platform=linux/arm64",
      `--file=${folder}/Dockerfile`,
      `--tag=${url}:build-${commit}`,
      `--label=org.opencontainers.image.revision=${commit}`,
      folder,
    ]);
    expect(built()[2]?.args.slice(2)).toEqual([`${url}:build-${commit}`, `docker://${url}:build-${commit}`]);
  });

  test("pushes a list of images with podman where there are several platforms", async () => {
    programs.add("podman", `write(valueOf("--digestfile"), "${digest}");`);
    await build();
    expect(built().map(({ args }) => args.slice(0, 2).join(" "))).toEqual([
      "login --username",
      `manifest rm`,
      "build --platform=linux/amd64,linux/arm64",
      "manifest push",
    ]);
    expect(built()[2]?.args).toContain(`--manifest=${url}:build-${commit}`);
  });

  test("is buildctl where there is nothing else; its login is a file that goes afterwards", async () => {
    mkdirSync(path.join(programs.folder, ".docker"));
    writeFileSync(
      path.join(programs.folder, ".docker", "config.json"),
      JSON.stringify({ auths: { "base.example.com": { auth: "YQ==" } }, credsStore: "desktop" }),
    );
    programs.add("buildctl", writesMetadata);
    const { out } = await build({ buildArguments: ["A=b"], target: "web", platforms: ["linux/arm64"] });
    expect(out).toBe(`${url}@${digest}\n`);
    const [call] = programs.calls;
    expect(call?.args.slice(0, -1)).toEqual([
      "build",
      "--progress=plain",
      "--frontend=dockerfile.v0",
      `--local=context=${folder}`,
      `--local=dockerfile=${folder}`,
      "--opt=filename=Dockerfile",
      "--opt=platform=linux/arm64",
      "--opt=target=web",
      "--opt=build-arg:A=b",
      `--opt=label:org.opencontainers.image.revision=${commit}`,
      `--output=type=image,name=${url}:build-${commit},push=true`,
    ]);
    expect(JSON.parse(call?.dockerConfig ?? "")).toEqual({
      auths: {
        "base.example.com": { auth: "YQ==" },
        [`${account}.dkr.ecr.eu-west-1.amazonaws.com`]: { auth: Buffer.from(`AWS:${password}`).toString("base64") },
      },
    });
    const scratch = path.dirname(call?.args.at(-1)?.replace("--metadata-file=", "") ?? "");
    expect(() => readdirSync(scratch)).toThrow("ENOENT");
  });

  test.each([
    [[], "there is no docker, podman or buildctl on PATH: install Docker with its buildx plugin"],
    [["docker"], "docker is there without its plugin buildx, and neither podman nor buildctl is on PATH: install"],
  ])("is asked for when there are only %j", async (names, sentence) => {
    for (const name of names) programs.add(name, "process.exit(1)");
    const { code, err } = await build();
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain(sentence);
  });

  test("need not say the digest: the registry knows it", async () => {
    programs.add("docker");
    const { code, out, err } = await build();
    expect([code, out]).toEqual([exitCodes.ok, `${url}@${digest}\n`]);
    expect(err).not.toContain("another run");
  });
});

describe("what is refused before anything is asked of AWS", () => {
  beforeEach(() => programs.add("docker", writesMetadata));

  test.each<[Partial<BuildOptions>, string]>([
    [{ repository: undefined }, "there are several repositories: name one of app, tools"],
    [{ repository: "tool" }, "tool is not a repository: did you mean tools?"],
    [{ context: "gone" }, "there is no folder"],
    [{ file: "gone" }, "there is no file"],
    [{ buildArguments: ["NOT_SET"] }, "--build-arg NOT_SET has no value"],
    [{ buildArguments: ["-x=1"] }, "--build-arg must be NAME=value or the NAME of an environment variable, got -x"],
  ])("%j", async (options, sentence) => {
    const { code, err } = await build(options);
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain(sentence);
    expect(aws.calls).toEqual([]);
  });

  test("a build argument that looks like a secret is warned of; its value comes from the environment", async () => {
    const { err } = await build({ buildArguments: ["NPM_TOKEN"] }, { env: { NPM_TOKEN: "abc" } });
    expect(err).toContain("the build argument NPM_TOKEN stays readable in the image");
    expect(built()[1]?.args).toContain("--build-arg=NPM_TOKEN=abc");
  });

  test("the only repository need not be named", async () => {
    const { code } = await build({ repository: undefined }, { configuration: testConfiguration(["app"]) });
    expect(code).toBe(exitCodes.ok);
  });

  test("a repository that is not deployed is said to be", async () => {
    aws.answer("DescribeImages", () => ({ __type: "RepositoryNotFoundException" }));
    const { code, err } = await build();
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain("there is no repository shop/app yet: npm run deploy -- registry");
  });
});
