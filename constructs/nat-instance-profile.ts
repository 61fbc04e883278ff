import { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { boundaryOf, type Context } from "./shared/context";

export interface NatInstanceProfileProps {
  readonly context: Context;
  /** Name of the role and the profile, and of everything that belongs to the instance by its `Name` tag. */
  readonly name: string;
  /** The interface that every NAT instance takes over. */
  readonly networkInterfaceArn: string;
  /** The public address that every NAT instance takes over. */
  readonly addressArn: string;
}

/** What a NAT instance may do: take over its interface and its address, and change the interface that it was born with. */
export class NatInstanceProfile extends Construct {
  public readonly arn: string;
  /** The permissions, without which the profile is of no use. */
  public readonly policy: ITerraformDependable;

  constructor(
    scope: Construct,
    id: string,
    { context, name, networkInterfaceArn, addressArn }: NatInstanceProfileProps,
  ) {
    super(scope, id);
    const own = (kind: string): string => `arn:aws:ec2:${context.region}:${context.account}:${kind}/*`;
    const takeOver = ["ec2:AssociateAddress", "ec2:AttachNetworkInterface", "ec2:DisassociateAddress"];
    const role = new IamRole(this, "Role", {
      name,
      path: context.iamPath,
      ...boundaryOf(context),
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
      }),
    });
    this.policy = new IamRolePolicy(this, "Policy", {
      name: "take-over",
      role: role.name,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Sid: "What", Effect: "Allow", Action: takeOver, Resource: [addressArn, networkInterfaceArn] },
          {
            // an instance cannot know its own id beforehand, but it has the name that the launch template gives
            Sid: "ByItself",
            Effect: "Allow",
            Action: [...takeOver, "ec2:ModifyNetworkInterfaceAttribute"],
            Resource: [own("instance"), own("network-interface")],
            Condition: { StringEquals: { "aws:ResourceTag/Name": name } },
          },
        ],
      }),
    });
    this.arn = new IamInstanceProfile(this, "InstanceProfile", { name, path: context.iamPath, role: role.name }).arn;
  }
}
