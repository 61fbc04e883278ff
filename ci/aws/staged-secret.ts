import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { CommandError } from "../exit-codes";
import { Hidden } from "../hidden";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

/** The labels that Secrets Manager itself uses for a rotation. */
export const stages = { current: "AWSCURRENT", pending: "AWSPENDING", previous: "AWSPREVIOUS" } as const;
export type Stage = keyof typeof stages;

export interface SecretVersion {
  readonly value: Hidden;
  readonly created: Date;
}

export interface StagedSecretState {
  /** When the secret, its labels included, last changed. */
  readonly changed: Date;
  /** The version that bears each label. */
  readonly versions: Readonly<Partial<Record<Stage, string>>>;
}

/** A secret whose value is replaced in two steps: stored as pending, and promoted once it is known to work. */
export class StagedSecret {
  private readonly client: SecretsManagerClient;

  constructor(
    env: Readonly<Record<string, string>>,
    region: string,
    private readonly name: string,
  ) {
    this.client = new SecretsManagerClient(clientSettings(env, region, "SECRETS_MANAGER"));
  }

  async state(): Promise<StagedSecretState> {
    try {
      const { VersionIdsToStages: labels = {}, ...secret } = await this.client.send(
        new DescribeSecretCommand({ SecretId: this.name }),
      );
      if (secret.DeletedDate !== undefined) {
        throw new CommandError(`secret ${this.name} is marked for deletion: restore it, or deploy the environment`);
      }
      const bearer = (stage: Stage): Partial<Record<Stage, string>> => {
        const found = Object.entries(labels).find(([, of]) => of.includes(stages[stage]));
        return found === undefined ? {} : { [stage]: found[0] };
      };
      return {
        changed: secret.LastChangedDate ?? secret.CreatedDate ?? new Date(),
        versions: { ...bearer("current"), ...bearer("pending"), ...bearer("previous") },
      };
    } catch (error) {
      if (errorName(error) !== "ResourceNotFoundException") throw error;
      throw new CommandError(`secret ${this.name} is not there: deploy the environment first, which makes it empty`);
    }
  }

  async read(version: string): Promise<SecretVersion> {
    const { SecretString: value = "", CreatedDate: created = new Date() } = await this.client.send(
      new GetSecretValueCommand({ SecretId: this.name, VersionId: version }),
    );
    return { value: new Hidden(value), created };
  }

  /** Store a value that readers do not get yet. The first value of all has no other to wait for, and is current at once. */
  async putPending(value: Hidden): Promise<void> {
    await this.client.send(
      new PutSecretValueCommand({
        SecretId: this.name,
        SecretString: value.reveal(),
        VersionStages: [stages.pending],
      }),
    );
  }

  /** Give readers the pending value from now on. */
  async promote(): Promise<void> {
    const { current, pending } = (await this.state()).versions;
    if (pending === undefined || pending === current) return;
    await this.client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: this.name,
        VersionStage: stages.current,
        MoveToVersionId: pending,
        ...(current === undefined ? {} : { RemoveFromVersionId: current }),
      }),
    );
  }
}
