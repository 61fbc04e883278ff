import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Construct } from "constructs";
import type { Connectable } from "../../constructs/shared/connectable";
import type { Grantee } from "../../constructs/shared/grantee";

/** What a database needs of a network. */
export const stubNetwork = { vpcId: "vpc-1", isolatedSubnetIds: ["subnet-a", "subnet-b"] } as const;

/** Something that connects, and that remembers what it was allowed. */
export class StubPeer extends Construct implements Connectable, Grantee {
  public readonly allowed: Record<
    string,
    { readonly actions: readonly string[]; readonly resources: readonly string[] }
  > = {};
  public readonly securityGroupId: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.securityGroupId = new SecurityGroup(this, "SecurityGroup", { vpcId: stubNetwork.vpcId }).id;
  }

  public allow(sid: string, actions: readonly string[], resources: readonly string[]): void {
    this.allowed[sid] = { actions, resources };
  }
}
