import { describeGitHub, describeGitLab, gitLabWorkflow, hosts, plannedStacks, textOf } from "./support/files";
import { conditionHolds } from "./support/expression";
import { type GitHubEvent, jobsOnGitHub } from "./support/github-events";
import { type DecidedJob, GitLabRules, startedAndHeld } from "./support/gitlab-events";

type Values = Readonly<Record<string, string>>;
interface Happening {
  /** First cell of the row in docs/pipelines.md. */
  readonly row: string;
  /** What starts by itself on GitHub: one change may be several events. */
  readonly gitHub: readonly GitHubEvent[];
  /** What GitHub runs when a person agrees. */
  readonly approval?: GitHubEvent;
  readonly gitLab: Values;
  /** Variables that GitLab does not have then. */
  readonly unset?: readonly string[];
}

const repository = { "github.repository": "acme/shop" };
const ready = { ...repository, "vars.SLIPWAY_AWS": "true" };
const source = "github.event.pull_request.head.repo.full_name";
const push = (ref: string): GitHubEvent => ({ name: "push", ref, values: ready });
const request = (from: string, action = "opened"): GitHubEvent => ({
  name: "pull_request",
  ref: "refs/pull/7/merge",
  action,
  values: { ...ready, [source]: from },
});
const approval = (ref: string, environment: string): GitHubEvent => ({
  name: "workflow_dispatch",
  ref,
  values: { ...ready, "inputs.environment": environment },
});
const mergeRequest = (from: string): Values => ({
  CI_PIPELINE_SOURCE: "merge_request_event",
  CI_MERGE_REQUEST_PROJECT_ID: "5",
  CI_MERGE_REQUEST_SOURCE_PROJECT_ID: from,
});

const happenings: readonly Happening[] = [
  {
    row: "push to a branch",
    gitHub: [push("refs/heads/feature")],
    gitLab: { CI_PIPELINE_SOURCE: "push", CI_COMMIT_BRANCH: "feature" },
  },
  {
    row: "pull or merge request",
    gitHub: [push("refs/heads/feature"), request("acme/shop")],
    gitLab: mergeRequest("5"),
    unset: ["CI_COMMIT_BRANCH"],
  },
  {
    row: "request from a fork",
    gitHub: [request("mallory/shop")],
    gitLab: mergeRequest("6"),
    unset: ["CI_COMMIT_BRANCH"],
  },
  {
    row: "merge to main",
    gitHub: [push("refs/heads/main")],
    gitLab: { CI_PIPELINE_SOURCE: "push", CI_COMMIT_BRANCH: "main" },
  },
  {
    row: "tag `v*` on a commit of main",
    gitHub: [push("refs/tags/v1.2.3")],
    approval: approval("refs/tags/v1.2.3", "prod"),
    gitLab: { CI_PIPELINE_SOURCE: "push", CI_COMMIT_TAG: "v1.2.3" },
    unset: ["CI_COMMIT_BRANCH"],
  },
  {
    row: "every night",
    gitHub: [{ name: "schedule", ref: "refs/heads/main", values: ready }],
    gitLab: { CI_PIPELINE_SOURCE: "schedule", CI_COMMIT_BRANCH: "main" },
  },
];

/** As the lists of the hosts have them. */
const stacks = hosts.gitHub ? plannedStacks.gitHub : plannedStacks.gitLab;

/** The table in the docs: jobs by event, those that start and those that wait. */
const table = new Map(
  textOf("docs/pipelines.md")
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map(([, row = "", started = "", held = ""]) => [row, { started: named(started), held: named(held) }] as const),
);
function named(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)]
    .flatMap(([, name = ""]) => (name.endsWith(":*") ? stacks.map((stack) => name.replace("*", stack)) : [name]))
    .sort();
}

// a program is started for each
jest.setTimeout(60_000);

let gitLab: GitLabRules | undefined;
beforeAll(async () => {
  if (hosts.gitLab) gitLab = await GitLabRules.open();
});
afterAll(() => gitLab?.close());
const decidedOnGitLab = async (...of: Parameters<GitLabRules["decide"]>): Promise<DecidedJob[]> =>
  (await gitLab?.decide(...of)) ?? [];

describe("the jobs of an event are those of the table in docs/pipelines.md", () => {
  test("which has a row for each", () => {
    expect([...table.keys()].filter((row) => row !== "event" && !row.startsWith("---"))).toEqual(
      happenings.map(({ row }) => row),
    );
  });

  describeGitHub("on GitHub", () => {
    test.each(happenings)("$row", ({ row, gitHub, approval }) => {
      expect({
        // a check of a request runs twice: for what was pushed, and for what a merge would be
        started: [...new Set(gitHub.flatMap((event) => jobsOnGitHub(event)))].sort(),
        held: approval === undefined ? [] : jobsOnGitHub(approval).sort(),
      }).toEqual(table.get(row));
    });
  });

  describeGitLab("on GitLab", () => {
    test.each(happenings)("$row", async ({ row, gitLab: variables, unset }) => {
      const { started, held } = startedAndHeld(await decidedOnGitLab({ SLIPWAY_AWS: "true", ...variables }, unset));
      expect({ started: started.sort(), held: held.sort() }).toEqual(table.get(row));
    });
  });
});

describe("before the bootstrap", () => {
  const needNoAccount = ["check", "image-scan", "rehearsal"];

  test.each(happenings)("nothing asks for a role: $row", async ({ gitHub, gitLab: variables, unset }) => {
    const bare = gitHub.map((event) => ({ ...event, values: { ...event.values, "vars.SLIPWAY_AWS": "" } }));
    const there = (await decidedOnGitLab(variables, unset)).filter(({ when }) => when !== "never");
    const names = [...bare.flatMap((event) => jobsOnGitHub(event)), ...there.map(({ name }) => name)];
    expect(names.filter((name) => !needNoAccount.includes(name))).toEqual([]);
  });
});

describeGitHub("on GitHub", () => {
  test.each(["labeled", "unlabeled", "synchronize"])("a request is planned again when it is %s", (action) => {
    expect(jobsOnGitHub(request("acme/shop", action))).toContain("gate");
  });

  test("the plans are told and judged when one of them has failed", () => {
    const jobs = jobsOnGitHub(request("acme/shop"), ["plan"]);
    expect(jobs).toEqual(expect.arrayContaining(["comment", "gate"]));
    expect(jobsOnGitHub({ name: "schedule", ref: "refs/heads/main", values: ready }, ["drift-plan"])).toContain(
      "drift",
    );
  });

  test.each([
    ["checks", ["check", "image-scan"]],
    ["a deploy", ["stage-deploy"]],
    ["a build", ["build"]],
  ])("nothing is released to stage after %s that failed", (_, fails) => {
    // a called workflow fails with its jobs
    const failed = fails.includes("check") ? ["checks", ...fails] : fails;
    expect(jobsOnGitHub(push("refs/heads/main"), failed)).not.toContain("stage-release");
  });

  test("production is not deployed by the tag alone", () => {
    const jobs = jobsOnGitHub(push("refs/tags/v1.2.3"));
    expect(jobs).not.toContain("production-deploy");
    expect(jobs).not.toContain("production-release");
  });

  // a run whose jobs are all skipped is green
  test.each([
    ["on a branch", approval("refs/heads/main", "prod")],
    ["on another tag", approval("refs/tags/beta", "prod")],
    ["for another environment", approval("refs/tags/v1.2.3", "stage")],
  ])("what a person starts %s is not skipped, and ends with the refusal", (_, event) => {
    expect(jobsOnGitHub(event)).toContain("production-deploy");
    expect(jobsOnGitHub(event, ["production-deploy"])).not.toContain("production-release");
  });
});

(hosts.gitLab ? test : test.skip)(
  "a branch with a merge request has one pipeline on GitLab, that of the request",
  () => {
    const { rules } = gitLabWorkflow;
    const never = rules.findIndex(
      ({ if: condition, when }) => /OPEN_MERGE_REQUESTS/.test(condition) && when === "never",
    );
    const branch = rules.findIndex(
      ({ if: condition }) => condition === '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH',
    );
    expect(never).toBeGreaterThan(-1);
    expect(branch).toBeGreaterThan(never);
  },
);

describe("a condition on GitHub", () => {
  const values = { "github.ref": "refs/heads/main", "vars.A": "true" };
  test.each([
    [undefined, true, true],
    [undefined, false, false],
    ["vars.A == 'TRUE'", true, true],
    ["vars.A == 'true'", false, false],
    ["vars.MISSING", true, false],
    ["vars.MISSING == ''", true, true],
    ["${{ !cancelled() && vars.A != 'x' }}", false, true],
    ["vars.B == 'a' || (vars.A == 'true' && startsWith(github.ref, 'refs/heads/'))", true, true],
    ["!(vars.A == 'true')", true, false],
  ])("%s, when what it needs has succeeded: %s, is %s", (condition, succeeded, expected) => {
    expect(conditionHolds(condition, { values, succeeded })).toBe(expected);
  });

  test.each(["vars.A ==", "contains(vars.A, 'x')", "vars.A < 3"])("that is not understood is no answer: %s", (text) => {
    expect(() => conditionHolds(text, { values, succeeded: true })).toThrow(/condition/);
  });
});
