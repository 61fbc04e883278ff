import type { Scenario } from "../fake/scenario";
import { interrupts } from "./interrupts";
import { migrations } from "./migration";
import { refusals } from "./refusals";
import { retries } from "./retries";
import { rollbacks } from "./rollbacks";
import { updates } from "./services";
import { success } from "./success";

/** What the scenarios are about, and they themselves. */
export type ScenarioTable = readonly (readonly [string, readonly Scenario[]])[];

// in two halves, for two files that run side by side

export const untilServices: ScenarioTable = [
  ["a release succeeds", success],
  ["a release is refused", refusals],
  ["the migration", migrations],
];

export const fromServices: ScenarioTable = [
  ["services", updates],
  ["Ctrl-C", interrupts],
  ["the same again", retries],
  ["a rollback", rollbacks],
];
