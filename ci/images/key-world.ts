import type { ImagesContract } from "../../constructs/shared/images-contract-v1";
import { AccessKeys, type KeyPair, type NewKey } from "../aws/access-keys";
import { errorName } from "../aws/errors";
import { StagedSecret } from "../aws/staged-secret";
import { CommandError } from "../exit-codes";
import type { Hidden } from "../hidden";
import type { KeyFact, KeyFacts } from "./key-plan";
import { keyIn, keyValue } from "./key-value";

/** What the two-key dance reads and does. */
export interface KeyWorld {
  observe(): Promise<KeyFacts>;
  /** Gives the id of the new key; undefined when IAM holds as many as it allows. */
  create(): Promise<string | undefined>;
  /** Put a key that `create` gave into the secret, as its pending value. */
  store(id: string): Promise<void>;
  /** Whether AWS takes a key of the secret. */
  accepts(id: string): Promise<boolean>;
  /** Make the pending value the current one. */
  promote(): Promise<void>;
  deactivate(id: string): Promise<void>;
  delete(id: string): Promise<void>;
}

type StoredKey = NonNullable<KeyFacts["current"]>;

/** The uploader of an environment: its keys in IAM, and the secret that holds one of them. */
export class AwsKeyWorld implements KeyWorld {
  private readonly keys: AccessKeys;
  private readonly secret: StagedSecret;
  private readonly versions = new Map<string, StoredKey>();
  private readonly pairs = new Map<string, KeyPair>();
  private readonly made = new Map<string, NewKey>();

  constructor(
    env: Readonly<Record<string, string>>,
    private readonly images: ImagesContract,
  ) {
    this.keys = new AccessKeys(env, images.region, images.uploader);
    this.secret = new StagedSecret(env, images.region, images.keySecret);
  }

  async observe(): Promise<KeyFacts> {
    const listed = await this.keys.list();
    const { changed, versions } = await this.secret.state();
    const current = await this.stored(versions.current);
    const pending = await this.stored(versions.pending);
    const previous = await this.stored(versions.previous);
    const facts: KeyFact[] = [];
    for (const key of listed) {
      const lastUsed = key.id === current?.id ? undefined : await this.keys.lastUsed(key.id);
      facts.push({ ...key, ...(lastUsed === undefined ? {} : { lastUsedAt: lastUsed.getTime() }) });
    }
    return {
      keys: facts,
      changedAt: changed.getTime(),
      ...(current === undefined ? {} : { current }),
      ...(pending === undefined ? {} : { pending: pending.id }),
      ...(previous === undefined ? {} : { previous: previous.id }),
    };
  }

  async create(): Promise<string | undefined> {
    const key = await this.keys.create();
    if (key === undefined) return undefined;
    this.made.set(key.id, key);
    return key.id;
  }

  async store(id: string): Promise<void> {
    const key = this.made.get(id);
    if (key === undefined) throw new Error(`nobody knows the secret of ${id}`);
    const value = keyValue(key, this.images);
    await hiding([value, key.secret], `${this.images.keySecret} does not take the new key`, () =>
      this.secret.putPending(value),
    );
  }

  async accepts(id: string): Promise<boolean> {
    const key = this.pairs.get(id);
    if (key === undefined) throw new Error(`nobody knows the secret of ${id}`);
    return hiding([key.secret], `${id} cannot be tried`, () => this.keys.accepts(key));
  }

  promote(): Promise<void> {
    return this.secret.promote();
  }

  deactivate(id: string): Promise<void> {
    return this.keys.deactivate(id);
  }

  delete(id: string): Promise<void> {
    return this.keys.delete(id);
  }

  /** The key in one version of the secret, which never changes; what it signs with stays in here. */
  private async stored(version: string | undefined): Promise<StoredKey | undefined> {
    if (version === undefined) return undefined;
    const known = this.versions.get(version);
    if (known !== undefined) return known;
    const { value, created } = await this.secret.read(version);
    const pair = keyIn(value);
    if (pair === undefined) return undefined;
    const key = { id: pair.id, storedAt: created.getTime() };
    this.pairs.set(pair.id, pair);
    this.versions.set(version, key);
    return key;
  }
}

/** Errors of AWS may quote what they were sent. */
async function hiding<T>(hidden: readonly Hidden[], what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const safe = hidden.reduce((text, value) => value.removeFrom(text), message);
    throw new CommandError(`${what} (${errorName(error)}: ${safe})`);
  }
}
