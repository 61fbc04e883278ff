import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { stateBucketName, stateKey } from "../../constructs/shared/pipeline-names";
import { bucketGuards } from "../aws/bucket-guards";
import { CostAnomalies } from "../aws/cost-anomalies";
import { Identities } from "../aws/identities";
import { StateObjects } from "../aws/state-objects";
import type { Target } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import type { OpenStack, Session } from "../session";
import { endpointOf } from "../terraform/endpoint";
import { findEngine } from "../terraform/engine";
import { baseFolder, localStateFile, prepareWorkspace } from "../terraform/workspace";
import { askAsAdministrator } from "./administrator";
import { usedBefore, usedText, variablesOf } from "./account-before";
import { type PlaceOfState, placeOfState } from "./place-of-state";
import { parseState } from "./raw-state";

/** The stack of an account, wherever its state is. */
export interface OpenBootstrap extends OpenStack {
  readonly place: PlaceOfState;
  readonly standing: Standing;
}

/** What there is of a bootstrap before Terraform is asked. */
export interface Standing {
  readonly bucket: string;
  readonly bucketExists: boolean;
  /** Key of its own state in the bucket. */
  readonly key: string;
  readonly localFile: string;
  readonly objects: StateObjects;
}

export interface OpenBootstrapOptions {
  /** Take the state here, wherever it is found: it was just moved. */
  readonly at?: PlaceOfState["at"];
  /** The caller takes over what exists without a state. Default: false, and it is refused. */
  readonly adopts?: boolean;
}

/**
 * The stack of an account, with its state where it is: on this machine before there is a bucket, then in the bucket that the stack
 * itself made, whatever the environments use.
 *
 * @throws CommandError when it cannot be told which state is true
 */
export async function openBootstrap(
  session: Session,
  target: Target,
  { at, adopts = false }: OpenBootstrapOptions = {},
): Promise<OpenBootstrap> {
  const { surroundings, report, interrupts, synthesize } = session;
  const { env, root } = surroundings;
  const standing = standingOf(session, target);
  const { bucketExists, place } = await report.step(`look for the state of ${target.stack}`, () =>
    interrupts.race(askAsAdministrator(target.account, () => findState(session, target, standing))),
  );
  const found = at === undefined ? place : { ...place, at };
  const isLost = bucketExists && (found.state?.resources.length ?? 0) === 0;
  if (isLost && !adopts && at === undefined) {
    throw new CommandError(
      `there is a bucket ${standing.bucket}, and no state says what else there is: \`npm run bootstrap -- ${target.account}\` takes it over`,
    );
  }
  const used = await report.step("look at what the account has", () =>
    interrupts.race(askAsAdministrator(target.account, () => lookAtAccount(session, target, found))),
  );
  if (at === undefined) for (const line of usedText(used)) report.line(line);

  const workspace = await prepareWorkspace({
    root,
    stack: target.stack,
    env: {
      ...env,
      ...variablesOf(used),
      SLIPWAY_ENVIRONMENTS: target.stack,
      SLIPWAY_STATE_BUCKET: found.at === "machine" ? "" : `${standing.bucket}@${target.region}`,
    },
    engine: await findEngine({ env }),
    report,
    interrupts,
    stateIsPlaced: true,
    ...(synthesize === undefined ? {} : { synthesize }),
  });
  if (found.at === "bucket" && found.staleCopy) {
    removeLocalState(standing.localFile);
    report.line(`removed the copy of the state on this machine: the bucket has all that it says`);
  }
  return { target, workspace, place: found, standing: { ...standing, bucketExists } };
}

/** Remove the state on this machine with its backup, and what says which endpoint wrote it. */
export function removeLocalState(file: string): void {
  for (const suffix of ["", ".backup", ".endpoint"]) rmSync(`${file}${suffix}`, { force: true });
}

/** @throws CommandError when what is stored is no state */
export async function storedState({ objects, key, bucket }: Standing): Promise<PlaceOfState["state"]> {
  const text = await objects.read(key);
  return text === undefined ? undefined : parseState(text, `s3://${bucket}/${key}`);
}

function standingOf({ surroundings: { env, root } }: Session, { project, stack, account, region }: Target): Standing {
  const bucket = stateBucketName(project, account);
  return {
    bucket,
    bucketExists: false,
    key: stateKey(project, stack),
    localFile: localStateFile(baseFolder(root, endpointOf(env)), stack),
    objects: new StateObjects(env, { bucket, region, account }),
  };
}

async function findState(
  { surroundings: { env, root } }: Session,
  { region, account }: Target,
  standing: Standing,
): Promise<{ readonly bucketExists: boolean; readonly place: PlaceOfState }> {
  const { bucket, key, localFile } = standing;
  const guards = await bucketGuards(env, { name: bucket, region, account });
  if (guards === "foreign") {
    throw new CommandError(
      `bucket ${bucket} belongs to another account or is in another region than ${region}, or these credentials may not look at it: names of buckets are one namespace for the whole world, so choose another name of the project, or use credentials of an administrator`,
      exitCodes.usage,
    );
  }
  const localName = path.relative(root, localFile);
  const local = existsSync(localFile) ? parseState(readFileSync(localFile, "utf8"), localName) : undefined;
  const bucketExists = guards !== "missing";
  const place = placeOfState({
    stored: bucketExists ? await storedState(standing) : undefined,
    local,
    names: { stored: `s3://${bucket}/${key}`, local: localName },
  });
  return { bucketExists, place };
}

async function lookAtAccount(
  { surroundings: { env }, configuration: { project } }: Session,
  { stack, region }: Target,
  { state }: PlaceOfState,
): Promise<ReturnType<typeof usedBefore>> {
  const [monitors, issuers] = await Promise.all([
    new CostAnomalies(env).monitors(),
    new Identities(env, region).issuers(),
  ]);
  return usedBefore({ monitors, issuers }, { project, stack, state });
}
