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
import { stages } from "./staged-secret";

/** Label of the version whose password the broker was told last. */
const sentLabel = "MQTT_SENT";

/** A value without a login, which the first one can wait behind: the first value of a secret is its current one at once. */
const nobody = "{}";

/** One version of the secret. */
export interface StoredLogin {
  readonly version: string;
  /** As it was stored: somebody else may have put anything there. */
  readonly value: Hidden;
  readonly created: Date;
}

/** What clients read, and what they are to read next. */
export interface StoredLogins {
  /** Default: the secret is empty. */
  readonly current?: StoredLogin;
  /** Not yet the current one. Default: nothing is under way. */
  readonly next?: StoredLogin & {
    /** The broker was told. */
    readonly sent: boolean;
  };
}

/** The secret of one client of the broker. */
export class LoginSecret {
  private readonly client: SecretsManagerClient;

  constructor(
    env: Readonly<Record<string, string>>,
    region: string,
    private readonly name: string,
  ) {
    this.client = new SecretsManagerClient(clientSettings(env, region, "SECRETS_MANAGER"));
  }

  async read(): Promise<StoredLogins> {
    const labels = await this.labels();
    const [current, pending] = [labels.get(stages.current), labels.get(stages.pending)];
    return {
      ...(current === undefined ? {} : { current: await this.version(current) }),
      ...(pending === undefined || pending === current
        ? {}
        : { next: { ...(await this.version(pending)), sent: labels.get(sentLabel) === pending } }),
    };
  }

  /** Store the next login, which nobody reads yet. */
  async putNext(value: Hidden): Promise<void> {
    if ((await this.labels()).get(stages.current) === undefined) await this.put(new Hidden(nobody), stages.current);
    await this.put(value, stages.pending);
  }

  /** Note that the broker was told. */
  async markSent(version: string): Promise<void> {
    await this.move(sentLabel, version);
  }

  /** Let clients read it. */
  async promote(version: string): Promise<void> {
    await this.move(stages.current, version);
  }

  private async put(value: Hidden, stage: string): Promise<void> {
    try {
      await this.client.send(
        new PutSecretValueCommand({ SecretId: this.name, SecretString: value.reveal(), VersionStages: [stage] }),
      );
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new CommandError(
        `secret ${this.name} does not take a value (${errorName(error)}: ${value.removeFrom(message)})`,
      );
    }
  }

  private async move(label: string, version: string): Promise<void> {
    const bearer = (await this.labels()).get(label);
    if (bearer === version) return;
    await this.client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: this.name,
        VersionStage: label,
        MoveToVersionId: version,
        ...(bearer === undefined ? {} : { RemoveFromVersionId: bearer }),
      }),
    );
  }

  /** The version that bears each label. */
  private async labels(): Promise<Map<string, string>> {
    try {
      const { VersionIdsToStages: versions = {}, DeletedDate: deleted } = await this.client.send(
        new DescribeSecretCommand({ SecretId: this.name }),
      );
      if (deleted !== undefined) {
        throw new CommandError(`secret ${this.name} is marked for deletion: restore it, or deploy the environment`);
      }
      return new Map(Object.entries(versions).flatMap(([id, labels]) => labels.map((label) => [label, id] as const)));
    } catch (error) {
      if (errorName(error) !== "ResourceNotFoundException") throw error;
      throw new CommandError(`secret ${this.name} is not there: deploy the environment, which makes it empty`);
    }
  }

  private async version(id: string): Promise<StoredLogin> {
    const { SecretString: value = "", CreatedDate: created = new Date() } = await this.client.send(
      new GetSecretValueCommand({ SecretId: this.name, VersionId: id }),
    );
    return { version: id, value: new Hidden(value), created };
  }
}
