import { everything } from "./support/laws";
import { lawsOfPermissions } from "./support/laws-of-permissions";
import { lawsOfStacks } from "./support/laws-of-stacks";
import { stacksOf } from "./support/build-stacks";
import { everyStack, shipped } from "./support/stacks";
import type { Json, Synthesized } from "./support/synthesized";
import { project as variantsProject, variants } from "./support/variants";

lawsOfStacks(everything);
lawsOfPermissions(everything);

test("every role and user takes the boundary when there is one", () => {
  const bounded = stacksOf({
    project: { ...variantsProject, permissionsBoundaryArn: "arn:aws:iam::444444444444:policy/boundary" },
    environments: { variants },
  });
  for (const type of ["aws_iam_role", "aws_iam_user"]) {
    const bodies = Object.values(bounded).flatMap(({ json }) => Object.values((json["resource"][type] ?? {}) as Json));
    expect(bodies.length).toBeGreaterThan(0);
    expect(
      bodies.every((body: Json) => body["permissions_boundary"] === "arn:aws:iam::444444444444:policy/boundary"),
    ).toBe(true);
  }
});

describe("names", () => {
  test("start with project and environment, and fit the limits of AWS even when they are as long as they may be", () => {
    const longest = "a".repeat(10);
    const project = { ...variantsProject, name: "p".repeat(16), accounts: { [longest]: "444444444444" } };
    const services = Object.fromEntries(
      Object.values(variants.services).map((service, i) => [
        `${"s".repeat(19)}${String.fromCharCode(97 + i)}`,
        service,
      ]),
    );
    const stack = stacksOf({ project, environments: { [longest]: { ...variants, name: longest, services } } })[
      longest
    ]!;
    const limits: Readonly<Record<string, readonly [field: string, limit: number]>> = {
      aws_lb: ["name", 32],
      aws_lb_target_group: ["name_prefix", 6],
      aws_db_instance: ["identifier", 63],
      aws_db_subnet_group: ["name", 255],
      aws_iam_role: ["name", 64],
      aws_iam_instance_profile: ["name", 128],
      aws_scheduler_schedule: ["name", 64],
      aws_scheduler_schedule_group: ["name", 64],
      aws_ecs_cluster: ["name", 255],
      aws_ecs_service: ["name", 255],
      aws_security_group: ["name", 255],
      aws_sqs_queue: ["name", 80],
      aws_s3_bucket: ["bucket", 63],
      aws_iam_user: ["name", 64],
      aws_iam_group: ["name", 64],
      aws_cloudfront_origin_access_control: ["name", 64],
      aws_mq_broker: ["broker_name", 50],
      aws_sns_topic: ["name", 256],
      aws_cloudwatch_metric_alarm: ["alarm_name", 255],
    };
    let seen = 0;
    for (const [type, [field, limit]] of Object.entries(limits)) {
      for (const [id, body] of Object.entries((stack.json["resource"][type] ?? {}) as Json)) {
        const name = (body as Json)[field] as string | undefined;
        if (name === undefined) continue;
        seen += 1;
        if (field !== "name_prefix") expect(name).toMatch(/^p{16}-a{10}/);
        expect(`${type}.${id}: ${name.length <= limit ? "fits" : `${name} is longer than ${limit}`}`).toBe(
          `${type}.${id}: fits`,
        );
      }
    }
    expect(seen).toBeGreaterThan(15);
  });
});

test("one run can lower the guards of a permanent environment", () => {
  const lowered = stacksOf(
    { project: variantsProject, environments: { variants: { ...variants, lifetime: "permanent" } } },
    { lifetime: "temporary" },
  );
  expect(JSON.stringify(lowered["variants"]!.json["resource"])).not.toMatch(
    /"prevent_destroy": ?true|"(enable_)?deletion_protection": ?true/,
  );
});

test("addresses are what they were: a changed line is a replaced resource", () => {
  const addresses = Object.fromEntries(
    Object.entries(everyStack).map(([name, stack]: [string, Synthesized]) => [name, stack.addresses()]),
  );
  expect(addresses).toMatchSnapshot();
});

test("the shipped stacks are one per environment, the registry, and one per account", () => {
  expect(Object.keys(shipped).sort()).toEqual([
    "bootstrap-111111111111",
    "bootstrap-222222222222",
    "bootstrap-333333333333",
    "dev",
    "prod",
    "registry",
    "stage",
  ]);
});
