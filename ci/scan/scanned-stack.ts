import { scanExceptionsKey } from "../../constructs/shared/scan-exception";

/** A check that one resource is excepted from. */
export interface ScanException {
  readonly check: string;
  /** Path of the construct, such as `prod/Images/Storage/Bucket`. */
  readonly at: string;
  readonly because: string;
}

interface Block {
  readonly "//"?: {
    readonly metadata?: { readonly path?: string };
    readonly [scanExceptionsKey]?: Readonly<Record<string, string>>;
  };
}

type Blocks = Readonly<Record<string, Readonly<Record<string, Block>>>>;

/** What is read of a synthesized stack. */
export interface ScannedStack {
  readonly resource?: Blocks;
  readonly data?: Blocks;
  readonly [kind: string]: unknown;
}

/** Kinds of blocks that the scanner judges; of `terraform` and `ephemeral` as JSON it cannot read a whole file. */
const judged = ["data", "output", "provider", "resource"];

/** The stack as the scanner reads it: without the blocks that it fails on. */
export function forScanner(stack: ScannedStack): object {
  return Object.fromEntries(Object.entries(stack).filter(([kind]) => judged.includes(kind)));
}

/** Every exception that is written in the stack. */
export function exceptionsOf(stack: ScannedStack): ScanException[] {
  return [...blocksOf(stack)].flatMap(({ at, block }) =>
    Object.entries(block["//"]?.[scanExceptionsKey] ?? {}).map(([check, because]) => ({ check, at, because })),
  );
}

/**
 * Paths of constructs by what the scanner calls their resources: `resource.<name>` where it looks at one, `<type>.<name>` where it
 * looks at what hangs together.
 */
export function pathsByResource(stack: ScannedStack): ReadonlyMap<string, string> {
  return new Map(
    [...blocksOf(stack)].flatMap(({ kind, type, name, at }) => [
      [`${kind}.${name}`, at],
      [`${kind === "data" ? "data." : ""}${type}.${name}`, at],
    ]),
  );
}

function* blocksOf({ resource = {}, data = {} }: ScannedStack) {
  for (const [kind, blocks] of Object.entries({ resource, data })) {
    for (const [type, byName] of Object.entries(blocks)) {
      for (const [name, block] of Object.entries(byName)) {
        yield { kind, type, name, at: block["//"]?.metadata?.path ?? `${type}.${name}`, block };
      }
    }
  }
}
