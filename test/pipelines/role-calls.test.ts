import { readRecord, rehearsedRoles, union, unrecorded, outdated } from "../../ci/rehearse/roles";
import type { RecordedCall } from "../../ci/tools/emulator";
import { environments, project } from "../support/shipped";
import { parseConfiguration } from "../../environments/checks";
import { isAllowed } from "../support/iot-policy-evaluator";
import { isRefused, needlessReasons, roleFindings, unusedOf, usedActions } from "../support/pipeline-calls";
import { justified } from "../support/unused-permissions";

const configuration = parseConfiguration(project, environments);
// with a zone, as the environment has that rehearses everything
const withZone = { ...configuration.project, publicZone: { id: "Z0123456789ABCDEFGHIJ", name: "example.com" } };
const roles = rehearsedRoles(withZone, "stage");
const recorded = readRecord(process.cwd());
const account = "222222222222";
const region = "us-east-1";

function call(role: string | null, action: string, more: Partial<RecordedCall> = {}): RecordedCall {
  return {
    role,
    account,
    region,
    action,
    resources: ["*"],
    context: { "aws:RequestedRegion": region },
    ok: true,
    ...more,
  };
}

describe("held against what rehearsals did, roles", () => {
  test("have done something, each of them", () => {
    expect(Object.keys(recorded).sort()).toEqual(roles.map(({ group }) => group).sort());
  });

  test("may do all of it, on something", () => {
    const refused = roles.flatMap(({ group, document }) =>
      (recorded[group] ?? [])
        .filter((action) => action !== "sts:GetCallerIdentity" && !isRefused(group, action))
        .filter(
          (action) =>
            !document.Statement.some(({ Effect, Sid, Action = [] }) => {
              const statement = { Effect, Action, Resource: "*", ...(Sid === undefined ? {} : { Sid }) };
              return isAllowed({ Statement: [statement] }, { action, resource: "*" });
            }),
        )
        .map((action) => `${group} ${action}`),
    );
    expect(refused).toEqual([]);
  });

  test("may do nothing else without a reason", () => {
    expect(unusedOf(roles, recorded)).toEqual([]);
  });

  test("have no reason for what needs none", () => {
    expect(needlessReasons(roles, recorded)).toEqual([]);
    expect(justified.filter(({ because }) => because.length < 20)).toEqual([]);
  });
});

describe("what a role did", () => {
  const log = `arn:aws:logs:${region}:${account}:log-group:/slipway/stage/tasks/api`;

  test("is missing where the role may not, once per action, with what refuses it", () => {
    const calls = [
      call("slipway-stage-release", "logs:FilterLogEvents", { resources: [log] }),
      call("slipway-stage-release", "s3:GetObject", { resources: ["arn:aws:s3:::other/1"], ok: false }),
      call("slipway-stage-release", "s3:GetObject", { resources: ["arn:aws:s3:::other/2"] }),
      call("slipway-stage-apply", "ec2:CreateVpc", { context: { "aws:RequestedRegion": "eu-west-1" } }),
    ];
    expect(roleFindings(calls, roles).missing).toEqual([
      "slipway-stage-apply did ec2:CreateVpc on * (aws:RequestedRegion=eu-west-1), which its policies and the boundary refuse",
      "slipway-stage-release did s3:GetObject on arn:aws:s3:::other/1 (aws:RequestedRegion=us-east-1), which its policies refuse",
    ]);
  });

  test("is nothing to complain of where nobody needs a permission, or it is refused on purpose", () => {
    const value = "secretsmanager:GetSecretValue";
    const secret = (name: string) => ({ resources: [`arn:aws:secretsmanager:${region}:${account}:secret:${name}`] });
    const calls = [
      call(null, "iam:CreateUser"),
      call("slipway-stage-plan", "sts:GetCallerIdentity"),
      call("slipway-stage-plan", value, secret("/slipway/stage/database/app-1-1-AbCdEf")),
      call("slipway-stage-release", value, secret("rds!db-1-AbCdEf")),
    ];
    expect(roleFindings(calls, roles).missing).toEqual([]);
    const others = [
      call("slipway-stage-release", value, secret("/slipway/stage/other-AbCdEf")),
      call("slipway-stage-apply", value, secret("rds!db-1-AbCdEf")),
    ];
    expect(roleFindings(others, roles).missing).toHaveLength(2);
  });

  test("is not overlooked where nobody knows the role", () => {
    expect(roleFindings([call("slipway-stage-deploy", "s3:GetObject")], roles).missing).toEqual([
      `slipway-stage-deploy of ${account} made calls and is no role of a pipeline`,
    ]);
  });

  test("is counted by the kind of the role", () => {
    const calls = [
      call("slipway-stage-plan", "ec2:DescribeVpcs"),
      call("slipway-stage-plan", "acm:DescribeCertificate"),
      call("slipway-registry-apply", "ecr:CreateRepository", { account: "333333333333" }),
    ];
    const used = usedActions(calls, roles);
    expect(used).toEqual({
      plan: ["acm:DescribeCertificate", "ec2:DescribeVpcs"],
      "registry-apply": ["ecr:CreateRepository"],
    });
    expect(unusedOf(roles, used)).toContain("plan roles may rds:Describe* and never do");
    expect(unusedOf(roles, used)).not.toContain("plan roles may ec2:Describe* and never do");
  });
});

describe("the record", () => {
  test("says what it does not know, and what nobody does any more", () => {
    const [one, other] = [{ plan: ["a:A", "a:B"] }, { plan: ["a:B"], apply: ["a:C"] }];
    expect(union(one, other)).toEqual({ apply: ["a:C"], plan: ["a:A", "a:B"] });
    expect(unrecorded(one, other)).toEqual([
      "apply roles did a:C, which test/data/role-calls.json does not know: rehearse with --record-calls",
    ]);
    expect(outdated(one, other)).toEqual([
      "test/data/role-calls.json says that plan roles do a:A, and none did: rehearse all with --record-calls",
    ]);
  });
});
