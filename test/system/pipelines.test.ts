import { rehearsedRoles } from "../../ci/rehearse/roles";
import { roleFindings } from "../support/pipeline-calls";
import { GitLabRules } from "../pipelines/support/gitlab-events";
import type { Run } from "./support/dry-run/github";
import { GitLab, type Pipeline } from "./support/dry-run/gitlab";
import { Hands } from "./support/dry-run/hands";
import type { Result } from "./support/dry-run/job";
import { gitHubClaims, gitLabClaims, type GitHubMoment } from "./support/dry-run/tokens";
import { accounts, gitLabProject, project, repository, World } from "./support/dry-run/world";

type Results = Readonly<Record<string, Result>>;

let world: World;
let rules: GitLabRules;
let gitLab: GitLab;
/** What was merged, built and tagged. */
let merged = "";
/** The run on GitHub whose plan of production was applied. */
let applied = "";

beforeAll(async () => {
  world = await World.open();
  rules = await GitLabRules.open();
  await world.bootstrap();
  gitLab = world.gitLab(rules);
});

afterAll(async () => {
  rules.close();
  await world.close();
});

/** The run's end, with the words of what has failed. */
async function ended(run: Run, expected: readonly string[] = []): Promise<Results> {
  const results = await run.end();
  explain(results, run.logs, expected);
  return results;
}

async function ran(pipeline: Pipeline, ...names: readonly string[]): Promise<Results> {
  const results = await pipeline.run(...names);
  explain(results, pipeline.logs, []);
  return results;
}

function explain(results: Results, logs: Readonly<Record<string, string>>, expected: readonly string[]): void {
  for (const [name, result] of Object.entries(results)) {
    if (result === "failure" && !expected.includes(name)) process.stderr.write(`--- ${name}\n${logs[name] ?? ""}\n`);
  }
}

const stacks = ["registry", "dev", "stage", "prod"];
const every = (name: string, result: Result = "success"): Record<string, Result> =>
  Object.fromEntries(stacks.map((stack) => [`${name}:${stack}`, result]));
const request = (sha: string): Parameters<World["gitHub"]["start"]>[1] => ({
  event: "pull_request",
  ref: "refs/pull/7/merge",
  sha,
});
const night = async (): Promise<Run> => {
  const run = world.gitHub.start("nightly", { event: "schedule", ref: "refs/heads/main", sha: merged });
  expect(await ended(run)).toEqual({ rehearsal: "success", ...every("drift-plan"), drift: "success" });
  return run;
};

describe("roles are given to the tokens of their moment alone", () => {
  const roles = ["plan", "apply", "release"].flatMap((kind) =>
    ["registry", "stage", "prod"].map((stack) => `${stack}-${kind}`),
  );
  const plans = ["dev-plan", "registry-plan", "stage-plan", "prod-plan"];
  const ofMain = ["registry-apply", "registry-release", "stage-apply", "stage-release"];
  const ofTag = ["prod-apply", "prod-release"];
  const taken = async (claims: Parameters<World["wish"]>[1]): Promise<string[]> => {
    const answers = await Promise.all(
      [...new Set([...plans, ...roles])].map(async (role) => [role, await world.wish(role, claims)] as const),
    );
    const refusals = answers.filter(([, answer]) => answer !== "taken").map(([, answer]) => answer);
    expect(new Set(refusals).size).toBeLessThanOrEqual(1);
    for (const refusal of refusals) expect(refusal).toBe("Not authorized to perform sts:AssumeRoleWithWebIdentity");
    return answers.flatMap(([role, answer]) => (answer === "taken" ? [role] : [])).sort();
  };
  const change = { event: "pull_request", ref: "refs/pull/7/merge" };
  const push = (ref: string, environment?: string): GitHubMoment => ({ event: "push", ref, environment });

  test.each([
    ["a request", change, plans],
    ["main", push("refs/heads/main"), [...plans, ...ofMain]],
    ["a tag", push("refs/tags/v1.0.0"), [...plans, ...ofTag]],
    ["a tag of another kind", push("refs/tags/beta"), []],
    ["a branch", push("refs/heads/feature"), []],
    ["a branch whose workflow names production", push("refs/heads/feature", "prod"), []],
  ])("GitHub: %s", async (_, moment, expected) => {
    expect(await taken(gitHubClaims(repository, moment))).toEqual([...expected].sort());
  });

  test.each([
    ["a fork", { ...repository, owner: "mallory", ownerId: "81", repositoryId: "82" }],
    ["a repository that took the name", { ...repository, repositoryId: "82" }],
  ])("GitHub: %s gets nothing", async (_, other) => {
    for (const moment of [change, push("refs/heads/main"), push("refs/tags/v1.0.0")]) {
      expect(await taken(gitHubClaims(other, moment))).toEqual([]);
    }
  });

  test.each([
    ["a request", "branch", "feature", plans],
    ["main", "branch", "main", [...plans, ...ofMain]],
    ["a tag", "tag", "v1.0.0", [...plans, ...ofTag]],
    ["a branch that is called like a tag", "branch", "v1.0.0", plans],
    ["a tag that is called like main", "tag", "main", []],
  ] as const)("GitLab: %s", async (_, type, ref, expected) => {
    expect(await taken(gitLabClaims(gitLabProject, type, ref))).toEqual([...expected].sort());
  });

  test("GitLab: a fork gets nothing", async () => {
    expect(await taken(gitLabClaims("mallory/shop", "branch", "main"))).toEqual([]);
  });
});

test("a request from a fork is checked, and gets neither plan nor role", async () => {
  const happening = { ...request(world.fork.head()), from: "mallory/shop" };
  const change = await ended(world.gitHub.start("change", happening));
  expect(change).toEqual({ plan: "skipped", comment: "skipped", gate: "skipped" });
  const check = await ended(world.gitHub.start("check", happening));
  expect(check).toEqual({ check: "success", "image-scan": "success" });
});

test("a request is planned with roles that only read, and told in one comment", async () => {
  const { fork, host } = world;
  fork.branch("feature");
  fork.edit("environments/stage.ts", "logRetentionDays: 14", "logRetentionDays: 30");
  fork.push("Keep logs longer");
  const run = world.gitHub.start("change", request(fork.pushMergeRef("feature", 7)));
  expect(await ended(run)).toEqual({ ...every("plan"), comment: "success", gate: "success" });
  expect(host.onGitHub.comments.map(({ text }) => text)).toEqual([
    expect.stringMatching(/\| prod \| \d+ \| 0 \| 0 \| 0 \|/),
  ]);
  // no lock was taken, and nothing was made
  expect((await world.emulator.inventory()).filter(({ service }) => service === "rds")).toEqual([]);
});

test("what is merged is built once and runs in stage, and a tag brings the same image to production", async () => {
  const { fork, host } = world;
  fork.main();
  fork.merge("feature");
  merged = fork.push("Merge the request");
  host.onGitHub.commits.add(merged);
  const dev = world.byHand("deploy dev --yes", accounts.dev);
  const main = world.gitHub.start("main", { event: "push", ref: "refs/heads/main", sha: merged });
  expect(await main.job("build")).toBe("success");
  const stage = ended(main);

  fork.tag("v1.0.0");
  const happening = { event: "push", ref: "refs/tags/v1.0.0", sha: merged } as const;
  const early = world.gitHub.start("production", happening);
  const onlyPlanned = { "production-deploy": "skipped", "production-release": "skipped" };
  expect(await ended(early, ["production-plan"])).toEqual({ "production-plan": "failure", ...onlyPlanned });
  expect(early.logs["production-plan"]).toContain(`stage has not run ${merged}`);
  // it is said here that stage has run it, while it is still being deployed there: minutes are saved, and nothing else hangs on it
  host.onGitHub.stageHasRun = true;
  const tagged = world.gitHub.start("production", happening);
  applied = tagged.id;
  expect(await ended(tagged)).toEqual({ "production-plan": "success", ...onlyPlanned });
  const approved = world.approve("v1.0.0", merged, tagged.id);
  expect(await ended(approved)).toEqual({
    "production-plan": "skipped",
    "production-deploy": "success",
    "production-release": "success",
  });
  // exactly the plan of the other run: none was made
  expect(approved.logs["production-deploy"]).toMatch(/\d+ to create, 0 to change, 0 to replace, 0 to delete/);
  expect(approved.logs["production-deploy"]).not.toMatch(/✓ plan /);

  expect(await stage).toEqual({
    ...{ check: "success", "image-scan": "success", registry: "success", build: "success" },
    ...{ "stage-deploy": "success", "stage-release": "success" },
  });
  expect(main.logs["stage-release"]).toContain("migrate: ends with exit code 0");
  expect(await dev).toMatchObject({ code: 0 });

  const digest = await new Hands(world.emulator.url, accounts.prod).digestOf("shop/app", `build-${merged}`);
  for (const environment of ["stage", "prod"] as const) {
    const images = await new Hands(world.emulator.url, accounts[environment]).runningImages(`shop-${environment}`);
    expect(images.filter((image) => image.endsWith(`@${digest}`))).toHaveLength(1);
  }
  // a release asks again where an answer is late
  expect(host.smoked.length).toBeGreaterThanOrEqual(2);
  expect(new Set(host.smoked)).toEqual(new Set(["/healthz"]));
  // pushed once
  expect(host.programs.filter(({ args }) => args.includes("--push"))).toHaveLength(1);
});

test("a plan is applied once: what the state was then it is no more", async () => {
  const again = world.approve("v1.0.0", merged, applied);
  expect(await ended(again, ["production-deploy"])).toMatchObject({
    "production-deploy": "failure",
    "production-release": "skipped",
  });
  expect(again.logs["production-deploy"]).toContain("error: the state of prod has changed since the plan was made");
});

test("what somebody changes by hand is told at night in one issue, which is closed when nothing differs any more", async () => {
  const { host } = world;
  const hands = new Hands(world.emulator.url, accounts.stage);
  const before = await hands.keepLogs("stage", 3);
  const first = await night();
  const open = { open: true, title: "Drift: what runs is not what the code says" };
  expect(host.onGitHub.issues).toMatchObject([open]);
  expect(host.onGitHub.issues[0]?.text).toContain("- **stage**: 0 to create, 1 to change, 0 to replace, 0 to delete");
  expect(host.onGitHub.issues[0]?.text).toContain(`/actions/runs/${first.id}`);

  const pipeline = await gitLab.start({ source: "schedule", sha: merged, ref: "main" });
  const [second, onGitLab] = await Promise.all([night(), ran(pipeline, "drift")]);
  expect(host.onGitHub.issues).toMatchObject([open]);
  expect(host.onGitHub.issues[0]?.text).toContain(`/actions/runs/${second.id}`);
  expect(onGitLab).toEqual({ drift: "success" });
  expect(host.onGitLab.issues).toMatchObject([open]);

  await hands.keepLogs("stage", before);
  await night();
  expect(host.onGitHub.issues).toMatchObject([{ open: false }]);
});

test("a request that loses data is blocked until it has the label, and its one comment says so", async () => {
  const { fork, host } = world;
  fork.branch("rename");
  for (const name of ["stage", "prod"]) fork.edit(`environments/${name}.ts`, "    api: {", "    web: {");
  const head = fork.push("Call the service web");
  const sha = fork.pushMergeRef("rename", 7);
  const blocked = world.gitHub.start("change", request(sha));
  const planned = { ...every("plan"), comment: "success" };
  expect(await ended(blocked, ["gate"])).toEqual({ ...planned, gate: "failure" });
  expect(blocked.logs["gate"]).toMatch(/data would be lost:\n- stage: .* aws_cloudwatch_log_group/);
  expect(host.onGitHub.comments.map(({ text }) => text)).toEqual([expect.stringContaining("**Data is lost.**")]);

  host.onGitHub.labels.push("allow-replacement");
  host.onGitLab.labels.push("allow-replacement");
  const pipeline = await gitLab.start({ source: "merge_request_event", sha: head, ref: "rename" });
  const [labelled, onGitLab] = await Promise.all([
    ended(world.gitHub.start("change", request(sha))),
    ran(pipeline, "comment", "gate"),
  ]);
  expect(labelled).toEqual({ ...planned, gate: "success" });
  expect(host.onGitHub.comments).toHaveLength(1);
  expect(onGitLab).toEqual({ comment: "success", gate: "success" });
  expect(host.onGitLab.comments.map(({ text }) => text)).toEqual([expect.stringContaining("**Data is lost.**")]);
});

test("GitLab seals the plan of production, and applies exactly it when a person starts the job", async () => {
  const { fork, host } = world;
  fork.main();
  fork.edit("environments/prod.ts", "monthlyBudgetUsd: 250", "monthlyBudgetUsd: 300");
  const sha = fork.push("Expect more");
  const main = await gitLab.start({ source: "push", sha, ref: "main" });
  expect(await ran(main, "build")).toEqual({ build: "success" });
  host.onGitLab.commits.add(sha);
  host.onGitLab.stageHasRun = true;
  fork.tag("v1.0.1");
  const tag = await gitLab.start({ source: "push", sha, ref: "v1.0.1", isTag: true });
  expect(await ran(tag, "production-plan")).toEqual({ "production-plan": "success" });
  expect(tag.logs["production-plan"]).toMatch(/: 0 to create, [1-9] to change, 0 to replace, 0 to delete; sealed in/);
  expect(await ran(tag, "production-deploy", "production-release")).toEqual({
    "production-deploy": "success",
    "production-release": "success",
  });
  expect(tag.logs["production-deploy"]).not.toMatch(/✓ plan /);
  const digest = await new Hands(world.emulator.url, accounts.prod).digestOf("shop/app", `build-${sha}`);
  const images = await new Hands(world.emulator.url, accounts.prod).runningImages("shop-prod");
  expect(images.filter((image) => image.endsWith(`@${digest}`))).toHaveLength(1);
  expect(host.programs.filter(({ args }) => args.includes("--push"))).toHaveLength(2);
});

test("the roles may do all that the pipelines did with them", async () => {
  const calls = (await world.emulator.calls()).filter(({ role }) => role !== null);
  const roles = Object.keys(accounts).flatMap((environment) => rehearsedRoles(project, environment));
  expect(new Set(calls.map(({ role }) => role))).toEqual(
    new Set(Object.values(world.roles).map((arn) => arn.split("/").at(-1))),
  );
  expect(roleFindings(calls, roles).missing).toEqual([]);
});

test("the emulator knew every call", async () => {
  expect(await world.emulator.unknownCalls()).toEqual([]);
});
