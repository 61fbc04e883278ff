import { DescribeSecretCommand, GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

/** What a task would find in a secret: names, never values. */
export class SecretFacts {
  private readonly client: SecretsManagerClient;

  constructor(env: Readonly<Record<string, string>>, region: string) {
    this.client = new SecretsManagerClient(clientSettings(env, region, "SECRETS_MANAGER"));
  }

  /** Labels of its versions, such as AWSCURRENT; none when there is no such secret, or it is about to be deleted. */
  async stages(arn: string): Promise<readonly string[] | undefined> {
    try {
      const found = await this.client.send(new DescribeSecretCommand({ SecretId: arn }));
      if (found.DeletedDate !== undefined) return undefined;
      return Object.values(found.VersionIdsToStages ?? {}).flat();
    } catch (error) {
      if (errorName(error) === "ResourceNotFoundException") return undefined;
      throw error;
    }
  }

  /** Names of the fields of its JSON; none when it is no JSON object. The value itself is dropped at once. */
  async keys(arn: string): Promise<readonly string[] | undefined> {
    const { SecretString: text = "" } = await this.client.send(new GetSecretValueCommand({ SecretId: arn }));
    try {
      const value: unknown = JSON.parse(text);
      return typeof value === "object" && value !== null ? Object.keys(value) : undefined;
    } catch {
      return undefined;
    }
  }
}
