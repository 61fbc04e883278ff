import type { HostedZone } from "../aws/hosted-zones";
import { type Finding, right, wrong } from "./finding";

/** Name servers of a domain, as the internet knows them. */
export type NameServers = (domain: string) => Promise<readonly string[]>;

export interface DomainQuestion {
  /** The zone as the project has it. */
  readonly zone: { readonly id: string; readonly name: string };
  readonly hostedZone: (id: string) => Promise<HostedZone | undefined>;
  readonly nameServers: NameServers;
}

const topic = "domain";

/** Whether the hosted zone is there and the internet asks it; a certificate waits for that for ever. */
export async function lookAtDomain({ zone, hostedZone, nameServers }: DomainQuestion): Promise<readonly Finding[]> {
  const found = await hostedZone(zone.id);
  if (found === undefined) {
    const fix = "create it there, or correct publicZone in environments/project.ts";
    return [wrong(topic, `this account has no hosted zone ${zone.id}`, fix)];
  }
  if (found.name !== zone.name) {
    const fix = "correct publicZone in environments/project.ts";
    return [wrong(topic, `hosted zone ${zone.id} is of ${found.name}, and not of ${zone.name}`, fix)];
  }
  if (found.isPrivate) {
    const fix = "take the public one";
    return [wrong(topic, `hosted zone ${zone.id} is private: certificates cannot be validated in it`, fix)];
  }
  const fix = `set these name servers of ${zone.name} at its registrar, or in the zone above it: ${found.nameServers.join(", ")}`;
  const asked = await known(nameServers, zone.name);
  if (asked.length === 0) return [wrong(topic, `nobody on the internet knows ${zone.name}`, fix)];
  const plain = (names: readonly string[]): string =>
    [...names]
      .map((name) => name.toLowerCase())
      .sort()
      .join(", ");
  return plain(asked) === plain(found.nameServers)
    ? [right(topic, `${zone.name} is delegated to its hosted zone`)]
    : [wrong(topic, `the internet asks ${plain(asked)} about ${zone.name}, and not its hosted zone`, fix)];
}

/** None too where there is no such name, or nobody answers for it. */
async function known(nameServers: NameServers, domain: string): Promise<readonly string[]> {
  try {
    return await nameServers(domain);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOTFOUND" || code === "ENODATA" || code === "ESERVFAIL") return [];
    throw error;
  }
}
