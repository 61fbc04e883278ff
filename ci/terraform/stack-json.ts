import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** What Slipway reads of a synthesized stack. */
export interface StackJson {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, { readonly lifecycle?: Lifecycle }>>>>;
  readonly terraform: {
    readonly backend?: {
      readonly local?: { readonly path: string };
      readonly s3?: { readonly bucket: string; readonly key: string };
    };
    readonly required_providers?: Readonly<Record<string, { readonly source: string; readonly version?: string }>>;
  };
}

interface Lifecycle {
  readonly prevent_destroy?: boolean;
}

/** A synthesized stack, and the hash by which a plan is known to be of it. */
export interface SynthesizedStack {
  readonly json: StackJson;
  readonly hash: string;
}

export function readStack(file: string): SynthesizedStack {
  const text = readFileSync(file);
  return {
    json: JSON.parse(text.toString("utf8")) as StackJson,
    hash: createHash("sha256").update(text).digest("hex"),
  };
}

/** Terraform refuses every plan that would delete this resource. */
export function preventsDestroy(
  { resource }: StackJson,
  { type, name }: { readonly type: string; readonly name: string },
): boolean {
  return resource?.[type]?.[name]?.lifecycle?.prevent_destroy === true;
}
