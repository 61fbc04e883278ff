import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { registryStack } from "../configuration";
import type { Session } from "../session";
import type { PlannedChange } from "../terraform/plan-summary";

/** What `plan --json` has written; names and counts, no values. */
const planResult = z.looseObject({
  ok: z.literal(true),
  environment: z.string(),
  changes: z.boolean(),
  counts: z.strictObject({ create: z.number(), update: z.number(), replace: z.number(), delete: z.number() }),
  resources: z.array(
    z.strictObject({
      address: z.string(),
      type: z.string(),
      action: z.enum(["create", "update", "replace", "delete", "forget"]),
      attributes: z.array(z.string()),
      reason: z.string().optional(),
    }),
  ),
  losses: z.array(z.string()),
});
export type PlanResult = z.output<typeof planResult>;

/** The plan of one stack; no result when it could not be made. */
export interface PlanOfStack {
  readonly stack: string;
  readonly result: PlanResult | undefined;
}

/** Every stack that pipelines plan: that of the images, then the environments. */
export function plannedStacks({ configuration }: Session): readonly string[] {
  return [registryStack, ...Object.keys(configuration.environments)];
}

/** Where `plan --json` of a stack is kept between steps. */
export function planResultFile({ surroundings }: Session, folder: string, stack: string): string {
  return path.join(path.resolve(surroundings.root, folder), `${stack}.json`);
}

/** The plans of all these stacks. A file that is missing, or is no plan of this stack, is a plan that could not be made. */
export function readPlans(session: Session, folder: string, stacks: readonly string[]): readonly PlanOfStack[] {
  return stacks.map((stack) => ({ stack, result: readResult(planResultFile(session, folder, stack), stack) }));
}

/** The changes that end the life of something that holds data. */
export function lossesOf({ resources, losses }: PlanResult): readonly PlannedChange[] {
  return resources
    .filter(({ address }) => losses.includes(address))
    .map(({ reason, ...change }) => ({ ...change, ...(reason === undefined ? {} : { reason }) }));
}

function readResult(file: string, stack: string): PlanResult | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const result = planResult.parse(JSON.parse(readFileSync(file, "utf8")));
    return result.environment === stack ? result : undefined;
  } catch {
    return undefined;
  }
}
