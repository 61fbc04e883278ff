import {
  type AnomalyMonitor,
  type AnomalySubscription,
  CostExplorerClient,
  GetAnomalyMonitorsCommand,
  GetAnomalySubscriptionsCommand,
} from "@aws-sdk/client-cost-explorer";
import { clientSettings } from "./client-settings";

/** Something that watches costs, by its name and ARN. */
export interface CostWatch {
  readonly arn: string;
  readonly name: string;
}

/** What watches the costs of an account; the service answers for the whole world from one region. */
export class CostAnomalies {
  private readonly client: CostExplorerClient;

  constructor(env: Readonly<Record<string, string>>) {
    this.client = new CostExplorerClient(clientSettings(env, "us-east-1", "COST_EXPLORER"));
  }

  /** Monitors of all services; AWS allows an account one. */
  async monitors(): Promise<CostWatch[]> {
    const all = await everyPage<AnomalyMonitor>(async (token) => {
      const page = await this.client.send(new GetAnomalyMonitorsCommand({ NextPageToken: token }));
      return { items: page.AnomalyMonitors, next: page.NextPageToken };
    });
    return all
      .filter(({ MonitorType: type, MonitorDimension: by }) => type === "DIMENSIONAL" && by === "SERVICE")
      .map(({ MonitorArn: arn = "", MonitorName: name = "" }) => ({ arn, name }));
  }

  async subscriptions(): Promise<CostWatch[]> {
    const all = await everyPage<AnomalySubscription>(async (token) => {
      const page = await this.client.send(new GetAnomalySubscriptionsCommand({ NextPageToken: token }));
      return { items: page.AnomalySubscriptions, next: page.NextPageToken };
    });
    return all.map(({ SubscriptionArn: arn = "", SubscriptionName: name = "" }) => ({ arn, name }));
  }
}

interface Page<T> {
  readonly items: T[] | undefined;
  readonly next: string | undefined;
}

async function everyPage<T>(read: (token: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const { items = [], next } = await read(token);
    all.push(...items);
    token = next;
  } while (token !== undefined);
  return all;
}
