import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { IAMClient } from "@aws-sdk/client-iam";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

/** What is there of the things that tasks need. Clients are loaded when they are needed, and serve all questions of a kind. */
export class Existence {
  private iam: IAMClient | undefined;
  private logs: CloudWatchLogsClient | undefined;

  constructor(
    private readonly env: Readonly<Record<string, string>>,
    private readonly region: string,
  ) {}

  /** Which of these subnets are not there. */
  async missingSubnets(ids: readonly string[]): Promise<string[]> {
    // the largest of all clients, which no other command needs
    const { EC2Client, paginateDescribeSubnets } = await import("@aws-sdk/client-ec2");
    const client = new EC2Client(clientSettings(this.env, this.region, "EC2"));
    const found = new Set<string>();
    // by filter: asked by id, AWS refuses the question and names the first that is missing
    const query = { Filters: [{ Name: "subnet-id", Values: [...ids] }] };
    for await (const { Subnets: page = [] } of paginateDescribeSubnets({ client }, query)) {
      for (const { SubnetId: id } of page) if (id !== undefined) found.add(id);
    }
    return ids.filter((id) => !found.has(id));
  }

  /** Whether there is a role of this ARN. */
  async roleExists(arn: string): Promise<boolean> {
    const { GetRoleCommand, IAMClient } = await import("@aws-sdk/client-iam");
    this.iam ??= new IAMClient(clientSettings(this.env, this.region, "IAM"));
    try {
      await this.iam.send(new GetRoleCommand({ RoleName: arn.slice(arn.lastIndexOf("/") + 1) }));
      return true;
    } catch (error) {
      if (/^NoSuchEntity/.test(errorName(error))) return false;
      throw error;
    }
  }

  /** Whether there is a log group of this name. */
  async logGroupExists(name: string): Promise<boolean> {
    const { CloudWatchLogsClient, paginateDescribeLogGroups } = await import("@aws-sdk/client-cloudwatch-logs");
    this.logs ??= new CloudWatchLogsClient(clientSettings(this.env, this.region, "CLOUDWATCH_LOGS"));
    const client = this.logs;
    for await (const { logGroups: page = [] } of paginateDescribeLogGroups({ client }, { logGroupNamePrefix: name })) {
      if (page.some(({ logGroupName: found }) => found === name)) return true;
    }
    return false;
  }
}
