import type { ITerraformDependable } from "cdktf";

/** What other constructs need of a network, so that an existing VPC can stand in for `Network`. */
export interface NetworkLike {
  readonly vpcId: string;
  /** IPv4 block of the VPC. */
  readonly cidr: string;
  /** Full names of the zones. */
  readonly zones: readonly string[];
  /** For load balancers, and for tasks where there is no NAT. */
  readonly publicSubnetIds: readonly string[];
  /** For tasks: a way out, no way in. */
  readonly privateSubnetIds: readonly string[];
  /** For databases: no way out, no way in. */
  readonly isolatedSubnetIds: readonly string[];
  /** Where tasks run: the private subnets, or the public ones where there is no NAT. */
  readonly taskSubnetIds: readonly string[];
  /** What must exist before a task can reach the internet, if the network says so: a task that starts earlier pulls no image. */
  readonly wayOut?: readonly ITerraformDependable[];
  /** Whether tasks need an address of their own to reach the internet. */
  readonly assignPublicIp: boolean;
}
