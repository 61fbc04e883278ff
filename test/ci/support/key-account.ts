import { InterruptedError } from "../../../ci/exit-codes";
import type { KeyFacts } from "../../../ci/images/key-plan";
import type { KeyWorld } from "../../../ci/images/key-world";

/** What befalls one call: it never arrives, or its answer is lost. The command ends there either way. */
export interface Fault {
  /** Number of the call in its run, from 0. */
  readonly call: number;
  readonly when: "before" | "after";
}

interface Key {
  active: boolean;
  lastUsedAt?: number;
  /** How many more times AWS refuses it: IAM takes a while to tell everybody. */
  refusals: number;
}

/** IAM's keys of one user and the secret that holds them, in memory; every change is looked at by `watch`. */
export class KeyAccount implements KeyWorld {
  readonly keys = new Map<string, Key>();
  current: { id: string; storedAt: number } | undefined;
  pending: { id: string; storedAt: number } | undefined;
  previous: string | undefined;
  /** Every key that readers of the secret have ever been given, and when one of them last used it. */
  readonly published = new Map<string, number | undefined>();
  now = Date.parse("2026-01-01T00:00:00Z");
  changedAt = this.now;
  /** Of each new key. */
  refusals = 0;
  /** Keys that AWS has taken since the run began. */
  readonly accepted = new Set<string>();
  /** What was changed since the run began. */
  readonly changes: string[] = [];
  /** IAM lists the keys as they were when the run began. */
  stale = false;
  watch: () => void = () => {};
  private fault: Fault | undefined;
  private calls = 0;
  private made = 0;
  private listed: KeyFacts["keys"] = [];

  /** The next run begins: IAM has come to rest since the last. */
  begin(fault?: Fault): void {
    this.fault = fault;
    this.calls = 0;
    this.accepted.clear();
    this.changes.length = 0;
    this.listed = this.list();
  }

  /** A reader of the secret uses the key that it was given. */
  use(id: string): void {
    const key = this.keys.get(id);
    if (key?.active !== true) return;
    key.lastUsedAt = this.now;
    this.published.set(id, this.now);
  }

  isActive(id: string | undefined): boolean {
    return id !== undefined && this.keys.get(id)?.active === true;
  }

  observe(): Promise<KeyFacts> {
    return this.call(() => ({
      keys: this.stale ? this.listed : this.list(),
      changedAt: this.changedAt,
      ...(this.current === undefined ? {} : { current: { ...this.current } }),
      ...(this.pending === undefined ? {} : { pending: this.pending.id }),
      ...(this.previous === undefined ? {} : { previous: this.previous }),
    }));
  }

  create(): Promise<string | undefined> {
    return this.change("create", () => {
      if (this.keys.size >= 2) return undefined;
      const id = `AKIA${(this.made += 1)}`;
      this.keys.set(id, { active: true, refusals: this.refusals });
      return id;
    });
  }

  store(id: string): Promise<void> {
    return this.change(`store ${id}`, () => {
      this.pending = { id, storedAt: this.now };
      this.changedAt = this.now;
      // Secrets Manager makes the first version of all the current one
      if (this.current === undefined) this.publish(this.pending);
    });
  }

  accepts(id: string): Promise<boolean> {
    return this.call(() => {
      const key = this.keys.get(id);
      if (key?.active !== true) return false;
      if (key.refusals > 0) {
        key.refusals -= 1;
        return false;
      }
      key.lastUsedAt = this.now;
      this.accepted.add(id);
      return true;
    });
  }

  promote(): Promise<void> {
    return this.change("promote", () => {
      if (this.pending === undefined || this.pending.id === this.current?.id) return;
      this.previous = this.current?.id;
      this.changedAt = this.now;
      this.publish(this.pending);
    });
  }

  deactivate(id: string): Promise<void> {
    return this.change(`deactivate ${id}`, () => {
      const key = this.keys.get(id);
      if (key !== undefined) key.active = false;
    });
  }

  delete(id: string): Promise<void> {
    return this.change(`delete ${id}`, () => void this.keys.delete(id));
  }

  private publish(value: { readonly id: string; readonly storedAt: number }): void {
    this.current = { ...value };
    if (!this.published.has(value.id)) this.published.set(value.id, undefined);
  }

  private list(): KeyFacts["keys"] {
    return [...this.keys].map(([id, { active, lastUsedAt }]) => ({
      id,
      active,
      ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
    }));
  }

  private change<T>(what: string, work: () => T): Promise<T> {
    return this.call(() => {
      const result = work();
      this.changes.push(what);
      this.watch();
      return result;
    });
  }

  private call<T>(work: () => T): Promise<T> {
    const fault = this.fault?.call === this.calls ? this.fault : undefined;
    this.calls += 1;
    this.now += 100;
    if (fault?.when === "before") return Promise.reject(new InterruptedError());
    const result = work();
    return fault === undefined ? Promise.resolve(result) : Promise.reject(new InterruptedError());
  }
}
