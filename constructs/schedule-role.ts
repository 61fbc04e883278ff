import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { FargateCluster } from "./fargate-cluster";
import { boundaryOf, type Context } from "./shared/context";
import { serviceTrust } from "./shared/service-trust";
import type { TaskTemplate } from "./task-template";

export interface ScheduleRoleProps {
  readonly context: Context;
  readonly cluster: FargateCluster;
  readonly serviceName: string;
  /** What it may start: any revision of this family, with the family's roles. */
  readonly template: TaskTemplate;
  /** Queue that takes starts which failed for good. */
  readonly queueArn: string;
}

/** The role of one schedule: start tasks of one family in one cluster, and nothing else. */
export class ScheduleRole extends Construct {
  /** The permissions, without which the role is of no use. */
  public readonly after: readonly ITerraformDependable[];
  public readonly arn: string;

  constructor(scope: Construct, id: string, props: ScheduleRoleProps) {
    super(scope, id);
    const { context, cluster, serviceName } = props;
    const role = new IamRole(this, "Role", {
      name: `${context.name}-${serviceName}-schedule`,
      path: context.iamPath,
      ...boundaryOf(context),
      description: `Starts ${serviceName} by the clock`,
      assumeRolePolicy: serviceTrust({
        service: "scheduler.amazonaws.com",
        account: context.account,
        sourceArn: cluster.scheduleGroupArn,
      }),
    });
    this.after = [
      new IamRolePolicy(this, "Start", {
        name: "Start",
        role: role.name,
        policy: JSON.stringify({ Version: "2012-10-17", Statement: statementsOf(props) }),
      }),
    ];
    this.arn = role.arn;
  }
}

function statementsOf({ context, cluster, template, queueArn }: ScheduleRoleProps): object[] {
  const inEcs = `arn:aws:ecs:${context.region}:${context.account}`;
  return [
    {
      Sid: "RunTask",
      Effect: "Allow",
      Action: ["ecs:RunTask"],
      Resource: [`${inEcs}:task-definition/${template.family}:*`],
      Condition: { ArnEquals: { "ecs:cluster": cluster.arn } },
    },
    {
      Sid: "TagTask",
      Effect: "Allow",
      Action: ["ecs:TagResource"],
      Resource: [`${inEcs}:task/${context.name}/*`],
      Condition: { StringEquals: { "ecs:CreateAction": "RunTask" } },
    },
    {
      Sid: "PassRoles",
      Effect: "Allow",
      Action: ["iam:PassRole"],
      Resource: [template.taskRole.arn, template.executionRole.arn],
      Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    },
    { Sid: "KeepFailedStarts", Effect: "Allow", Action: ["sqs:SendMessage"], Resource: [queueArn] },
  ];
}
