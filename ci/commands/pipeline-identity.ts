import path from "node:path";
import { CommandError, exitCodes } from "../exit-codes";
import { needed } from "../pipelines/host";
import { identityOf, writeIdentity } from "../pipelines/identity";
import type { Session } from "../session";

/**
 * `pipeline identity`: put the job's identity where AWS_WEB_IDENTITY_TOKEN_FILE says. The SDK and Terraform take the role
 * AWS_ROLE_ARN with it, each by itself, so that no keys are ever written down. It lives for minutes: later commands renew it while
 * they work.
 */
export async function pipelineIdentityCommand({ surroundings, report, interrupts }: Session): Promise<void> {
  const { env } = surroundings;
  const role = needed(
    env,
    "AWS_ROLE_ARN",
    "`npm run bootstrap` says which roles there are, as variables SLIPWAY_ROLE_...",
  );
  const file = needed(env, "AWS_WEB_IDENTITY_TOKEN_FILE", "name a file outside of the project");
  if (!path.relative(surroundings.root, path.resolve(file)).startsWith("..")) {
    throw new CommandError(
      `AWS_WEB_IDENTITY_TOKEN_FILE must be outside of the project, where no artifact takes it along, got ${file}`,
      exitCodes.usage,
    );
  }
  const token = await identityOf(env, interrupts.signal);
  if (token === undefined) {
    throw new CommandError(
      "the job has no identity: on GitHub it needs the permission `id-token: write`, on GitLab `id_tokens: SLIPWAY_ID_TOKEN`",
      exitCodes.account,
    );
  }
  writeIdentity(file, token);
  report.line(`the job's identity is in ${file}, for ${role}`);
}
