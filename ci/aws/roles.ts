import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

/** ARNs of roles by their names; those that are not there are left out. */
export async function roleArns(
  env: Readonly<Record<string, string>>,
  region: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const client = new IAMClient(clientSettings(env, region, "IAM"));
  const arnOf = async (name: string): Promise<readonly [string, string][]> => {
    try {
      const { Role: role } = await client.send(new GetRoleCommand({ RoleName: name }));
      return role?.Arn === undefined ? [] : [[name, role.Arn]];
    } catch (error) {
      if (/^NoSuchEntity/.test(errorName(error))) return [];
      throw error;
    }
  };
  try {
    return new Map((await Promise.all(names.map(arnOf))).flat());
  } finally {
    client.destroy();
  }
}
