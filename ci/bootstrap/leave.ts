import { CommandError, exitCodes } from "../exit-codes";
import type { OpenStack, Session } from "../session";
import { moveOutOfBucket } from "./move-state";
import { type OpenBootstrap, removeLocalState } from "./open-bootstrap";
import { parseState } from "./raw-state";

/** The stack is that of an account, with the bucket that its own state is in. */
export function isBootstrap(opened: OpenStack): opened is OpenBootstrap {
  return "standing" in opened;
}

/**
 * Refuse to delete the bucket of the states while it holds what somebody needs. The state of something that was destroyed describes
 * nothing, and stays as an object.
 *
 * @throws CommandError with what is in it
 */
export async function refuseWhileNeeded({ report, interrupts }: Session, { standing }: OpenBootstrap): Promise<void> {
  if (!standing.bucketExists) return;
  const { bucket } = standing;
  const needed = await report.step(`look what is in ${bucket}`, () => interrupts.race(neededObjects(standing)));
  if (needed.length === 0) return;
  throw new CommandError(
    `${bucket} goes with the bootstrap, and it still holds:\n${needed.map((line) => `  - ${line}`).join("\n")}\n` +
      "destroy those first, the registry last (`npm run destroy -- <environment>`), and take away what is nobody's",
    exitCodes.guarded,
  );
}

/** The stack with its state on this machine, so that it outlives the bucket. */
export async function takeStateOut(session: Session, opened: OpenBootstrap): Promise<OpenBootstrap> {
  return opened.place.at === "machine" ? opened : moveOutOfBucket(session, opened);
}

/** All of it is gone: so is what its state says. */
export function forgetState({ standing: { localFile } }: OpenBootstrap): void {
  removeLocalState(localFile);
}

async function neededObjects({ objects, key: own, bucket }: OpenBootstrap["standing"]): Promise<string[]> {
  const others = (await objects.keys()).filter((key) => key !== own && key !== `${own}.tflock`).sort();
  const lines: string[] = [];
  for (const key of others) {
    if (!key.endsWith(".tfstate")) {
      lines.push(key.endsWith(".tflock") ? `${key}: somebody is working on that state` : `${key}: not a state`);
      continue;
    }
    const { length: count } = parseState((await objects.read(key)) ?? "", `s3://${bucket}/${key}`).resources;
    if (count > 0) lines.push(`${key}: ${count} ${count === 1 ? "resource" : "resources"}`);
  }
  return lines;
}
