import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  IAMClient,
  paginateListAccessKeys,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { CommandError } from "../exit-codes";
import { Hidden } from "../hidden";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

/** A key as IAM lists it. */
export interface AccessKey {
  readonly id: string;
  readonly active: boolean;
}

/** What requests are signed with. */
export interface KeyPair {
  readonly id: string;
  readonly secret: Hidden;
}

export interface NewKey extends KeyPair {
  readonly created: Date;
}

/** What STS says of a key that it does not know yet, or no more. */
const refusals = ["InvalidClientTokenId", "SignatureDoesNotMatch"];

/** The access keys of one IAM user. */
export class AccessKeys {
  private readonly client: IAMClient;

  constructor(
    private readonly env: Readonly<Record<string, string>>,
    private readonly region: string,
    private readonly user: string,
  ) {
    this.client = new IAMClient(clientSettings(env, region, "IAM"));
  }

  async list(): Promise<readonly AccessKey[]> {
    const keys: AccessKey[] = [];
    try {
      for await (const page of paginateListAccessKeys({ client: this.client }, { UserName: this.user })) {
        for (const { AccessKeyId: id, Status: status } of page.AccessKeyMetadata ?? []) {
          if (id !== undefined) keys.push({ id, active: status === "Active" });
        }
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw new CommandError(`IAM user ${this.user} is not there: deploy the environment first, which makes it`);
    }
    return keys;
  }

  /** Undefined when nobody has used it, or the key has gone. */
  async lastUsed(id: string): Promise<Date | undefined> {
    try {
      const { AccessKeyLastUsed: use } = await this.client.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: id }));
      return use?.LastUsedDate;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Undefined when the user has as many keys as IAM allows. */
  async create(): Promise<NewKey | undefined> {
    try {
      const { AccessKey: made } = await this.client.send(new CreateAccessKeyCommand({ UserName: this.user }));
      const { AccessKeyId: id, SecretAccessKey: secret, CreateDate: created = new Date() } = made ?? {};
      if (id === undefined || secret === undefined) throw new CommandError("IAM made a key and did not say which");
      return { id, secret: new Hidden(secret), created };
    } catch (error) {
      if (/^LimitExceeded/.test(errorName(error))) return undefined;
      throw error;
    }
  }

  async deactivate(id: string): Promise<void> {
    await this.unlessGone(
      this.client.send(new UpdateAccessKeyCommand({ UserName: this.user, AccessKeyId: id, Status: "Inactive" })),
    );
  }

  async delete(id: string): Promise<void> {
    await this.unlessGone(this.client.send(new DeleteAccessKeyCommand({ UserName: this.user, AccessKeyId: id })));
  }

  /** Whether AWS takes the key, and takes it for this user's. */
  async accepts({ id, secret }: KeyPair): Promise<boolean> {
    const credentials = { accessKeyId: id, secretAccessKey: secret.reveal() };
    const client = new STSClient({ ...clientSettings(this.env, this.region, "STS"), credentials });
    try {
      const { Arn: arn = "" } = await client.send(new GetCallerIdentityCommand({}));
      return arn.endsWith(`/${this.user}`);
    } catch (error) {
      if (refusals.includes(errorName(error))) return false;
      throw error;
    } finally {
      client.destroy();
    }
  }

  private async unlessGone(call: Promise<unknown>): Promise<void> {
    try {
      await call;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

function isMissing(error: unknown): boolean {
  return /^NoSuchEntity/.test(errorName(error));
}
