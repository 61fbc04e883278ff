import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Target } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import { clientSettings } from "./client-settings";

/**
 * Make sure that the credentials at hand are those of the account that the stack belongs to.
 *
 * @throws CommandError that says whose they are, or why there are none
 */
export async function checkAccount(target: Target, env: Readonly<Record<string, string>>): Promise<void> {
  const found = await callerAccount(target, env);
  if (found === target.account) return;
  throw new CommandError(
    `these credentials are of account ${found}, and ${target.stack} belongs to ${target.account}: switch to that account (AWS_PROFILE), or correct environments/project.ts`,
    exitCodes.account,
  );
}

/**
 * Account of the credentials at hand.
 *
 * @throws CommandError that says why there are none
 */
export async function callerAccount(target: Target, env: Readonly<Record<string, string>>): Promise<string> {
  const client = new STSClient(clientSettings(env, target.region, "STS"));
  try {
    const { Account: account } = await client.send(new GetCallerIdentityCommand({}));
    return account ?? "unknown";
  } catch (error) {
    throw new CommandError(sentence(error, target), exitCodes.account);
  } finally {
    client.destroy();
  }
}

function sentence(error: unknown, { stack, account }: Target): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const login = `log in to account ${account} of ${stack}: \`aws sso login\` and AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`;
  if (/Credentials|Token.*Provider/i.test(name)) return `there are no AWS credentials: ${login}`;
  if (/Expired|InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient|InvalidIdentityToken/i.test(name)) {
    return `AWS does not accept these credentials (${name}): ${login}`;
  }
  return `AWS cannot be asked whose credentials these are (${name}: ${message}): check the network, AWS_ENDPOINT_URL and the region`;
}
