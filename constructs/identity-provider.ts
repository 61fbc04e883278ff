import { IamOpenidConnectProvider } from "@cdktf/provider-aws/lib/iam-openid-connect-provider";
import { Construct } from "constructs";
import { AUDIENCE } from "./shared/pipeline-names";

export interface IdentityProviderProps {
  /** Who signs the tokens, without `https://`: `token.actions.githubusercontent.com`, or the host of GitLab. */
  readonly issuer: string;
}

/** Lets AWS believe the tokens of a pipeline's host. By itself it lets nobody in: each role says which tokens it takes. */
export class IdentityProvider extends Construct {
  public readonly arn: string;
  public readonly issuer: string;

  constructor(scope: Construct, id: string, { issuer }: IdentityProviderProps) {
    super(scope, id);
    // no thumbprint: AWS trusts the authorities that sign for the host
    const provider = new IamOpenidConnectProvider(this, "Provider", {
      url: `https://${issuer}`,
      clientIdList: [AUDIENCE],
    });
    this.arn = provider.arn;
    this.issuer = issuer;
  }
}
