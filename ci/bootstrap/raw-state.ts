import { CommandError } from "../exit-codes";

/** What Slipway reads of a state as Terraform stores it. */
export interface RawState {
  /** Stays the same for the life of a state: two lineages are two states. */
  readonly lineage: string;
  /** Counts the changes. */
  readonly serial: number;
  readonly resources: readonly RawResource[];
}

export interface RawResource {
  readonly address: string;
  readonly type: string;
  /** Empty when the resource is not read yet. */
  readonly arns: readonly string[];
}

interface Stored {
  readonly lineage?: unknown;
  readonly serial?: unknown;
  readonly resources?: readonly {
    readonly mode: string;
    readonly type: string;
    readonly name: string;
    readonly instances?: readonly { readonly attributes?: { readonly arn?: unknown } }[];
  }[];
}

/** @throws CommandError when the text is no state; `where` says of which file */
export function parseState(text: string, where: string): RawState {
  const unreadable = (): CommandError =>
    new CommandError(
      `${where} is not a state of Terraform: bring back an earlier version of it, or move it away if nothing is deployed`,
    );
  let stored: Stored;
  try {
    stored = JSON.parse(text) as Stored;
  } catch {
    throw unreadable();
  }
  const { lineage, serial, resources = [] } = stored;
  if (typeof lineage !== "string" || typeof serial !== "number") throw unreadable();
  return {
    lineage,
    serial,
    resources: resources
      .filter(({ mode, instances = [] }) => mode === "managed" && instances.length > 0)
      .map(({ type, name, instances = [] }) => ({
        address: `${type}.${name}`,
        type,
        arns: instances.flatMap(({ attributes }) => (typeof attributes?.arn === "string" ? [attributes.arn] : [])),
      })),
  };
}
