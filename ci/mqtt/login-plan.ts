import type { PendingChange } from "../aws/mq";

/** A client of the broker, as its secret has it. */
export interface ClientFacts {
  readonly name: string;
  /** The login that it reads. Default: none. */
  readonly current?: string;
  /** The login that it is to read next. Default: nothing is under way. */
  readonly next?: {
    readonly login: string;
    /** The broker was told its password. */
    readonly sent: boolean;
  };
}

/** A login, as the broker has it. */
export interface LoginFacts {
  /** What of it the next restart carries out. */
  readonly pending?: PendingChange;
  /** In the client's group alone; of logins that belong to no client nobody asks. */
  readonly member: boolean;
}

/** Broker and secrets at one moment. */
export interface Facts {
  readonly clients: readonly ClientFacts[];
  readonly logins: ReadonlyMap<string, LoginFacts>;
  /** Whether the broker logs what it should: it does, it does after the next restart, or it was not told. */
  readonly logs: "right" | "waiting" | "wrong";
}

/** One change, or the restart that carries out those of the broker. */
export type Move =
  /** Put a new password for a login into the secret, where nobody reads it yet. */
  | { readonly do: "prepare"; readonly client: string; readonly login: string }
  /** Tell the broker the password that was prepared. */
  | { readonly do: "send"; readonly client: string; readonly login: string; readonly how: "create" | "update" }
  /** Tell the broker the password that the client reads already. */
  | { readonly do: "restore"; readonly client: string; readonly login: string; readonly how: "create" | "update" }
  /** Let the client read what was prepared: the running broker knows it. */
  | { readonly do: "promote"; readonly client: string; readonly login: string }
  | { readonly do: "delete"; readonly login: string }
  /** Turn logs on or off. */
  | { readonly do: "logs" }
  | { readonly do: "reboot" };

export interface Aim {
  /** Logins that are to go. */
  readonly unwanted: (login: string) => boolean;
  /** Logins of which this run itself has restored the password since the last restart: their pending change is known. */
  readonly restored: ReadonlySet<string>;
}

/** The two logins of a client: one is in use, the other is made by the next rotation, and what it was before goes with that. */
export function loginsOf(client: string): readonly [string, string] {
  return [`${client}-a`, `${client}-b`];
}

/** The login that a rotation makes. */
export function otherLogin({ name, current }: ClientFacts): string {
  const [a, b] = loginsOf(name);
  return current === a ? b : a;
}

/**
 * What to do next, from whatever is there; nothing when all clients read a login that the running broker knows, and nothing waits.
 * First what needs no restart, then everything that does, then that one restart. Whoever carries this out looks again after each
 * round, so that it may end anywhere.
 */
export function nextMoves(facts: Facts, aim: Aim): readonly Move[] {
  const wanted = wantedLogins(facts);
  const moves = [
    ...facts.clients.flatMap((client) => movesOf(client, facts.logins, aim)),
    ...[...facts.logins].flatMap(([login, { pending }]): Move[] =>
      aim.unwanted(login) && !wanted.has(login) && pending !== "DELETE" ? [{ do: "delete", login }] : [],
    ),
    ...(facts.logs === "wrong" ? [{ do: "logs" } as const] : []),
  ];
  if (moves.length > 0) return moves;
  return waits(facts, aim) ? [{ do: "reboot" }] : [];
}

/**
 * What to do first to give a client its other login, unless a rotation is under way already. What a sync would do comes with it: the
 * restart is everybody's, and carries out what somebody else has changed of another client's login as well.
 */
export function rotationMoves(facts: Facts, aim: Aim, name: string): readonly Move[] {
  const client = facts.clients.find((found) => found.name === name);
  if (client === undefined || client.next !== undefined) return nextMoves(facts, aim);
  return [
    { do: "prepare", client: name, login: otherLogin(client) },
    ...nextMoves(facts, aim).filter((move) => move.do !== "reboot" && !(move.do === "prepare" && move.client === name)),
  ];
}

function movesOf(client: ClientFacts, logins: Facts["logins"], aim: Aim): readonly Move[] {
  const { name, next } = client;
  const coming = next === undefined ? [] : movesToNext(name, next, logins);
  // what is switched to replaces what is in use: the look after it tells the rest
  if (coming.some((move) => move.do === "promote")) return coming;
  return [...coming, ...movesForCurrent(client, logins, aim)];
}

function movesToNext(
  client: string,
  { login, sent }: NonNullable<ClientFacts["next"]>,
  logins: Facts["logins"],
): readonly Move[] {
  const found = logins.get(login);
  if (found === undefined) return [{ do: "send", client, login, how: "create" }];
  // AWS takes no change of what it is about to delete: that goes first
  if (found.pending === "DELETE") return [];
  if (!sent || !found.member) return [{ do: "send", client, login, how: "update" }];
  return found.pending === undefined ? [{ do: "promote", client, login }] : [];
}

/** The login in use is kept what the secret says it is. */
function movesForCurrent(client: ClientFacts, logins: Facts["logins"], { restored }: Aim): readonly Move[] {
  const { name, current, next } = client;
  if (current === undefined) {
    return next === undefined ? [{ do: "prepare", client: name, login: otherLogin(client) }] : [];
  }
  const found = logins.get(current);
  if (found === undefined) return [{ do: "restore", client: name, login: current, how: "create" }];
  if (found.pending === "DELETE") {
    // somebody else deletes it: with the other one ready, the same restart is the last that the client notices
    return next === undefined ? [{ do: "prepare", client: name, login: otherLogin(client) }] : [];
  }
  const known = found.member && (found.pending === undefined || restored.has(current));
  return known ? [] : [{ do: "restore", client: name, login: current, how: "update" }];
}

/** Whether a restart is needed: for a login that a client reads or will read, for one that is to go, or for a log. */
function waits(facts: Facts, { unwanted }: Aim): boolean {
  if (facts.logs === "waiting") return true;
  const wanted = wantedLogins(facts);
  return [...facts.logins].some(
    ([login, { pending }]) => pending !== undefined && (wanted.has(login) || unwanted(login)),
  );
}

/** What clients read, and will read. */
export function wantedLogins({ clients }: Facts): ReadonlySet<string> {
  return new Set(clients.flatMap(({ current, next }) => [current ?? [], next?.login ?? []].flat()));
}
