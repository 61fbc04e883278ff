import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IotLoggingOptions } from "@cdktf/provider-aws/lib/iot-logging-options";
import { Construct } from "constructs";
import { boundaryOf, type Context } from "./shared/context";
import { serviceTrust } from "./shared/service-trust";

/** The log group of AWS IoT, whose name is given. */
const LOG_GROUP = "AWSIotLogsV2";

export interface IotLoggingProps {
  readonly context: Context;
}

/**
 * AWS IoT writes what goes wrong with devices to CloudWatch Logs. A setting of the whole account and region, not of an
 * environment.
 */
export class IotLogging extends Construct {
  constructor(scope: Construct, id: string, { context }: IotLoggingProps) {
    super(scope, id);
    const role = new IamRole(this, "Role", {
      name: `${context.project}-iot-logging`,
      path: context.iamPath,
      ...boundaryOf(context),
      description: "AWS IoT writes its logs",
      assumeRolePolicy: serviceTrust({ service: "iot.amazonaws.com", account: context.account }),
    });
    const logs = `arn:aws:logs:${context.region}:${context.account}:log-group:${LOG_GROUP}:*`;
    const policy = new IamRolePolicy(this, "Policy", {
      name: "write-logs",
      role: role.name,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "WriteLogs",
            Effect: "Allow",
            Action: [
              "logs:CreateLogGroup",
              "logs:CreateLogStream",
              "logs:DescribeLogStreams",
              "logs:PutLogEvents",
              "logs:PutRetentionPolicy",
            ],
            Resource: [logs],
          },
        ],
      }),
    });
    new IotLoggingOptions(this, "Options", {
      defaultLogLevel: "WARN",
      roleArn: role.arn,
      // AWS tries the role when it is told of it
      dependsOn: [policy],
    });
  }
}
