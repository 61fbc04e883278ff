import { CommandError, exitCodes } from "../exit-codes";
import { errorName } from "../aws/errors";

const expired =
  /^(ExpiredToken|RequestExpired|InvalidClientTokenId|UnrecognizedClient|InvalidIdentityToken|Credentials)|TokenRefreshRequired/;
const denied = /^(AccessDenied|AuthorizationError|UnauthorizedOperation|NotAuthorized)/;
const passing =
  /^(Throttl|TooManyRequests|RequestLimitExceeded|ServiceUnavailable|InternalServer|InternalFailure|InternalError|ServerException|TimeoutError|NetworkingError|ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|ENETDOWN|ENETUNREACH|EHOSTUNREACH)/;

/** The credentials have run out, or were never any: no other call will do better. */
export function isExpired(error: unknown): boolean {
  return expired.test(errorName(error));
}

/** The credentials are good, and may not do this. */
export function isDenied(error: unknown): boolean {
  return denied.test(errorName(error));
}

/** Something that the next try may not meet: AWS is busy, or the network was away for a moment. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, $fault } = error as { code?: unknown; $fault?: unknown };
  // the SDK's last try gives what went wrong with the connection in words alone
  const wrapped = /^AWS SDK error wrapper for (\w+)/.exec(error.message)?.[1] ?? "";
  return (
    [error.name, wrapped, code].some((name) => typeof name === "string" && passing.test(name)) || $fault === "server"
  );
}

/** `error` as a sentence with the way out, where it is one that AWS gives to whoever may not, or may no longer, ask. */
export function tellable(error: unknown, environment: string): unknown {
  if (error instanceof CommandError || !(error instanceof Error)) return error;
  if (isExpired(error)) {
    return new CommandError(
      `AWS does not accept these credentials any more (${error.name}): log in again; what was begun goes on in AWS: npm run status -- ${environment} shows it, and the same command again goes on from there`,
      exitCodes.account,
    );
  }
  if (isDenied(error)) {
    return new CommandError(
      `AWS refuses this to these credentials (${error.message}): give their role that permission, and run the same command again`,
    );
  }
  return error;
}

/** What went wrong, in one line. */
export function troubleText(error: unknown): string {
  if (error instanceof CommandError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
