import type { ImagesContract } from "../../constructs/shared/images-contract-v1";
import { Objects } from "../aws/objects";
import { CommandError, exitCodes } from "../exit-codes";
import { openImages } from "../images/contract";
import { readImages } from "../images/image-file";
import { dance } from "../images/key-dance";
import type { Ending, Goal } from "../images/key-plan";
import { AwsKeyWorld } from "../images/key-world";
import { bytesText, type UploadedFile, uploadFiles } from "../images/upload";
import type { Report } from "../report";
import type { Session } from "../session";

export interface ImagesUploadOptions {
  readonly environment: string;
  readonly files: readonly string[];
  readonly json: boolean;
}

/** `images upload <environment> <files...>`: put images under keys of their content, and print their public addresses. */
export async function imagesUploadCommand(
  session: Session,
  { environment, files: names, json }: ImagesUploadOptions,
): Promise<void> {
  const { report, interrupts, surroundings } = session;
  const { target, images } = await openImages(session, environment);
  // npm runs commands in the project's folder, wherever the person is
  const folder = surroundings.env["INIT_CWD"] ?? surroundings.root;
  const { files, problems } = await report.step("read the files", () => interrupts.race(readImages(names, folder)));
  if (problems.length > 0) {
    throw new CommandError(
      `nothing was uploaded:\n${problems.map((text) => `  - ${text}`).join("\n")}`,
      exitCodes.usage,
      {
        problems,
      },
    );
  }
  const objects = new Objects(surroundings.env, images.region, images.bucket);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const uploaded = await report.step(
    `upload ${files.length === 1 ? "1 file" : `${files.length} files`} (${bytesText(total)}) to ${images.bucket}`,
    () => uploadFiles(files, { images, objects, report, interrupts }),
  );
  const failed = uploaded.filter(({ status }) => status === "failed");
  if (!json) for (const { url, status } of uploaded) if (status !== "failed") report.result(url);
  if (failed.length > 0) throw failedError(failed, uploaded);
  const present = uploaded.filter(({ status }) => status === "present").length;
  if (present > 0) report.line(`${present} of ${uploaded.length} were there already`);
  if (json) report.json({ ok: true, environment: target.stack, bucket: images.bucket, files: uploaded });
}

function failedError(failed: readonly UploadedFile[], files: readonly UploadedFile[]): CommandError {
  const list = failed.map(({ file, error }) => `  - ${file}: ${error ?? "no reason given"}`).join("\n");
  return new CommandError(
    `${failed.length} of ${files.length} could not be uploaded; run it again, which skips the others:\n${list}`,
    exitCodes.failed,
    { files },
  );
}

export interface ImagesKeyOptions {
  readonly environment: string;
  readonly rotate: boolean;
  readonly revoke: boolean;
  /** With `rotate`: do not wait for the old key to be out of use. */
  readonly force: boolean;
  /** With `revoke`: do not ask. */
  readonly yes: boolean;
  readonly json: boolean;
}

/** `images key <environment>`: issue, rotate or revoke the access key of the user that uploads from outside AWS. */
export async function imagesKeyCommand(session: Session, options: ImagesKeyOptions): Promise<void> {
  const { environment, force, json } = options;
  const { report, interrupts, surroundings, prompts } = session;
  const goal = goalOf(options);
  const mustAsk = goal === "revoke" && !options.yes;
  if (mustAsk) prompts.insistOnTerminal("pass --yes");
  const { images } = await openImages(session, environment);
  if (mustAsk) {
    report.line(`this ends every upload that ${images.uploader} makes, at once`);
    const answer = await prompts.ask(`type ${environment} to go on: `, "pass --yes");
    if (answer.trim() !== environment) throw new CommandError("not confirmed: nothing was changed");
  }
  const world = new AwsKeyWorld(surroundings.env, images);
  tell(await dance({ goal, force, world, report, interrupts }), { report, environment, images, json });
}

interface Telling {
  readonly report: Report;
  readonly environment: string;
  readonly images: ImagesContract;
  readonly json: boolean;
}

/** What came of it, and what is left to do. */
function tell(ending: Ending, { report, environment, images, json }: Telling): void {
  const { uploader: user, keySecret: secret } = images;
  const say = (text: string, value: object): void =>
    json ? report.json({ ok: true, environment, user, secret, ...value }) : report.result(text);
  if (ending.do === "refuse") throw refusal(ending, user, environment);
  if (ending.do === "wait") {
    const { id, until, because } = ending;
    const value = { finished: false, waitsFor: id, because, until: new Date(until).toISOString() };
    if (because === "in use") throw inUse(ending, environment, value);
    say(
      `the secret holds the new key; the old one, ${id}, still works: run it again after ${value.until}, when it can be known that nothing uses it, or with --force`,
      value,
    );
    return;
  }
  const { current, others } = ending;
  for (const other of others) {
    report.warn(
      `${user} has another key, ${other}: npm run images -- key ${environment} --rotate ends with a single one`,
    );
  }
  if (current === undefined) say(`${user} has no access key any more`, { finished: true, others });
  else say(`key ${current} of ${user} is in ${secret}, and works`, { finished: true, key: current, others });
}

function goalOf({ rotate, revoke, force, yes }: ImagesKeyOptions): Goal {
  if (rotate && revoke) throw new CommandError("--rotate and --revoke exclude each other: name one", exitCodes.usage);
  if (force && !rotate) throw new CommandError("--force belongs to --rotate: it does not wait", exitCodes.usage);
  if (yes && !revoke) throw new CommandError("--yes belongs to --revoke: nothing else asks", exitCodes.usage);
  return rotate ? "rotate" : revoke ? "revoke" : "issue";
}

function inUse(
  { id, until }: Extract<Ending, { do: "wait" }>,
  environment: string,
  details: Readonly<Record<string, unknown>>,
): CommandError {
  return new CommandError(
    `the old key, ${id}, was used after the new one was stored, and stays: let whoever uses it read the secret again. Without another use it goes after ${new Date(until).toISOString()}; npm run images -- key ${environment} --rotate --force ends it now`,
    exitCodes.guarded,
    details,
  );
}

function refusal({ because, ids }: Extract<Ending, { do: "refuse" }>, user: string, environment: string): CommandError {
  const command = `npm run images -- key ${environment}`;
  const sentence =
    because === "inactive"
      ? `somebody has deactivated key ${ids.join(", ")} of ${user}, which is in the secret: ${command} --rotate replaces it, --revoke removes it`
      : `${user} has two keys, ${ids.join(" and ")}, of which the secret holds none that works: delete the one that nobody uses, or end both with ${command} --revoke`;
  return new CommandError(sentence, exitCodes.guarded, { keys: ids });
}
