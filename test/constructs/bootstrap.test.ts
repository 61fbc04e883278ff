import { CeAnomalyMonitor } from "@cdktf/provider-aws/lib/ce-anomaly-monitor";
import { CeAnomalySubscription } from "@cdktf/provider-aws/lib/ce-anomaly-subscription";
import { IamOpenidConnectProvider } from "@cdktf/provider-aws/lib/iam-openid-connect-provider";
import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IotLoggingOptions } from "@cdktf/provider-aws/lib/iot-logging-options";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { environments, project } from "../support/shipped";
import { runOptions } from "../../stacks/synthesize";
import { stacksOf } from "../support/build-stacks";
import { everyStack, shipped } from "../support/stacks";
import type { Json, Synthesized } from "../support/synthesized";

const ids = { stage: "bootstrap-222222222222", dev: "bootstrap-111111111111", prod: "bootstrap-333333333333" };
const stage = shipped[ids.stage]!;
const rolesOf = (stack: Synthesized): string[] => stack.all(IamRole).map(({ name }) => name as string);
const boundaryOf = (stack: Synthesized): unknown[] => [
  ...new Set(stack.all(IamRole).map((role) => role["permissions_boundary"] as unknown)),
];

test("the bucket of the state is versioned, refuses to go, and forgets old versions late", () => {
  expect(stage.one(S3Bucket)).toMatchObject({
    bucket: "slipway-state-222222222222",
    force_destroy: false,
    lifecycle: { prevent_destroy: true },
  });
  expect(stage.one(S3BucketVersioningA)).toMatchObject({ versioning_configuration: { status: "Enabled" } });
  expect(stage.one(S3BucketLifecycleConfiguration)["rule"]).toMatchObject([
    { noncurrent_version_expiration: [{ noncurrent_days: 90, newer_noncurrent_versions: 20 }] },
  ]);
});

test("a run that leaves can delete it, with all versions", () => {
  const lowered = stacksOf({ project, environments }, { lifetime: "temporary", environments: [ids.stage] })[ids.stage]!;
  expect(lowered.one(S3Bucket)).toMatchObject({ force_destroy: true, lifecycle: { prevent_destroy: false } });
});

test("each account has the roles of what is in it", () => {
  expect(rolesOf(shipped[ids.dev]!).sort()).toEqual(["slipway-dev-plan", "slipway-iot-logging"]);
  expect(rolesOf(stage)).toEqual(
    expect.arrayContaining(["slipway-stage-apply", "slipway-stage-plan", "slipway-stage-release"]),
  );
  expect(rolesOf(shipped[ids.prod]!)).toEqual(
    expect.arrayContaining([
      "slipway-prod-apply",
      "slipway-prod-plan",
      "slipway-prod-release",
      "slipway-registry-apply",
      "slipway-registry-plan",
      "slipway-registry-release",
    ]),
  );
  expect(Object.keys(stage.json["output"]["role_arns"].value as Json).sort()).toEqual([
    "stage-apply",
    "stage-plan",
    "stage-release",
  ]);
});

test("both hosts are believed for one audience, and only those that the project names", () => {
  expect(stage.all(IamOpenidConnectProvider).map(({ url, client_id_list }) => [url, client_id_list])).toEqual([
    ["https://token.actions.githubusercontent.com", ["sts.amazonaws.com"]],
    ["https://gitlab.com", ["sts.amazonaws.com"]],
  ]);
  const { gitlab } = project.pipelines;
  const own = { ...project, pipelines: { gitlab: { ...gitlab, host: "git.example.com" } } };
  const stack = stacksOf({ project: own, environments }, { environments: [ids.stage] })[ids.stage]!;
  expect(stack.one(IamOpenidConnectProvider)["url"]).toBe("https://git.example.com");
});

test("a provider that the account had is used and not made again", () => {
  const arn = "arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com";
  const options = runOptions({
    SLIPWAY_IDENTITY_PROVIDERS: `arn:aws:iam::222222222222:oidc-provider/git.example.com,${arn}`,
    SLIPWAY_ENVIRONMENTS: ids.stage,
  });
  const stack = stacksOf({ project, environments }, options)[ids.stage]!;
  expect(stack.all(IamOpenidConnectProvider).map(({ url }) => url)).toEqual(["https://gitlab.com"]);
  const [trust] = stack.all(IamRole).filter(({ name }) => name === "slipway-stage-plan");
  expect(trust?.["assume_role_policy"]).toContain(`"Federated":"${arn}"`);
  expect(() => runOptions({ SLIPWAY_IDENTITY_PROVIDERS: "github" })).toThrow(
    'must be ARNs of identity providers with commas between them, got "github"',
  );
});

test.each([{ none: true }, { bootstrap: true }, { name: "elsewhere", region: "eu-west-1" }])(
  "its own state is in the bucket that it makes, also where environments keep theirs in %j",
  (stateBucket) => {
    const stack = stacksOf({ project: { ...project, stateBucket }, environments }, { environments: [ids.stage] })[
      ids.stage
    ]!;
    expect(stack.json["terraform"].backend.s3).toMatchObject({
      bucket: "slipway-state-222222222222",
      region: "us-east-1",
      key: `slipway/${ids.stage}.tfstate`,
      use_lockfile: true,
    });
  },
);

test("without pipelines there is a bucket and no role that a stranger could ask for", () => {
  const alone = { ...project, pipelines: { none: true, because: "one person deploys by hand" } };
  const stack = stacksOf({ project: alone, environments }, { environments: [ids.stage] })[ids.stage]!;
  expect(stack.has(IamOpenidConnectProvider)).toBe(false);
  expect(stack.json["output"]["role_arns"].value).toEqual({});
  expect(stack.one(S3Bucket)["bucket"]).toBe("slipway-state-222222222222");
});

describe("the boundary", () => {
  const made = "arn:aws:iam::222222222222:policy/slipway/bootstrap-222222222222/slipway-stage-boundary";

  test("is on every role of an environment whose account had a bootstrap", () => {
    const bootstrapped = { ...project, stateBucket: { bootstrap: true } };
    const stack = stacksOf({ project: bootstrapped, environments }, { environments: ["stage"] })["stage"]!;
    expect(boundaryOf(stack)).toEqual([made]);
    expect(stack.json["terraform"].backend.s3).toMatchObject({
      bucket: "slipway-state-222222222222",
      region: "us-east-1",
      key: "slipway/stage.tfstate",
      use_lockfile: true,
    });
  });

  test("is the project's own where it has one", () => {
    const permissionsBoundaryArn = "arn:aws:iam::222222222222:policy/corporate";
    const stack = stacksOf(
      { project: { ...project, permissionsBoundaryArn }, environments },
      { environments: [ids.stage] },
    )[ids.stage]!;
    expect(boundaryOf(stack)).toEqual([permissionsBoundaryArn]);
    // and then what no pipeline may do is on each of their roles
    const policies = stack.all(IamPolicy).map(({ name }) => name as string);
    expect(policies.filter((name) => name.endsWith("-boundary"))).toEqual([]);
    expect(policies).toEqual(expect.arrayContaining(["slipway-stage-apply-refusals", "slipway-stage-plan-refusals"]));
  });

  test("is no text that a role could ask for before it is there", () => {
    const bootstrapped = { ...project, stateBucket: { bootstrap: true } };
    const stack = stacksOf({ project: bootstrapped, environments }, { environments: [ids.stage] })[ids.stage]!;
    // a reference to what the stack makes, or none for what it needs before
    expect(boundaryOf(stack)).toEqual([undefined, "${aws_iam_policy.Boundary.arn}"]);
    expect(stack.all(IamPolicy).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["slipway-boundary", "slipway-stage-boundary"]),
    );
  });

  test("is on no role where the state is on one machine", () => {
    expect(boundaryOf(everyStack["stage"]!)).toEqual([undefined]);
  });
});

describe("cost anomalies", () => {
  test("a monitor of all services tells the alert addresses once a day", () => {
    expect(stage.one(CeAnomalyMonitor)).toMatchObject({
      name: "slipway-services",
      monitor_type: "DIMENSIONAL",
      monitor_dimension: "SERVICE",
    });
    expect(stage.one(CeAnomalySubscription)).toMatchObject({
      frequency: "DAILY",
      subscriber: [{ type: "EMAIL", address: "alerts@example.com" }],
    });
  });

  test("one that the account had is used and not made again", () => {
    const anomalyMonitorArn = "arn:aws:ce::222222222222:anomalymonitor/0a1b2c3d-0000-4000-8000-000000000000";
    const options = runOptions({ SLIPWAY_ANOMALY_MONITOR: anomalyMonitorArn, SLIPWAY_ENVIRONMENTS: ids.stage });
    const stack = stacksOf({ project, environments }, options)[ids.stage]!;
    expect(stack.has(CeAnomalyMonitor)).toBe(false);
    expect(stack.one(CeAnomalySubscription)["monitor_arn_list"]).toEqual([anomalyMonitorArn]);
    expect(() => runOptions({ SLIPWAY_ANOMALY_MONITOR: "Default-Services-Monitor" })).toThrow(
      'must be the ARN of a monitor of cost anomalies, got "Default-Services-Monitor"',
    );
  });
});

test("AWS IoT logs warnings where devices are, and nowhere else", () => {
  const dev = shipped[ids.dev]!;
  expect(dev.one(IotLoggingOptions)).toMatchObject({ default_log_level: "WARN" });
  const quiet = { ...environments, dev: { ...environments.dev, mqtt: { none: true, because: "no devices in dev" } } };
  const services = { api: { ...environments.dev.services.api, uses: ["images"] } };
  const stack = stacksOf(
    { project, environments: { ...quiet, dev: { ...quiet.dev, services } } },
    { environments: [ids.dev] },
  )[ids.dev]!;
  expect(stack.has(IotLoggingOptions)).toBe(false);
});
