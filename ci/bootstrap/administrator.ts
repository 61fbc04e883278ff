import { errorName } from "../aws/errors";
import { CommandError, exitCodes } from "../exit-codes";

/**
 * Ask AWS what only an administrator of an account may ask.
 *
 * @throws CommandError in words when the credentials may not, or the account never had Cost Explorer
 */
export async function askAsAdministrator<T>(account: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    if (/not enabled for cost explorer/i.test(message)) {
      throw new CommandError(
        `account ${account} has no Cost Explorer yet, which watches what it costs: open Billing and Cost Management, Cost Explorer once in the console (in an organization its management account switches it on), and run it again a day later`,
        exitCodes.account,
      );
    }
    if (!/^(AccessDenied|Unauthorized)/.test(errorName(error))) throw error;
    throw new CommandError(
      `${message}: use credentials of an administrator of account ${account}, since a bootstrap makes roles`,
      exitCodes.account,
    );
  }
}
