/**
 * The two-key dance as a pure function: from what is known, the one next step. Nothing is kept on this machine: whoever runs the
 * command next reads the same facts from IAM and from the secret, and goes on where it stopped.
 *
 * 1. create a key, and store it as the secret's pending value: readers of the secret do not see it yet
 * 2. verify that AWS takes it, and make it the current value
 * 3. leave the old key alone until nothing uses it, then deactivate and delete it
 */

/** `issue` makes sure that there is a working key, `rotate` replaces it, `revoke` leaves none. */
export type Goal = "issue" | "rotate" | "revoke";

/** An access key of the uploader, as IAM lists it. Times are in milliseconds since 1970. */
export interface KeyFact {
  readonly id: string;
  readonly active: boolean;
  /** Absent when nobody has used it yet. */
  readonly lastUsedAt?: number;
}

export interface KeyFacts {
  readonly keys: readonly KeyFact[];
  /** The key that readers of the secret get, and when it was put there. */
  readonly current?: { readonly id: string; readonly storedAt: number };
  /** The key that readers get next, once it is known to work. */
  readonly pending?: string;
  /** The key that readers got before. */
  readonly previous?: string;
  /** When the secret last changed in any way: it cannot have been promoted later. */
  readonly changedAt: number;
}

/** What this run has done and seen; the next one starts without it. */
export interface Memory {
  /** Key that was made and may not be stored yet. IAM may list it only later. */
  readonly fresh?: string;
  readonly verified: readonly string[];
  /** Deactivated or deleted; IAM may go on to list them as they were. */
  readonly off: readonly string[];
  readonly gone: readonly string[];
  /** A key was stored, or an old one put out of use: this rotation is not to begin another. */
  readonly turned: boolean;
}

export const nothingDone: Memory = { verified: [], off: [], gone: [], turned: false };

export type Removal = "never stored" | "inactive" | "replaced" | "revoked";

export type Deed =
  | { readonly do: "create" }
  | { readonly do: "store"; readonly id: string }
  | { readonly do: "verify"; readonly id: string }
  | { readonly do: "promote"; readonly id: string }
  | { readonly do: "deactivate"; readonly id: string }
  | { readonly do: "delete"; readonly id: string; readonly because: Removal };

export type Ending =
  /** `current` is absent after a revocation; `others` are keys beside it, which only a rotation touches. */
  | { readonly do: "done"; readonly current?: string; readonly others: readonly string[] }
  | { readonly do: "wait"; readonly id: string; readonly until: number; readonly because: "settling" | "in use" }
  | { readonly do: "refuse"; readonly because: "inactive" | "crowded"; readonly ids: readonly string[] };

export type Step = Deed | Ending;

/** IAM records a use with up to 15 minutes' delay; nothing is concluded from silence before twice that. */
export const settleMs = 30 * 60 * 1000;

/** A key that was used after its successor was stored counts as abandoned after a day without use. */
export const quietMs = 24 * 60 * 60 * 1000;

export interface Circumstances {
  readonly now: number;
  /** Do not wait for the old key to be out of use. */
  readonly force: boolean;
}

/** The one thing to do next, or how it ends. */
export function nextStep(goal: Goal, facts: KeyFacts, memory: Memory, circumstances: Circumstances): Step {
  const keys = knownKeys(facts, memory);
  if (goal === "revoke") return revoke(keys);
  const { current, previous } = facts;
  const { fresh } = memory;
  const pending = facts.pending === current?.id ? undefined : facts.pending;
  if (fresh !== undefined && fresh !== pending && fresh !== current?.id) return { do: "store", id: fresh };

  const inSecret = keys.find(({ id }) => id === current?.id);
  const next = keys.find(({ id }) => id === pending);
  const others = keys.filter((key) => key !== inSecret && key !== next);

  // made by a run that ended before it could store it: nobody has ever had its secret
  const orphan = others.find(({ id, lastUsedAt }) => id !== previous && lastUsedAt === undefined);
  if (orphan !== undefined) return { do: "delete", id: orphan.id, because: "never stored" };

  if (next !== undefined && (goal === "rotate" || inSecret?.active !== true)) {
    if (!next.active) return { do: "delete", id: next.id, because: "inactive" };
    return { do: memory.verified.includes(next.id) ? "promote" : "verify", id: next.id };
  }
  if (inSecret?.active !== true) return replaceDead(goal, keys, inSecret);
  if (goal === "rotate") return rotate(facts, memory, { inSecret, others, ...circumstances });
  if (!memory.verified.includes(inSecret.id)) return { do: "verify", id: inSecret.id };
  return {
    do: "done",
    current: inSecret.id,
    others: keys.filter((key) => key !== inSecret).map(({ id }) => id),
  };
}

/** What a run knows after a deed; `made` is the key that `create` gave. */
export function remember(memory: Memory, deed: Deed, made?: string): Memory {
  switch (deed.do) {
    case "create":
      return made === undefined ? memory : { ...memory, fresh: made };
    case "store":
    case "promote":
      return { ...memory, turned: true };
    case "verify":
      return { ...memory, verified: [...memory.verified, deed.id] };
    case "deactivate":
      return { ...memory, off: [...memory.off, deed.id], turned: true };
    case "delete":
      return {
        ...memory,
        gone: [...memory.gone, deed.id],
        turned: memory.turned || deed.because === "replaced",
      };
  }
}

/** What IAM lists, corrected by what this run knows better: IAM is eventually consistent. */
function knownKeys({ keys }: KeyFacts, { fresh, off, gone }: Memory): readonly KeyFact[] {
  const listed = keys
    .filter(({ id }) => !gone.includes(id))
    .map((key) => (off.includes(key.id) ? { ...key, active: false } : key));
  const missing = fresh !== undefined && !gone.includes(fresh) && !listed.some(({ id }) => id === fresh);
  return missing ? [...listed, { id: fresh, active: true }] : listed;
}

/** Everything stops working first, and is tidied away after. */
function revoke(keys: readonly KeyFact[]): Step {
  const active = keys.find((key) => key.active);
  if (active !== undefined) return { do: "deactivate", id: active.id };
  const [first] = keys;
  return first === undefined ? { do: "done", others: [] } : { do: "delete", id: first.id, because: "revoked" };
}

/** The secret holds no key, or none that works. */
function replaceDead(goal: Goal, keys: readonly KeyFact[], inSecret: KeyFact | undefined): Step {
  // somebody has switched it off, and will have had a reason
  if (goal === "issue" && inSecret !== undefined) return { do: "refuse", because: "inactive", ids: [inSecret.id] };
  // IAM allows two keys
  if (keys.length < 2) return { do: "create" };
  const dead = goal === "rotate" ? keys.find((key) => !key.active) : undefined;
  if (dead !== undefined) return { do: "delete", id: dead.id, because: "inactive" };
  return { do: "refuse", because: "crowded", ids: keys.map(({ id }) => id) };
}

interface Rotation extends Circumstances {
  readonly inSecret: KeyFact;
  readonly others: readonly KeyFact[];
}

/** The secret holds a key that IAM calls active. */
function rotate(facts: KeyFacts, memory: Memory, { inSecret, others, now, force }: Rotation): Step {
  const [old] = others;
  if (old === undefined && !memory.turned) return { do: "create" };
  if (!memory.verified.includes(inSecret.id)) return { do: "verify", id: inSecret.id };
  if (old === undefined) return { do: "done", current: inSecret.id, others: [] };
  const ours = old.id === facts.previous || memory.off.includes(old.id);
  if (!old.active) return { do: "delete", id: old.id, because: ours ? "replaced" : "inactive" };
  const wait = waitFor(old, facts, now);
  return force || now >= wait.until ? { do: "deactivate", id: old.id } : wait;
}

/** Until when the old key is left alone. Right after the change its use is no surprise, and later somebody has missed the change. */
function waitFor(
  { id, lastUsedAt = 0 }: KeyFact,
  { current, changedAt }: KeyFacts,
  now: number,
): Extract<Step, { do: "wait" }> {
  const settled = changedAt + settleMs;
  const used = current !== undefined && lastUsedAt > current.storedAt;
  const until = used ? Math.max(settled, lastUsedAt + quietMs) : settled;
  return { do: "wait", id, until, because: now < settled ? "settling" : "in use" };
}
