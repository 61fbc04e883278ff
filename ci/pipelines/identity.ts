import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import { filled } from "./host";
import { askApi } from "./http";

/** Who the token is for; the identity providers in AWS accept no other. */
export const audience = "sts.amazonaws.com";

const answer = z.looseObject({ value: z.string().min(1) });
const claims = z.looseObject({ exp: z.number() });
type Env = Readonly<Record<string, string>>;

/** How long to wait before the next try after one that failed, and at least between two. */
const shortestMs = 5_000;

/** The job's identity on either host; none where the job was given none. */
export async function identityOf(env: Env, signal: AbortSignal): Promise<string | undefined> {
  const ofGitLab = filled(env["SLIPWAY_ID_TOKEN"]);
  if (ofGitLab !== undefined) return ofGitLab;
  const address = filled(env["ACTIONS_ID_TOKEN_REQUEST_URL"]);
  const bearer = filled(env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]);
  if (address === undefined || bearer === undefined) return undefined;
  const url = new URL(address);
  url.searchParams.set("audience", audience);
  const headers = { authorization: `Bearer ${bearer}` };
  return answer.parse(await askApi({ method: "GET", url: url.href, headers, signal })).value;
}

/** Whole or not at all: the SDK may read it at any moment. */
export function writeIdentity(file: string, token: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const part = `${file}.${randomUUID()}`;
  writeFileSync(part, token, { mode: 0o600 });
  renameSync(part, file);
}

/**
 * Renew the identity that `pipeline identity` has written whenever half of what is left of its life is over, until the signal ends
 * it. GitHub's lives for minutes, every client of the SDK takes the role with it when it is first used, and a session that has
 * lasted an hour is begun anew. GitLab's lives as long as the job may, and cannot be had anew.
 */
export async function keepIdentity(env: Env, signal: AbortSignal): Promise<void> {
  const file = filled(env["AWS_WEB_IDENTITY_TOKEN_FILE"]);
  const isRenewable = filled(env["ACTIONS_ID_TOKEN_REQUEST_URL"]) !== undefined;
  if (file === undefined || !isRenewable || !existsSync(file)) return;
  let waitMs = leftMs(readFileSync(file, "utf8")) / 2;
  while (!signal.aborted) {
    try {
      await pause(waitMs, undefined, { signal, ref: false });
      const token = await identityOf(env, signal);
      if (token === undefined) return;
      writeIdentity(file, token);
      waitMs = Math.max(shortestMs, leftMs(token) / 2);
    } catch {
      // the one that is there may do until the next try; if not, AWS says so
      waitMs = shortestMs;
    }
  }
}

/** How long a token lives from now on; one that does not say so has no time left. */
function leftMs(token: string): number {
  try {
    const said: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    return Math.max(0, claims.parse(said).exp * 1000 - Date.now());
  } catch {
    return 0;
  }
}
