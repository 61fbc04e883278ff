import { CommandError, exitCodes } from "../exit-codes";
import type { RawState } from "./raw-state";

/** Where the state of a bootstrap can be found. */
export interface States {
  /** In the bucket that the bootstrap made. */
  readonly stored: RawState | undefined;
  /** On this machine: before it was moved, or while the bucket itself is being destroyed. */
  readonly local: RawState | undefined;
  /** What to call them. */
  readonly names: { readonly stored: string; readonly local: string };
}

export interface PlaceOfState {
  readonly at: "machine" | "bucket";
  readonly state: RawState | undefined;
  /** A copy on this machine that says nothing which the bucket does not: a move was interrupted before it was removed. */
  readonly staleCopy: boolean;
}

/**
 * Which state counts. The one on this machine does until the bucket has it, and again while the bucket is being destroyed, when it is
 * ahead.
 *
 * @throws CommandError when there are two that have nothing to do with each other
 */
export function placeOfState({ stored, local, names }: States): PlaceOfState {
  if (stored === undefined) return { at: "machine", state: local, staleCopy: false };
  if (local === undefined) return { at: "bucket", state: stored, staleCopy: false };
  if (local.lineage !== stored.lineage) {
    // a run that was refused before it made anything
    if (local.resources.length === 0) return { at: "bucket", state: stored, staleCopy: true };
    throw new CommandError(
      `there are two states that have nothing to do with each other: ${names.stored} describes ${count(stored)}, and ${names.local} ${count(local)}: look which of them is true, and move the other away (\`mv\`, or \`aws s3 mv\`)`,
      exitCodes.usage,
    );
  }
  return local.serial > stored.serial
    ? { at: "machine", state: local, staleCopy: false }
    : { at: "bucket", state: stored, staleCopy: true };
}

function count({ resources }: RawState): string {
  return resources.length === 1 ? "1 resource" : `${resources.length} resources`;
}
