import { TerraformStack, Testing } from "cdktf";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import type { Context } from "../../constructs/shared/context";
import { type Json, Synthesized } from "./synthesized";

export { type Json, type ResourceType, Synthesized } from "./synthesized";

/** A context for tests of single constructs. */
export function contextOf(overrides: Partial<Context> = {}): Context {
  return {
    project: "shop",
    environment: "test",
    name: "shop-test",
    path: "/shop/test",
    iamPath: "/shop/test/",
    account: "123456789012",
    region: "eu-west-1",
    lifetime: "temporary",
    applyNow: false,
    tags: { project: "shop", environment: "test", stack: "test", "managed-by": "terraform" },
    ...overrides,
  };
}

/** Synthesise what `define` puts in an empty stack, and read it back as plain data. */
export function synth(
  define: (stack: TerraformStack, context: Context) => void,
  overrides: Partial<Context> = {},
): Synthesized {
  const context = contextOf(overrides);
  const stack = new TerraformStack(Testing.app(), "test");
  new AwsProvider(stack, "Aws", { region: context.region });
  define(stack, context);
  return new Synthesized(JSON.parse(Testing.synth(stack, true)) as Json);
}
