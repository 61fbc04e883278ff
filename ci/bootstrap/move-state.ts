import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CommandError } from "../exit-codes";
import type { Session } from "../session";
import { claimState } from "../terraform/state-marker";
import { type OpenBootstrap, openBootstrap, removeLocalState, storedState } from "./open-bootstrap";
import { parseState } from "./raw-state";

/**
 * Move the state from this machine into the bucket that it describes. The one here goes only after the other was read back, so that
 * an interrupted move is made again. Terraform would take an empty place for a new state and give it a lineage of its own, so the
 * first is stored as it is; one that is there already is followed by Terraform itself, under the lock.
 */
export async function moveIntoBucket(session: Session, { target, standing }: OpenBootstrap): Promise<OpenBootstrap> {
  const { report, interrupts } = session;
  const { bucket, key, localFile } = standing;
  const place = `s3://${bucket}/${key}`;
  const inBucket = await openBootstrap(session, target, { at: "bucket" });
  await report.step(`move the state to ${place}`, async () => {
    const text = readFileSync(localFile, "utf8");
    const local = parseState(text, localFile);
    const earlier = await interrupts.race(storedState(standing));
    if (earlier === undefined) await standing.objects.create(key, text);
    else await inBucket.workspace.terraform.pushState(localFile);
    const stored = await interrupts.race(storedState(standing));
    if (stored?.lineage !== local.lineage || stored.serial < local.serial) {
      throw new CommandError(
        `${place} does not hold the state that was just written there; the one on this machine stays: run it again, and look who else writes to the bucket`,
      );
    }
    removeLocalState(localFile);
  });
  return inBucket;
}

/** Copy the state from the bucket to this machine, which then counts: what destroys the bucket cannot keep its state in it. */
export async function moveOutOfBucket(session: Session, opened: OpenBootstrap): Promise<OpenBootstrap> {
  const { target, standing, workspace } = opened;
  const { report } = session;
  const { localFile } = standing;
  await report.step("copy the state to this machine", async () => {
    const text = await workspace.terraform.pullState();
    mkdirSync(path.dirname(localFile), { recursive: true, mode: 0o700 });
    claimState(localFile, workspace.endpoint);
    writeFileSync(localFile, text, { mode: 0o600 });
  });
  return openBootstrap(session, target, { at: "machine" });
}
