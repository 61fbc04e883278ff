import type { BrokerStatus } from "../aws/mq";
import { type Aim, type Facts, loginsOf, type Move, otherLogin, wantedLogins } from "./login-plan";

/** What is about to happen, a line each; a move that follows from another is told with it. */
export function movesText(moves: readonly Move[]): string[] {
  return moves.map((move) => {
    switch (move.do) {
      case "prepare":
        return `${move.client} gets login ${move.login}`;
      case "send":
        return `${move.client} gets login ${move.login}, which was begun before`;
      case "restore":
        return move.how === "create"
          ? `the broker does not know login ${move.login}, which ${move.client} reads, and is told`
          : `login ${move.login}, which ${move.client} reads, was changed on the broker, and is what the secret says again`;
      case "promote":
        return `${move.client} reads login ${move.login}`;
      case "delete":
        return `login ${move.login} is deleted`;
      case "logs":
        return "logs are turned on or off";
      case "reboot":
        return "what was begun before takes effect";
    }
  });
}

/** What the next restart carries out besides, that this command neither began nor needs: a line each. */
export function othersText(facts: Facts, { pending }: BrokerStatus, { unwanted }: Aim): string[] {
  const wanted = wantedLogins(facts);
  const changes = { CREATE: "is made", UPDATE: "is changed", DELETE: "is deleted" } as const;
  const others = [...facts.logins].flatMap(([name, { pending: change }]) =>
    change === undefined || wanted.has(name) || unwanted(name) ? [] : [`login ${name} ${changes[change]}`],
  );
  return [...others, ...pending.map((what) => `${what} takes effect`)];
}

/** How a person is asked before the restart. */
export function restartText(environment: string, { standby }: Pick<BrokerStatus, "standby">): string {
  const meaning = standby
    ? "every client loses its connection once, and finds the other broker"
    : "there is no other one: until it is back nobody is connected, and nothing is delivered";
  return `this restarts the broker of ${environment}, which takes some minutes: ${meaning}`;
}

/** Whether a login belongs to none of these clients. */
export function isNobodys(clients: readonly string[]): Aim["unwanted"] {
  const known = new Set(clients.flatMap((client) => loginsOf(client)));
  return (login) => !known.has(login);
}

/**
 * The login that a client's last rotation has left valid, if the broker has it; none while somebody deletes the one in use, for then
 * it is the one that stays.
 */
export function previousLogin({ clients, logins }: Facts, name: string): string | undefined {
  const client = clients.find((found) => found.name === name);
  if (client?.current === undefined || client.next !== undefined) return undefined;
  if (logins.get(client.current)?.pending === "DELETE") return undefined;
  const other = otherLogin(client);
  return logins.has(other) ? other : undefined;
}
