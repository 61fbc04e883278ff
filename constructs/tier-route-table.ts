import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { VpcEndpointRouteTableAssociation } from "@cdktf/provider-aws/lib/vpc-endpoint-route-table-association";
import { Construct } from "constructs";

export interface TierRouteTableProps {
  /** Console name. */
  readonly name: string;
  readonly vpcId: string;
  /** Gateway endpoint that leads to S3. */
  readonly s3EndpointId: string;
}

/**
 * A route table that leads to S3 and nowhere else yet. The route to S3 is a resource of its own, so that a table goes without
 * a change to the endpoint, which AWS refuses once the table is gone.
 */
export class TierRouteTable extends Construct {
  public readonly routeTableId: string;

  constructor(scope: Construct, id: string, { name, vpcId, s3EndpointId }: TierRouteTableProps) {
    super(scope, id);
    this.routeTableId = new RouteTable(this, "RouteTable", { vpcId, tags: { Name: name } }).id;
    new VpcEndpointRouteTableAssociation(this, "S3Route", {
      vpcEndpointId: s3EndpointId,
      routeTableId: this.routeTableId,
    });
  }
}
