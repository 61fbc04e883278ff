import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { letsThrough } from "../../constructs/pipeline/lets-through";
import { madeBoundary } from "../../constructs/pipeline/made-boundary";
import { TaskRole } from "../../constructs/task-role";
import { environments, project } from "../support/shipped";
import { parseConfiguration } from "../../environments/checks";
import { madePlaceOf } from "../../stacks/context-of";
import { stacksOf } from "../support/build-stacks";
import { synth } from "../support/synth";
import type { Json } from "../support/synthesized";

const bootstrapped = { ...project, stateBucket: { bootstrap: true } };
const names = ["dev", "stage", "prod"] as const;
const stacks = stacksOf({ project: bootstrapped, environments }, { environments: [...names] });
const shared = parseConfiguration(bootstrapped, environments).project;

function boundaryOf(name: string, taskPermissions: Parameters<typeof madeBoundary>[1] = []) {
  return madeBoundary(madePlaceOf(shared, name, shared.accounts[name] ?? ""), taskPermissions);
}

test.each(names)("what the stack of %s gives its roles is within their boundary", (name) => {
  const boundary = boundaryOf(name);
  const statements = stacks[name]!.all(IamRolePolicy).flatMap(
    ({ policy }) => (JSON.parse(policy as string) as { Statement: Json[] }).Statement,
  );
  const outside = statements.flatMap(({ Effect, Action, Resource }) =>
    Effect === "Deny"
      ? []
      : [Action].flat().flatMap((action: string) =>
          [Resource]
            .flat()
            // what Terraform will know
            .map((resource: string) => (resource.includes("${aws_") ? undefined : resource))
            .filter((resource) => !letsThrough(boundary, action, resource))
            .map((resource) => `${action} on ${resource}`),
        ),
  );
  expect(outside).toEqual([]);
});

test.each(names)("%s has a boundary of its own on every role", (name) => {
  const account = shared.accounts[name];
  expect([...new Set(stacks[name]!.all(IamRole).map((role) => role["permissions_boundary"] as unknown))]).toEqual([
    `arn:aws:iam::${account}:policy/slipway/bootstrap-${account}/slipway-${name}-boundary`,
  ]);
});

describe("a permission that the boundary does not let through", () => {
  const table = "arn:aws:dynamodb:us-east-1:222222222222:table/orders";

  const allowed = (boundary: ReturnType<typeof boundaryOf> | undefined, action: string, resource: string) =>
    synth(
      (stack, context) =>
        new TaskRole(stack, "Role", { context, name: "api-task", description: "Tasks" }).allow(
          "Use",
          [action],
          [resource],
        ),
      boundary === undefined ? {} : { boundary },
    );

  test("is a sentence, not a silence of AWS", () => {
    expect(() => allowed(boundaryOf("stage"), "dynamodb:GetItem", table)).toThrow(
      `Use must be within the boundary of the environment, got dynamodb:GetItem on ${table}: add it to taskPermissions of the environment, and run \`npm run bootstrap\``,
    );
    expect(() => allowed(boundaryOf("stage"), "s3:GetObject", "arn:aws:s3:::slipway-prod-images/*")).toThrow(
      "Use must",
    );
    expect(() =>
      allowed(boundaryOf("stage"), "s3:GetObject", "arn:aws:s3:::slipway-state-222222222222/slipway/stage.tfstate"),
    ).toThrow("Use must");
  });

  test("is let through where the environment says so, or nobody bounds it", () => {
    const more = boundaryOf("stage", [{ actions: ["dynamodb:*"], resources: [table] }]);
    expect(allowed(more, "dynamodb:GetItem", table).one(IamRolePolicy)["policy"]).toContain("dynamodb:GetItem");
    expect(allowed(undefined, "dynamodb:GetItem", table).one(IamRolePolicy)["name"]).toBe("Use");
    expect(() => allowed(more, "dynamodb:GetItem", `${table}2`)).toThrow("Use must");
  });
});

test("a boundary with all that tasks may be given fits into a policy: 6,144 characters", () => {
  // what the schema takes at most: names of 16 and 10 characters, the longest region, another bucket, ten permissions of 2,500 together
  const small = Array.from({ length: 9 }, () => ({ actions: ["s3:*"], resources: ["*"] }));
  const permissionsWith = (resource: string) => [...small, { actions: ["s3:*"], resources: [resource] }];
  const permissions = permissionsWith("a".repeat(2500 - JSON.stringify(permissionsWith("")).length));
  expect(JSON.stringify(permissions)).toHaveLength(2500);
  const place = {
    ...madePlaceOf({ ...shared, name: "n".repeat(16) }, "e".repeat(10), "123456789012"),
    region: "ap-southeast-2",
    registry: { account: "210987654321", region: "ap-northeast-1" },
    stateBucket: "b".repeat(63),
  };
  const size = JSON.stringify({ Version: "2012-10-17", Statement: madeBoundary(place, permissions) }).length;
  expect(size).toBeLessThanOrEqual(6144);
});
