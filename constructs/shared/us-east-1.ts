import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { Context } from "./context";

const REGION = "us-east-1";
const ID = "AwsUsEast1";

/**
 * Puts a resource into us-east-1, whatever the region of the environment is: CloudFront takes its certificate and sends its
 * metrics and logs there alone, and the bill has its metrics there. Spread it into the resource's configuration. Empty where the
 * environment is in us-east-1 already; else one provider for the whole stack, with the account and the tags of the other.
 */
export function usEast1(scope: Construct, { account, region, tags }: Context): { readonly provider?: AwsProvider } {
  if (region === REGION) return {};
  const stack = TerraformStack.of(scope);
  const made = stack.node.tryFindChild(ID);
  if (made instanceof AwsProvider) return { provider: made };
  return {
    provider: new AwsProvider(stack, ID, {
      alias: "us_east_1",
      region: REGION,
      allowedAccountIds: [account],
      defaultTags: [{ tags: { ...tags } }],
    }),
  };
}
