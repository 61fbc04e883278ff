import { GetHostedZoneCommand, Route53Client } from "@aws-sdk/client-route-53";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

/** What Route 53 says of a hosted zone. */
export interface HostedZone {
  /** Without the dot at the end. */
  readonly name: string;
  readonly isPrivate: boolean;
  readonly nameServers: readonly string[];
}

/** A hosted zone of the account by its id; none when it has none of it. */
export async function hostedZone(
  env: Readonly<Record<string, string>>,
  region: string,
  id: string,
): Promise<HostedZone | undefined> {
  const client = new Route53Client(clientSettings(env, region, "ROUTE_53"));
  try {
    const { HostedZone: zone, DelegationSet: delegation } = await client.send(new GetHostedZoneCommand({ Id: id }));
    return {
      name: (zone?.Name ?? "").replace(/\.$/, ""),
      isPrivate: zone?.Config?.PrivateZone === true,
      nameServers: delegation?.NameServers ?? [],
    };
  } catch (error) {
    if (errorName(error) === "NoSuchHostedZone") return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}
