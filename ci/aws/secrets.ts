import {
  paginateListSecrets,
  PutSecretValueCommand,
  SecretsManagerClient,
  type SecretListEntry,
} from "@aws-sdk/client-secrets-manager";
import { CommandError } from "../exit-codes";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

/** What is known of a secret without reading it. */
export interface SecretState {
  readonly exists: boolean;
  /** Somebody has put a value into it. */
  readonly hasValue: boolean;
  readonly changed?: Date;
}

/** The values that people put into the secrets that Terraform made empty. They are written, never read. */
export class Secrets {
  private readonly client: SecretsManagerClient;

  constructor(
    env: Readonly<Record<string, string>>,
    region: string,
    /** Start of every name: `/<project>/<environment>/secrets/`. */
    private readonly prefix: string,
  ) {
    this.client = new SecretsManagerClient(clientSettings(env, region, "SECRETS_MANAGER"));
  }

  /** What there is, by the name that services use. */
  async states(): Promise<ReadonlyMap<string, SecretState>> {
    const states = new Map<string, SecretState>();
    const query = { Filters: [{ Key: "name" as const, Values: [this.prefix] }] };
    for await (const { SecretList: page = [] } of paginateListSecrets({ client: this.client }, query)) {
      for (const entry of page) {
        if (entry.Name?.startsWith(this.prefix) === true)
          states.set(entry.Name.slice(this.prefix.length), stateOf(entry));
      }
    }
    return states;
  }

  /** Put a new value; gives the id of its version. */
  async put(name: string, value: string): Promise<string> {
    const id = `${this.prefix}${name}`;
    try {
      const { VersionId: version } = await this.client.send(
        new PutSecretValueCommand({ SecretId: id, SecretString: value }),
      );
      return version ?? "unknown";
    } catch (error) {
      if (errorName(error) !== "ResourceNotFoundException") throw error;
      throw new CommandError(`${id} is not there yet: deploy the environment first, which makes it empty`);
    }
  }
}

function stateOf({ SecretVersionsToStages: stages, LastChangedDate: changed }: SecretListEntry): SecretState {
  const hasValue = Object.values(stages ?? {}).some((labels) => labels.includes("AWSCURRENT"));
  return { exists: true, hasValue, ...(changed === undefined || !hasValue ? {} : { changed }) };
}
