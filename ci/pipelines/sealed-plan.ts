import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import * as z from "zod";
import { CommandError, exitCodes } from "../exit-codes";

/** What is sealed between the job that plans and the job that applies. */
export interface PlanContent {
  /** Terraform's plan, also where nothing changes, and what it was made of. */
  readonly saved: { readonly plan: string; readonly note: string };
  /** What `plan --json` said. */
  readonly result: string;
}

/** What a sealed plan is of. It is not secret, and another one does not open it. */
export interface PlanSubject {
  readonly project: string;
  readonly stack: string;
  readonly commit: string;
}

const content = z.strictObject({
  saved: z.strictObject({ plan: z.string(), note: z.string() }),
  result: z.string(),
});
const envelope = z.strictObject({
  version: z.literal(1),
  nonce: z.base64(),
  tag: z.base64(),
  data: z.base64(),
});
const cipher = "aes-256-gcm";

/**
 * The key of SLIPWAY_PLAN_KEY.
 *
 * @throws CommandError when it is missing or of another length
 */
export function planKey(env: Readonly<Record<string, string>>): Buffer {
  const key = Buffer.from(env["SLIPWAY_PLAN_KEY"] ?? "", "base64");
  if (key.length === 32) return key;
  throw new CommandError(
    "SLIPWAY_PLAN_KEY must be 32 bytes in base64: make it with `openssl rand -base64 32` and store it as a secret of the pipelines",
    exitCodes.usage,
  );
}

/** Encrypt a plan, which holds the state and with it secrets. */
export function sealPlan(key: Buffer, subject: PlanSubject, plan: PlanContent): string {
  const nonce = randomBytes(12);
  const sealing = createCipheriv(cipher, key, nonce).setAAD(boundTo(subject));
  const data = Buffer.concat([sealing.update(JSON.stringify(plan), "utf8"), sealing.final()]);
  const text = (bytes: Buffer): string => bytes.toString("base64");
  return JSON.stringify({ version: 1, nonce: text(nonce), tag: text(sealing.getAuthTag()), data: text(data) });
}

/**
 * The plan that was sealed.
 *
 * @throws CommandError when it was sealed with another key, for another stack, of another commit, or was changed since
 */
export function openPlan(key: Buffer, subject: PlanSubject, sealed: string): PlanContent {
  try {
    const { nonce, tag, data } = envelope.parse(JSON.parse(sealed));
    const bytes = (text: string): Buffer => Buffer.from(text, "base64");
    const opening = createDecipheriv(cipher, key, bytes(nonce), { authTagLength: 16 })
      .setAAD(boundTo(subject))
      .setAuthTag(bytes(tag));
    const opened = Buffer.concat([opening.update(bytes(data)), opening.final()]).toString("utf8");
    return content.parse(JSON.parse(opened));
  } catch {
    throw new CommandError(
      `the sealed plan is not one of ${subject.stack} at ${subject.commit}, or its key is another: make the plan again`,
      exitCodes.stale,
    );
  }
}

function boundTo({ project, stack, commit }: PlanSubject): Buffer {
  return Buffer.from(JSON.stringify([project, stack, commit]), "utf8");
}
