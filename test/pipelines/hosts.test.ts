import { rmSync } from "node:fs";
import { exitCodes } from "../../ci/exit-codes";
import { HostServer, type Answer } from "./support/host-server";
import { lossyPlan, projectWith, quietPlan, stacks } from "./support/plans";
import { commit, onGitHub, onGitLab, slipway } from "./support/slipway";

let host: HostServer | undefined;
let root = "";
const start = async (answers: Readonly<Record<string, Answer>>): Promise<string> => {
  host = await HostServer.start(answers);
  return host.url;
};
const project = (...plans: Record<string, unknown>[]): string => {
  const named = plans.map((plan) => plan["environment"]);
  root = projectWith([...stacks.filter((stack) => !named.includes(stack)).map(quietPlan), ...plans]);
  return root;
};
afterEach(async () => {
  await host?.stop();
  host = undefined;
  rmSync(root, { recursive: true, force: true });
});

const bot = { type: "Bot" };
const gitHubIssue = "/repos/acme/shop/issues";
const gitLabNotes = "/projects/5/merge_requests/7/notes";

describe("the comment of a change", () => {
  test("is made on GitHub, and says in words which data is lost", async () => {
    const url = await start({
      [`GET ${gitHubIssue}/7/comments`]: [200, []],
      [`POST ${gitHubIssue}/7/comments`]: [201, {}],
    });
    const ran = await slipway("pipeline comment", project(lossyPlan("prod")), onGitHub(url));
    expect(ran).toMatchObject({ code: exitCodes.ok, out: "the comment was made\n" });
    const body = host?.changes[0]?.body.body as string;
    expect(body).toMatch(/^<!-- slipway: plans -->\n### Plans of `0123456789ab`/);
    expect(body).toContain("| prod | 0 | 1 | 1 | 0 |");
    expect(body).toContain(
      "- prod: REPLACES aws_db_instance.Database: its data is lost, but for snapshots and backups that stay, forced by storage_encrypted",
    );
    expect(body).toContain("blocked until the change has the label `allow-replacement`");
    expect(host?.changes[0]?.headers.authorization).toBe("Bearer token-of-the-job");
  });

  test("is updated on GitHub where the pipeline has one, whatever a person has written", async () => {
    const url = await start({
      [`GET ${gitHubIssue}/7/comments`]: [
        200,
        [
          { id: 1, body: "<!-- slipway: plans -->\nby a person", user: { type: "User" } },
          { id: 2, body: "<!-- slipway: plans -->\nold", user: bot },
        ],
      ],
      [`PATCH ${gitHubIssue}/comments/2`]: [200, {}],
    });
    const ran = await slipway("pipeline comment", project(), onGitHub(url));
    expect(ran.out).toBe("the comment was updated\n");
    expect(host?.changes.map(({ request }) => request)).toEqual([`PATCH ${gitHubIssue}/comments/2`]);
    expect(host?.changes[0]?.body.body).not.toContain("Data is lost");
  });

  test("is found on a later page of comments", async () => {
    const others = Array.from({ length: 100 }, (_, id) => ({ id, body: "hello", user: { type: "User" } }));
    const url = await start({
      [`GET ${gitHubIssue}/7/comments?per_page=100&page=1`]: [200, others],
      [`GET ${gitHubIssue}/7/comments?per_page=100&page=2`]: [
        200,
        [{ id: 500, body: "<!-- slipway: plans -->", user: bot }],
      ],
      [`PATCH ${gitHubIssue}/comments/500`]: [200, {}],
    });
    expect((await slipway("pipeline comment", project(), onGitHub(url))).out).toBe("the comment was updated\n");
  });

  test("is made and updated on GitLab, and left alone when nothing has changed", async () => {
    const answers: Record<string, Answer> = {
      "GET /user": [200, { id: 3 }],
      [`GET ${gitLabNotes}`]: [200, []],
      [`POST ${gitLabNotes}`]: [201, {}],
    };
    const url = await start(answers);
    project();
    expect((await slipway("pipeline comment", root, onGitLab(url))).out).toBe("the comment was made\n");
    const made = host?.changes[0]?.body.body as string;
    expect(host?.changes[0]?.headers["private-token"]).toBe("token-of-the-project");

    answers[`GET ${gitLabNotes}`] = [200, [{ id: 8, body: made, author: { id: 3 } }]];
    expect((await slipway("pipeline comment", root, onGitLab(url))).out).toBe("the comment was unchanged\n");

    answers[`GET ${gitLabNotes}`] = [200, [{ id: 8, body: made.replace("dev", "old"), author: { id: 3 } }]];
    answers[`PUT ${gitLabNotes}/8`] = [200, {}];
    expect((await slipway("pipeline comment", root, onGitLab(url))).out).toBe("the comment was updated\n");
  });

  test("is shown in the job where GitLab cannot be written to", async () => {
    const env = { ...onGitLab("http://127.0.0.1:9"), SLIPWAY_GITLAB_TOKEN: "" };
    const ran = await slipway("pipeline comment", project(), env);
    expect(ran.code).toBe(exitCodes.ok);
    expect(ran.out).toContain("| stage | 0 | 0 | 0 | 0 |");
    expect(ran.err).toContain("store it as the masked variable SLIPWAY_GITLAB_TOKEN");
  });

  test("names the stack of which there is no plan", async () => {
    const url = await start({
      [`GET ${gitHubIssue}/7/comments`]: [200, []],
      [`POST ${gitHubIssue}/7/comments`]: [201, {}],
    });
    root = projectWith([quietPlan("registry"), quietPlan("dev"), quietPlan("prod")]);
    await slipway("pipeline comment", root, onGitHub(url));
    expect(host?.changes[0]?.body.body).toContain("| stage | no plan: see its job | | | |");
  });

  test("stays within what GitHub takes", async () => {
    const url = await start({
      [`GET ${gitHubIssue}/7/comments`]: [200, []],
      [`POST ${gitHubIssue}/7/comments`]: [201, {}],
    });
    const many = Array.from({ length: 2000 }, (_, i) => ({
      address: `aws_sns_topic.Topic${i}WithALongNameThatTakesRoom`,
      type: "aws_sns_topic",
      action: "create",
      attributes: [],
    }));
    await slipway("pipeline comment", project({ ...quietPlan("dev"), changes: true, resources: many }), onGitHub(url));
    const body = host?.changes[0]?.body.body as string;
    expect(body.length).toBeLessThan(65_536);
    expect(body).toContain("The rest is too long to be shown: see the job.");
  });

  test.each([
    [403, "the token may not do that, see the job's permissions or the token's scope"],
    [401, "the token is not valid any more, replace it"],
    [500, "run the job again, and see the host's status page when it stays"],
  ])("ends with a sentence when the host answers %i, and never with the token", async (status, advice) => {
    const url = await start({ [`GET ${gitHubIssue}/7/comments`]: [status, { message: "Resource not accessible" }] });
    const { code, err, out } = await slipway("pipeline comment", project(), onGitHub(url));
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain(
      `GET ${gitHubIssue}/7/comments was answered with ${status} (Resource not accessible): ${advice}`,
    );
    expect(out + err).not.toContain("token-of-the-job");
  });

  test("is refused outside of a pipeline", async () => {
    const { code, err } = await slipway("pipeline comment", project(), {});
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain("this is not a pipeline of GitHub or GitLab");
  });
});

describe("the gate", () => {
  const mergedPull = {
    ...{ labels: [{ name: "allow-replacement" }], merged_at: "2026-11-26T12:00:00Z" },
    base: { ref: "main" },
  };
  const mergedRequest = { labels: ["allow-replacement"], state: "merged", target_branch: "main" };

  test("is open when nothing that holds data goes, and asks nobody", async () => {
    const url = await start({});
    const ran = await slipway("pipeline gate", project(), onGitHub(url));
    expect(ran).toMatchObject({ code: exitCodes.ok, out: "nothing that holds data is deleted or replaced\n" });
    expect(host?.asked).toEqual([]);
  });

  test.each([
    ["GitHub", onGitHub, { "GET /repos/acme/shop/pulls/7": [200, { labels: [{ name: "bug" }] }] }],
    ["GitLab", onGitLab, { "GET /projects/5/merge_requests/7": [200, { labels: ["bug"] }] }],
  ] as [string, typeof onGitHub, Record<string, Answer>][])(
    "is shut on %s without the label",
    async (_, on, answers) => {
      const url = await start(answers);
      const { code, err } = await slipway("pipeline gate", project(lossyPlan("stage")), on(url));
      expect(code).toBe(exitCodes.guarded);
      expect(err).toContain("- stage: REPLACES aws_db_instance.Database: its data is lost");
      expect(err).toContain(
        "to let it be so, give the request the label allow-replacement, also when it is merged already, and run this job again",
      );
    },
  );

  test.each([
    [
      "a pull request",
      onGitHub,
      { "GET /repos/acme/shop/pulls/7": [200, { labels: [{ name: "allow-replacement" }] }] },
    ],
    [
      "the pull request by which a commit was merged",
      (url: string) => onGitHub(url, "refs/heads/main"),
      { [`GET /repos/acme/shop/commits/${commit}/pulls`]: [200, [mergedPull]] },
    ],
    ["a merge request", onGitLab, { "GET /projects/5/merge_requests/7": [200, { labels: ["allow-replacement"] }] }],
    [
      "the merge request by which a commit was merged",
      (url: string) => ({ ...onGitLab(url), CI_MERGE_REQUEST_IID: "" }),
      { [`GET /projects/5/repository/commits/${commit}/merge_requests`]: [200, [mergedRequest]] },
    ],
    [
      "a merge request, as its pipeline was started, without a token",
      (url: string) => ({
        ...onGitLab(url),
        SLIPWAY_GITLAB_TOKEN: "",
        CI_MERGE_REQUEST_LABELS: "bug,allow-replacement",
      }),
      {},
    ],
  ] as [string, (url: string) => Record<string, string>, Record<string, Answer>][])(
    "is opened by the label of %s",
    async (_, on, answers) => {
      const url = await start(answers);
      const { code, err } = await slipway("pipeline gate stage", project(lossyPlan("stage")), on(url));
      expect(code).toBe(exitCodes.ok);
      expect(err).toContain("data is lost, as the label allow-replacement allows");
    },
  );

  const onMain = (url: string): Record<string, string> => onGitHub(url, "refs/heads/main");
  const onMainOfGitLab = (url: string): Record<string, string> => ({ ...onGitLab(url), CI_MERGE_REQUEST_IID: "" });
  const pulls = `GET /repos/acme/shop/commits/${commit}/pulls`;
  const requests = `GET /projects/5/repository/commits/${commit}/merge_requests`;
  test.each([
    ["a pull request that is not merged", onMain, { [pulls]: [200, [{ ...mergedPull, merged_at: null }]] }],
    ["a pull request into another branch", onMain, { [pulls]: [200, [{ ...mergedPull, base: { ref: "junk" } }]] }],
    ["a merge request that is open", onMainOfGitLab, { [requests]: [200, [{ ...mergedRequest, state: "opened" }]] }],
    ["a merge request that was closed", onMainOfGitLab, { [requests]: [200, [{ ...mergedRequest, state: "closed" }]] }],
    [
      "a merge request into another branch",
      onMainOfGitLab,
      { [requests]: [200, [{ ...mergedRequest, target_branch: "junk" }]] },
    ],
  ] as [string, (url: string) => Record<string, string>, Record<string, Answer>][])(
    "stays shut for the label of %s, which nobody has reviewed",
    async (_, on, answers) => {
      const url = await start(answers);
      const { code } = await slipway("pipeline gate stage", project(lossyPlan("stage")), on(url));
      expect(code).toBe(exitCodes.guarded);
    },
  );

  test.each([
    ["GitHub", (url: string) => onGitHub(url, "refs/tags/v1.2.3"), { [pulls]: [200, [mergedPull]] }],
    [
      "GitLab",
      (url: string) => ({ ...onMainOfGitLab(url), CI_COMMIT_TAG: "v1.2.3" }),
      { [requests]: [200, [mergedRequest]] },
    ],
  ] as [string, (url: string) => Record<string, string>, Record<string, Answer>][])(
    "of a tag on %s reads no label: it stands for many requests",
    async (_, on, answers) => {
      const url = await start(answers);
      const { code, err } = await slipway("pipeline gate prod", project(lossyPlan("prod")), on(url));
      expect(code).toBe(exitCodes.guarded);
      expect(err).toContain("type it: start the job again with SLIPWAY_ALLOW_REPLACEMENT=prod");
      expect(host?.asked).toEqual([]);
    },
  );

  test.each([
    ["prod", exitCodes.ok],
    ["stage, prod", exitCodes.ok],
    ["stage", exitCodes.guarded],
    ["true", exitCodes.guarded],
    ["", exitCodes.guarded],
  ])("with SLIPWAY_ALLOW_REPLACEMENT=%j ends with %i for prod", async (value, expected) => {
    const url = await start({ "GET /repos/acme/shop/pulls/7": [200, { labels: [] }] });
    const env = { ...onGitHub(url), SLIPWAY_ALLOW_REPLACEMENT: value };
    expect((await slipway("pipeline gate prod", project(lossyPlan("prod")), env)).code).toBe(expected);
  });

  test.each([
    ["is missing", []],
    ["is of another stack", [{ ...quietPlan("stage"), environment: "dev" }]],
    ["has failed", [{ ok: false, environment: "stage", exitCode: 1, error: "no" }]],
  ])("is shut when a plan %s", async (_, plans) => {
    root = projectWith(plans);
    const { code, err } = await slipway("pipeline gate stage", root, onGitHub("http://127.0.0.1:9"));
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain("there is no plan of stage in plans: see the job that makes it");
  });

  test("is shut when the labels cannot be read", async () => {
    const url = await start({ "GET /repos/acme/shop/pulls/7": [500, {}] });
    expect((await slipway("pipeline gate", project(lossyPlan("dev")), onGitHub(url))).code).toBe(exitCodes.failed);
  });
});

describe("drift", () => {
  const issues = `${gitHubIssue}?state=open&labels=drift&per_page=100&page=1`;
  const drifted = { ...lossyPlan("stage"), losses: [] };

  test("opens one issue on GitHub", async () => {
    const url = await start({ [`GET ${issues}`]: [200, []], [`POST ${gitHubIssue}`]: [201, {}] });
    const ran = await slipway("pipeline drift", project(drifted), onGitHub(url, "refs/heads/main"));
    expect(ran.code).toBe(exitCodes.ok);
    expect(ran.err).toContain("the issue was made");
    expect(host?.changes[0]?.body).toMatchObject({
      title: "Drift: what runs is not what the code says",
      labels: ["drift"],
    });
    expect(host?.changes[0]?.body.body).toContain("- **stage**: 0 to create, 1 to change, 1 to replace, 0 to delete");
    expect(host?.changes[0]?.body.body).toContain("Seen by https://github.com/acme/shop/actions/runs/99");
  });

  test.each([
    ["updates it", [drifted], { title: "Drift: what runs is not what the code says" }, "updated"],
    ["closes it when nothing differs", [], { state: "closed" }, "closed"],
  ] as const)("%s on GitHub", async (_, plans, expected, word) => {
    const before = { id: 1, number: 12, body: "<!-- slipway: drift -->\nold", user: bot };
    const url = await start({ [`GET ${issues}`]: [200, [before]], [`PATCH ${gitHubIssue}/12`]: [200, {}] });
    const ran = await slipway("pipeline drift", project(...plans), onGitHub(url, "refs/heads/main"));
    expect(host?.changes[0]?.body).toMatchObject(expected);
    expect(ran.err).toContain(`the issue was ${word}`);
  });

  const ofGitLab = "/projects/5/issues";
  test.each([
    ["opens it", [drifted], [], `POST ${ofGitLab}`, { labels: "drift" }],
    ["updates it", [drifted], [4], `PUT ${ofGitLab}/4`, { title: "Drift: what runs is not what the code says" }],
    ["closes it", [], [4], `PUT ${ofGitLab}/4`, { state_event: "close" }],
  ] as const)("%s on GitLab", async (_, plans, open, request, expected) => {
    const url = await start({
      "GET /user": [200, { id: 3 }],
      [`GET ${ofGitLab}`]: [
        200,
        open.map((iid) => ({ iid, title: "", description: "<!-- slipway: drift -->\nold", author: { id: 3 } })),
      ],
      [request]: [200, {}],
    });
    expect((await slipway("pipeline drift", project(...plans), onGitLab(url))).code).toBe(exitCodes.ok);
    expect(host?.changes).toMatchObject([{ request, body: expected }]);
  });

  test("writes nothing where nothing differs and there is no issue", async () => {
    const url = await start({ [`GET ${issues}`]: [200, []] });
    const ran = await slipway("pipeline drift", project(), onGitHub(url, "refs/heads/main"));
    expect(ran.out).toBe("nothing differs from the code\n");
    expect(host?.changes).toEqual([]);
  });

  test("tells of an environment that could not be planned", async () => {
    const url = await start({ [`GET ${issues}`]: [200, []], [`POST ${gitHubIssue}`]: [201, {}] });
    root = projectWith([quietPlan("registry"), quietPlan("dev"), quietPlan("stage")]);
    await slipway("pipeline drift", root, onGitHub(url, "refs/heads/main"));
    expect(host?.changes[0]?.body.body).toContain("- **prod**: no plan could be made");
  });

  test("fails the pipeline on GitLab where no issue can be written", async () => {
    const env = { ...onGitLab("http://127.0.0.1:9"), SLIPWAY_GITLAB_TOKEN: "" };
    const { code, out, err } = await slipway("pipeline drift", project(drifted), env);
    expect(code).toBe(exitCodes.failed);
    expect(out).toContain("- **stage**: 0 to create");
    expect(err).toContain("there is drift, and no issue can be written");
  });
});

describe("what goes to production", () => {
  const runs = `GET /repos/acme/shop/actions/workflows/main.yml/runs?head_sha=${commit}&event=push&branch=main&per_page=100`;
  const jobs = "GET /repos/acme/shop/actions/runs/5/jobs?per_page=100";
  const onTag = (url: string): Record<string, string> => onGitHub(url, "refs/tags/v1.2.3");
  const ofGitLab = (url: string): Record<string, string> => ({ ...onGitLab(url), CI_COMMIT_TAG: "v1.2.3" });
  const pipelines = "GET /projects/5/pipelines";
  const ran = { id: 5, head_sha: commit };
  const piped = { id: 5, sha: commit };

  test.each([
    [
      "GitHub",
      onTag,
      {
        [runs]: [200, { workflow_runs: [ran] }],
        [jobs]: [200, { jobs: [{ name: "stage-release", conclusion: "success" }] }],
      },
    ],
    [
      "GitLab",
      ofGitLab,
      { [pipelines]: [200, [piped]], [`${pipelines}/5/jobs`]: [200, [{ name: "stage-release", status: "success" }]] },
    ],
  ] as [string, (url: string) => Record<string, string>, Record<string, Answer>][])(
    "has run in stage, as %s says",
    async (_, on, answers) => {
      const url = await start(answers);
      expect(await slipway("pipeline proven", project(), on(url))).toMatchObject({
        code: exitCodes.ok,
        out: `stage has run ${commit}\n`,
      });
    },
  );

  test.each([
    ["was never built", onTag, { [runs]: [200, { workflow_runs: [] }] }],
    ["is of another run", onTag, { [runs]: [200, { workflow_runs: [{ ...ran, head_sha: "f".repeat(40) }] }] }],
    [
      "has failed in stage",
      onTag,
      {
        [runs]: [200, { workflow_runs: [ran] }],
        [jobs]: [200, { jobs: [{ name: "stage-release", conclusion: "failure" }] }],
      },
    ],
    [
      "is still being deployed",
      ofGitLab,
      { [pipelines]: [200, [piped]], [`${pipelines}/5/jobs`]: [200, [{ name: "stage-release", status: "running" }]] },
    ],
  ] as [string, (url: string) => Record<string, string>, Record<string, Answer>][])(
    "is refused when it %s",
    async (_, on, answers) => {
      const url = await start(answers);
      const { code, err } = await slipway("pipeline proven", project(), on(url));
      expect(code).toBe(exitCodes.refused);
      expect(err).toContain(`stage has not run ${commit}`);
    },
  );

  test("is refused on GitLab without a token that can ask", async () => {
    const env = { ...ofGitLab("http://127.0.0.1:9"), SLIPWAY_GITLAB_TOKEN: "" };
    const { code, err } = await slipway("pipeline proven", project(), env);
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain("store a token with the role Reporter and the scope read_api");
  });
});
