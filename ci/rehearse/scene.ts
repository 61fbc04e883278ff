import type { Report } from "../report";
import type { Emulator, InventoryItem } from "../tools/emulator";
import type { Bench } from "./bench";
import type { Halt } from "./halt";
import type { Drift, RehearsalResult } from "./result";
import type { Haystack } from "./secret-scan";
import type { Subject } from "./subjects";

/** What the steps of one rehearsal share once its emulator runs. */
export interface Scene {
  readonly subject: Subject;
  readonly bench: Bench;
  readonly emulator: Emulator;
  readonly halt: Halt;
  readonly report: Report;
  readonly result: RehearsalResult;
  /** What is in the emulator from the start. */
  readonly before: readonly InventoryItem[];
  /** Everything that second plans differed in, listed gaps included. */
  readonly differed: Drift[];
  /** Addresses of everything that was applied. */
  readonly addresses: Set<string>;
  /** Every plan that was made, to be searched for secrets. */
  readonly plans: Haystack[];
}

/** What a step found, for the person and for `--json`. */
export type Detail = (text: string) => void;

/** Something is wrong with what was found; the rehearsal goes on, to find the rest too. */
export class Finding extends Error {
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "Finding";
  }
}

/** @throws Finding when there are problems */
export function insistOnNone(problems: readonly string[]): void {
  if (problems.length > 0) throw new Finding(problems);
}
