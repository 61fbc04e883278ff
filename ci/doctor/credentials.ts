import { callerAccount } from "../aws/account";
import type { Target } from "../configuration";
import { CommandError } from "../exit-codes";
import { type Finding, right, wrong } from "./finding";

/** Whether there are credentials, and whose. */
export async function lookAtCredentials(
  target: Target,
  placeholders: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<readonly Finding[]> {
  const project = placeholders.map((problem) => wrong("accounts", problem));
  try {
    const found = await callerAccount(target, env);
    const credentials = right("credentials", `are of account ${found}`);
    if (placeholders.length > 0) return [...project, credentials];
    return found === target.account
      ? [credentials, right("account", `${found} is that of ${target.stack}`)]
      : [
          credentials,
          wrong(
            "account",
            `these credentials are of account ${found}, and ${target.stack} belongs to ${target.account}`,
            "switch to that account (AWS_PROFILE), or correct environments/project.ts",
          ),
        ];
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return [...project, wrong("credentials", error.message)];
  }
}
