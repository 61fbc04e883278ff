import {
  GetOpenIDConnectProviderCommand,
  GetPolicyCommand,
  GetRoleCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
  type Role,
} from "@aws-sdk/client-iam";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

/** Something that signs tokens which the account believes. */
export interface KnownIssuer {
  readonly arn: string;
  /** Without `https://`. */
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/** Who there is in an account. */
export class Identities {
  private readonly client: IAMClient;

  constructor(env: Readonly<Record<string, string>>, region: string) {
    this.client = new IAMClient(clientSettings(env, region, "IAM"));
  }

  /** Identity providers; AWS allows one per issuer. */
  async issuers(): Promise<KnownIssuer[]> {
    const { OpenIDConnectProviderList: list = [] } = await this.client.send(new ListOpenIDConnectProvidersCommand({}));
    const arns = list.flatMap(({ Arn: arn }) => (arn === undefined ? [] : [arn]));
    return Promise.all(arns.map((arn) => this.issuer(arn)));
  }

  /** Path of a role; undefined when there is none of the name. */
  async pathOfRole(name: string): Promise<string | undefined> {
    return (await this.role(name))?.Path;
  }

  /** ARNs of roles by their names; those that are not there are left out. */
  async arnsOfRoles(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = await Promise.all(names.map(async (name) => ({ name, arn: (await this.role(name))?.Arn })));
    return new Map(found.flatMap(({ name, arn }) => (arn === undefined ? [] : [[name, arn] as const])));
  }

  async hasPolicy(arn: string): Promise<boolean> {
    const found = await unlessMissing(async () => this.client.send(new GetPolicyCommand({ PolicyArn: arn })));
    return found !== undefined;
  }

  private async role(name: string): Promise<Role | undefined> {
    return unlessMissing(async () => (await this.client.send(new GetRoleCommand({ RoleName: name }))).Role);
  }

  private async issuer(arn: string): Promise<KnownIssuer> {
    const found = await this.client.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }));
    return {
      arn,
      issuer: arn.slice(arn.indexOf("/") + 1),
      audiences: found.ClientIDList ?? [],
      tags: Object.fromEntries((found.Tags ?? []).map(({ Key: key = "", Value: value = "" }) => [key, value])),
    };
  }
}

async function unlessMissing<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (/^NoSuchEntity/.test(errorName(error))) return undefined;
    throw error;
  }
}
