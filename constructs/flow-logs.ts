import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { FlowLog } from "@cdktf/provider-aws/lib/flow-log";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Construct } from "constructs";
import { boundaryOf, type Context } from "./shared/context";
import { serviceTrust } from "./shared/service-trust";
import { exceptLogGroup } from "./shared/common-scan-exceptions";

export interface FlowLogsProps {
  readonly context: Context;
  readonly vpcId: string;
  /** Which connections are recorded. */
  readonly traffic: "ALL" | "REJECT" | "ACCEPT";
  /** Days that the record is kept. */
  readonly retentionDays: number;
}

/** A record of the connections of a VPC in the log group `<path>/flow-logs`, written by a role that can do nothing else. */
export class FlowLogs extends Construct {
  public readonly logGroupName: string;

  constructor(scope: Construct, id: string, { context, vpcId, traffic, retentionDays }: FlowLogsProps) {
    super(scope, id);
    const group = new CloudwatchLogGroup(this, "LogGroup", {
      name: `${context.path}/flow-logs`,
      retentionInDays: retentionDays,
    });
    exceptLogGroup(group, retentionDays, "network.flowLogs.retentionDays");
    const role = this.createRole(context);
    const policy = this.createPolicy(role, group);
    new FlowLog(this, "FlowLog", {
      vpcId,
      trafficType: traffic,
      logDestinationType: "cloud-watch-logs",
      logDestination: group.arn,
      iamRoleArn: role.arn,
      tags: { Name: context.name },
      dependsOn: [policy],
    });
    this.logGroupName = group.name;
  }

  private createRole(context: Context): IamRole {
    return new IamRole(this, "Role", {
      name: `${context.name}-flow-logs`,
      path: context.iamPath,
      ...boundaryOf(context),
      assumeRolePolicy: serviceTrust({ service: "vpc-flow-logs.amazonaws.com", account: context.account }),
    });
  }

  private createPolicy(role: IamRole, group: CloudwatchLogGroup): IamRolePolicy {
    return new IamRolePolicy(this, "Policy", {
      name: "write",
      role: role.name,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "Write",
            Effect: "Allow",
            Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            Resource: [`${group.arn}:*`],
          },
        ],
      }),
    });
  }
}
