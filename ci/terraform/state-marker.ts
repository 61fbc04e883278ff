import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CommandError, exitCodes } from "../exit-codes";
import type { Endpoint } from "./endpoint";

/**
 * Refuse a state that was written against another endpoint, and remember which one writes it now. A plan of AWS on an emulator's
 * state would create everything a second time; the other way round it would forget what exists.
 *
 * @throws CommandError naming both endpoints
 */
export function claimState(stateFile: string, endpoint: Endpoint): void {
  const marker = `${stateFile}.endpoint`;
  const writer = existsSync(marker) ? readFileSync(marker, "utf8").trim() : undefined;
  const used = hasResources(stateFile);
  if (used && writer !== undefined && writer !== endpoint.text) {
    throw new CommandError(
      `${stateFile} describes what is at ${writer}, and this run talks to ${endpoint.text}: ${wayOut(endpoint)}`,
      exitCodes.usage,
    );
  }
  if (used && writer === undefined && endpoint.kind === "emulator") {
    throw new CommandError(
      `${stateFile} does not say which endpoint wrote it, and this run talks to ${endpoint.text}: move it away`,
      exitCodes.usage,
    );
  }
  // it holds what no one else on the machine should read
  mkdirSync(path.dirname(stateFile), { recursive: true, mode: 0o700 });
  writeFileSync(marker, `${endpoint.text}\n`, { mode: 0o600 });
}

/** A state that describes something; a file that only says "nothing" does not count. */
export function hasResources(stateFile: string): boolean {
  if (!existsSync(stateFile)) return false;
  try {
    const { resources } = JSON.parse(readFileSync(stateFile, "utf8")) as { readonly resources?: readonly unknown[] };
    return (resources ?? []).length > 0;
  } catch {
    // unreadable is not empty
    return true;
  }
}

function wayOut(endpoint: Endpoint): string {
  return endpoint.kind === "aws"
    ? "set AWS_ENDPOINT_URL again to work on it, or move the file away"
    : "unset AWS_ENDPOINT_URL to work on it, or move the file away";
}
