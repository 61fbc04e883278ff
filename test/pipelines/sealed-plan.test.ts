import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { exitCodes } from "../../ci/exit-codes";
import type { Parts } from "../../ci/main";
import { openPlan, planKey, sealPlan } from "../../ci/pipelines/sealed-plan";
import { parseConfiguration } from "../../environments/checks";
import { environments, project } from "../support/shipped";
import { FakeAws } from "../ci/support/fake-aws";
import { FakeEngine } from "../ci/support/fake-engine";
import { HostServer } from "./support/host-server";
import { commit, onGitHub, type Ran, slipway } from "./support/slipway";

const key = Buffer.alloc(32, 7).toString("base64");
const subject = { project: "shop", stack: "prod", commit };
const plan = { saved: { plan: "cGxhbg==", note: "bm90ZQ==" }, result: '{"secret":"no"}' };

describe("a sealed plan", () => {
  const bytes = planKey({ SLIPWAY_PLAN_KEY: key });
  const sealed = sealPlan(bytes, subject, plan);

  test("opens with its key for its stack and commit, and shows nothing before", () => {
    expect(openPlan(bytes, subject, sealed)).toEqual(plan);
    expect(sealed).not.toContain("cGxhbg");
    expect(sealPlan(bytes, subject, plan)).not.toBe(sealed);
  });

  test.each([
    ["another key", Buffer.alloc(32, 8), subject, sealed],
    ["another stack", bytes, { ...subject, stack: "stage" }, sealed],
    ["another commit", bytes, { ...subject, commit: "f".repeat(40) }, sealed],
    ["another project", bytes, { ...subject, project: "other" }, sealed],
    ["a shorter tag", bytes, subject, JSON.stringify({ ...JSON.parse(sealed), tag: "AAAA" })],
    ["other data", bytes, subject, JSON.stringify({ ...JSON.parse(sealed), data: "AAAA" })],
    ["something else", bytes, subject, "plan"],
  ])("does not open with %s", (_, otherKey, otherSubject, text) => {
    expect(() => openPlan(otherKey, otherSubject, text)).toThrow(
      `the sealed plan is not one of ${otherSubject.stack} at ${otherSubject.commit}, or its key is another: make the plan again`,
    );
  });

  test.each(["", "short", Buffer.alloc(31).toString("base64")])("takes no key such as %j", (value) => {
    expect(() => planKey({ SLIPWAY_PLAN_KEY: value })).toThrow("SLIPWAY_PLAN_KEY must be 32 bytes in base64");
  });
});

describe("production, from plan to apply", () => {
  let aws: FakeAws;
  let engine: FakeEngine;
  let planning: string;
  let applying: string;
  let synthesized: unknown;

  beforeAll(async () => {
    aws = await FakeAws.start();
  });
  afterAll(() => aws.stop());
  beforeEach(() => {
    [planning = "", applying = ""] = ["plan", "apply"].map((name) =>
      mkdtempSync(path.join(tmpdir(), `slipway-${name}-`)),
    );
    engine = new FakeEngine();
    aws.reset();
    aws.accountIs(project.accounts.prod);
    synthesized = { terraform: { backend: { s3: { bucket: "state", key: "prod" } } } };
    engine.put("plan.json", {
      resource_changes: [
        {
          address: "aws_sns_topic.Alerts",
          type: "aws_sns_topic",
          name: "Alerts",
          mode: "managed",
          change: { actions: ["create"], before: null, after: {} },
        },
      ],
    });
  });
  afterEach(() => {
    for (const folder of [planning, applying]) rmSync(folder, { recursive: true, force: true });
    engine.remove();
  });

  const parts: Parts = {
    configuration: parseConfiguration(project, environments),
    synthesize: ({ outdir, stack }) => {
      mkdirSync(path.join(outdir, "stacks", stack), { recursive: true });
      writeFileSync(path.join(outdir, "stacks", stack, "cdk.tf.json"), JSON.stringify(synthesized));
      return Promise.resolve();
    },
  };
  const job = (line: string, root: string, env: Record<string, string> = {}): Promise<Ran> =>
    slipway(
      line,
      root,
      {
        ...onGitHub("http://127.0.0.1:9", "refs/tags/v1.2.3"),
        TERRAFORM_BINARY_NAME: engine.path,
        AWS_ENDPOINT_URL: aws.url,
        AWS_ACCESS_KEY_ID: "key",
        AWS_SECRET_ACCESS_KEY: "secret",
        SLIPWAY_PLAN_KEY: key,
        ...env,
      },
      parts,
    );

  async function planned(...flags: readonly string[]): Promise<void> {
    const { out, code } = await job(["plan prod --no-lock --json", ...flags].join(" "), planning);
    expect(code).toBe(exitCodes.ok);
    mkdirSync(path.join(planning, "plans"), { recursive: true });
    writeFileSync(path.join(planning, "plans", "prod.json"), out);
  }

  async function carried(): Promise<void> {
    mkdirSync(path.join(applying, "sealed"), { recursive: true });
    writeFileSync(path.join(applying, "sealed", "prod.plan"), readFileSync(path.join(planning, "sealed", "prod.plan")));
    expect((await job("pipeline unseal prod", applying)).code).toBe(exitCodes.ok);
  }

  test("applies in another job exactly the plan that was made, without a lock of the planner", async () => {
    await planned();
    expect(engine.calls.find((call) => call.startsWith("plan"))).toContain("-lock=false");
    const summary = path.join(planning, "summary.md");
    const sealing = await job("pipeline seal prod", planning, { GITHUB_STEP_SUMMARY: summary });
    expect(sealing.out).toBe(
      `prod at ${commit}: 1 to create, 0 to change, 0 to replace, 0 to delete; sealed in sealed/prod.plan\n`,
    );
    expect(readFileSync(summary, "utf8")).toContain(
      "gh workflow run production.yml --ref v1.2.3 -f run=99 -f environment=prod",
    );
    expect(statSync(path.join(planning, "sealed", "prod.plan")).mode & 0o777).toBe(0o600);

    await carried();
    const before = engine.calls.length;
    const { code, err } = await job("pipeline apply prod", applying);
    expect(err).toContain("deployed prod (1 to create");
    expect(code).toBe(exitCodes.ok);
    expect(engine.calls.slice(before).filter((call) => call.startsWith("plan"))).toEqual([]);
    expect(engine.calls.slice(before).filter((call) => call.startsWith("apply"))).toHaveLength(1);

    // once: a second start must not plan by itself
    const again = await job("pipeline apply prod", applying);
    expect(again.code).toBe(exitCodes.stale);
    expect(again.err).toContain("the saved plan of prod is gone: a plan is applied once, make it again");
  });

  test("refuses it when the configuration is another", async () => {
    await planned();
    await job("pipeline seal prod", planning);
    await carried();
    synthesized = { terraform: { backend: { s3: { bucket: "state", key: "prod" } } }, resource: {} };
    const { code, err } = await job("pipeline apply prod", applying);
    expect(code).toBe(exitCodes.stale);
    expect(err).toContain("the saved plan is of another configuration");
    expect(engine.calls.filter((call) => call.startsWith("apply"))).toEqual([]);
  });

  test("refuses it when the state has changed since", async () => {
    await planned();
    await job("pipeline seal prod", planning);
    await carried();
    engine.put("apply.lines", `${JSON.stringify(stale)}\n`);
    engine.put("apply.code", "1");
    const { code, err } = await job("pipeline apply prod", applying);
    expect(code).toBe(exitCodes.stale);
    expect(err).toContain("the state of prod has changed since the plan was made");
  });

  describe("a plan without changes", () => {
    beforeEach(() => {
      engine.put("plan.code", "0");
      engine.put("plan.json", {});
    });

    test("is sealed and applied as others are, so that it is refused when the state has changed since", async () => {
      await planned("--keep");
      await job("pipeline seal prod", planning);
      await carried();
      engine.put("apply.lines", `${JSON.stringify(stale)}\n`);
      engine.put("apply.code", "1");
      const { code, err } = await job("pipeline apply prod --sealed", applying);
      expect(code).toBe(exitCodes.stale);
      expect(err).toContain("the state of prod has changed since the plan was made");
    });

    test("is not sealed when it was not kept", async () => {
      await planned();
      const { code, err } = await job("pipeline seal prod", planning);
      expect(code).toBe(exitCodes.stale);
      expect(err).toContain("so there is no plan to seal: plan again, with --keep");
    });

    test("is nothing to apply in the job that made it, and insisted on where it was sealed", async () => {
      await planned();
      const { code, out } = await job("pipeline apply prod", planning);
      expect({ code, out }).toEqual({ code: exitCodes.ok, out: "the plan of prod changes nothing\n" });
      expect((await job("pipeline apply prod --sealed", planning)).code).toBe(exitCodes.stale);
      expect(engine.calls.filter((call) => call.startsWith("apply"))).toEqual([]);
    });
  });

  test("shows on GitLab, where runs have no page of their own, what is approved", async () => {
    await planned();
    const env = { GITHUB_ACTIONS: "", GITHUB_SHA: "", GITLAB_CI: "true", CI_COMMIT_SHA: commit };
    const { out } = await job("pipeline seal prod", planning, env);
    expect(out).toContain("aws_sns_topic.Alerts");
  });

  test("says what is missing: a plan to seal, a sealed plan to open", async () => {
    const sealing = await job("pipeline seal prod", planning);
    expect(sealing.err).toContain(
      "there is no plan of prod in plans: `npm run --silent plan -- prod --json > plans/prod.json` makes it",
    );
    const opening = await job("pipeline unseal prod", applying);
    expect(opening.err).toContain("there is no sealed plan sealed/prod.plan: see the job that makes it");
  });
});

const stale = {
  "@level": "error",
  "@message": "Error: Saved plan is stale",
  type: "diagnostic",
  diagnostic: {
    severity: "error",
    summary: "Saved plan is stale",
    detail: "The given plan file can no longer be applied.",
  },
};

describe("the run whose plan is applied", () => {
  const good = {
    path: ".github/workflows/production.yml",
    event: "push",
    head_sha: commit,
    head_branch: "v1.2.3",
    conclusion: "success",
    run_attempt: 1,
  };
  const ask = async (run: object): Promise<Ran> => {
    const host = await HostServer.start({ "GET /repos/acme/shop/actions/runs/42": [200, run] });
    try {
      const command = "pipeline origin --environment prod --run 42";
      return await slipway(command, "/", onGitHub(host.url, "refs/tags/v1.2.3"));
    } finally {
      await host.stop();
    }
  };

  test("is this workflow's, for this tag", async () => {
    expect(await ask(good)).toMatchObject({ code: exitCodes.ok, out: "run 42 is of v1.2.3\n" });
  });

  test.each([
    ["path", ".github/workflows/evil.yml"],
    ["event", "workflow_dispatch"],
    ["head_sha", "f".repeat(40)],
    ["head_branch", "main"],
    ["conclusion", "failure"],
    // started again, it has made another plan than the one that was read
    ["run_attempt", 2],
  ])("is refused with another %s", async (field, value) => {
    const { code, err } = await ask({ ...good, [field]: value });
    expect(code).toBe(exitCodes.stale);
    expect(err).toContain(`${field} of run 42 must be ${good[field as keyof typeof good]}, got ${value}`);
  });

  test("may be told with the branch behind its path, as GitHub's own examples have it", async () => {
    expect(await ask({ ...good, path: `${good.path}@refs/tags/v1.2.3` })).toMatchObject({ code: exitCodes.ok });
  });

  test("has a number, and is of production, on a version tag", async () => {
    const command = "pipeline origin --environment stage --run ../1";
    const { code, err } = await slipway(command, "/", onGitHub("http://127.0.0.1:9", "refs/heads/v1"));
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain(
      "--run must be the number of a run, as its address has it, got ../1\n" +
        "--environment must be prod, typed out, got stage\n" +
        "production is started on a tag v*, got refs/heads/v1: choose the tag, or give it with --ref",
    );
  });
});

describe("the identity of a job", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "slipway-identity-"));
  const file = path.join(folder, "identity", "token");
  const role = { AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/x", AWS_WEB_IDENTITY_TOKEN_FILE: file };
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("is asked of GitHub, for AWS, and written for its owner alone", async () => {
    const host = await HostServer.start({ "GET /token?v=1&audience=sts.amazonaws.com": [200, { value: "a.b.c" }] });
    const env = { ACTIONS_ID_TOKEN_REQUEST_URL: `${host.url}/token?v=1`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "bearer" };
    const ran = await slipway("pipeline identity", path.join(folder, "project"), { ...role, ...env });
    await host.stop();
    expect(ran.code).toBe(exitCodes.ok);
    expect(ran.out + ran.err).not.toContain("a.b.c");
    expect(readFileSync(file, "utf8")).toBe("a.b.c");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(host.asked[0]?.headers.authorization).toBe("Bearer bearer");
  });

  test("is taken from GitLab's variable", async () => {
    await slipway("pipeline identity", path.join(folder, "project"), { ...role, SLIPWAY_ID_TOKEN: "d.e.f" });
    expect(readFileSync(file, "utf8")).toBe("d.e.f");
  });

  test.each([
    ["without a role", { AWS_ROLE_ARN: "" }, "AWS_ROLE_ARN is not set"],
    ["without an identity", {}, "the job has no identity: on GitHub it needs the permission `id-token: write`"],
    [
      "where an artifact could take it along",
      { AWS_WEB_IDENTITY_TOKEN_FILE: path.join(folder, "project", "token"), SLIPWAY_ID_TOKEN: "g" },
      "AWS_WEB_IDENTITY_TOKEN_FILE must be outside of the project",
    ],
  ])("is refused %s", async (_, env, sentence) => {
    const ran = await slipway("pipeline identity", path.join(folder, "project"), { ...role, ...env });
    expect(ran.code).not.toBe(exitCodes.ok);
    expect(ran.err).toContain(sentence);
    expect(existsSync(path.join(folder, "project", "token"))).toBe(false);
  });
});
