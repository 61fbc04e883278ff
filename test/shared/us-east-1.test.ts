import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { Construct } from "constructs";
import { usEast1 } from "../../constructs/shared/us-east-1";
import { synth, type Json } from "../support/synth";

test("an environment elsewhere gets one provider for it, with its own account and tags, however often it is asked for", () => {
  const stack = synth((scope, context) => {
    const inner = new Construct(scope, "Inner");
    new SnsTopic(scope, "Outer", { name: "outer", ...usEast1(scope, context) });
    new SnsTopic(inner, "Topic", { name: "inner", ...usEast1(inner, context) });
  });
  const [own, ...others] = stack.json["provider"]["aws"] as Json[];
  expect(own!["alias"]).toBeUndefined();
  expect(others).toEqual([
    {
      alias: "us_east_1",
      region: "us-east-1",
      allowed_account_ids: ["123456789012"],
      default_tags: [{ tags: { project: "shop", environment: "test", stack: "test", "managed-by": "terraform" } }],
    },
  ]);
  expect(stack.all(SnsTopic).map(({ provider }) => provider as string)).toEqual(["aws.us_east_1", "aws.us_east_1"]);
});

test("an environment in us-east-1 has it already", () => {
  const stack = synth(
    (scope, context) => {
      new SnsTopic(scope, "Topic", { name: "topic", ...usEast1(scope, context) });
    },
    { region: "us-east-1" },
  );
  expect(stack.json["provider"]["aws"]).toHaveLength(1);
  expect(stack.one(SnsTopic)["provider"]).toBeUndefined();
});
