import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { DescribeImagesCommand, ECRClient } from "@aws-sdk/client-ecr";
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListServicesCommand,
} from "@aws-sdk/client-ecs";
import { accounts, region } from "./world";

/** What a person does and sees in the console of an account. */
export class Hands {
  private readonly settings: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };

  constructor(endpoint: string, account: string) {
    this.settings = { endpoint, region, credentials: { accessKeyId: account, secretAccessKey: "hands" } };
  }

  /** Change how long the first log group with this part in its name keeps its events; gives how long it was. */
  async keepLogs(part: string, days: number): Promise<number> {
    const client = new CloudWatchLogsClient(this.settings);
    const { logGroups: groups = [] } = await client.send(new DescribeLogGroupsCommand({}));
    const group = groups.find(({ logGroupName: name = "" }) => name.includes(part));
    const names = groups.map(({ logGroupName: name }) => name).join(", ");
    if (group?.retentionInDays === undefined) throw new Error(`no log group ${part} in ${names}`);
    await client.send(new PutRetentionPolicyCommand({ logGroupName: group.logGroupName, retentionInDays: days }));
    client.destroy();
    return group.retentionInDays;
  }

  /** Images that the services of an environment run. */
  async runningImages(cluster: string): Promise<string[]> {
    const client = new ECSClient(this.settings);
    const { serviceArns: services = [] } = await client.send(new ListServicesCommand({ cluster }));
    const { services: described = [] } = await client.send(new DescribeServicesCommand({ cluster, services }));
    const images = await Promise.all(
      described.map(async ({ taskDefinition }) => {
        const { taskDefinition: found } = await client.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
        return found?.containerDefinitions?.map(({ image = "" }) => image) ?? [];
      }),
    );
    client.destroy();
    return images.flat();
  }

  /** Digest of what was pushed under a tag. */
  async digestOf(repositoryName: string, imageTag: string): Promise<string | undefined> {
    const client = new ECRClient(this.settings);
    const { imageDetails: [image] = [] } = await client.send(
      new DescribeImagesCommand({ registryId: accounts.prod, repositoryName, imageIds: [{ imageTag }] }),
    );
    client.destroy();
    return image?.imageDigest;
  }
}
