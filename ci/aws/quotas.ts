import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

/** A quota as AWS numbers it. */
export interface QuotaCode {
  readonly service: string;
  readonly code: string;
}

/** How much of something an account may have in a region. */
export class Quotas {
  private readonly client: ServiceQuotasClient;

  constructor(env: Readonly<Record<string, string>>, region: string) {
    this.client = new ServiceQuotasClient(clientSettings(env, region, "SERVICE_QUOTAS"));
  }

  /** The account's own value, else what AWS gives to everybody. */
  async valueOf({ service, code }: QuotaCode): Promise<number | undefined> {
    const query = { ServiceCode: service, QuotaCode: code };
    try {
      return (await this.client.send(new GetServiceQuotaCommand(query))).Quota?.Value;
    } catch (error) {
      if (errorName(error) !== "NoSuchResourceException") throw error;
      return (await this.client.send(new GetAWSDefaultServiceQuotaCommand(query))).Quota?.Value;
    }
  }
}
