import type { RoleKind } from "../../constructs/shared/pipeline-names";
import { destroyCommand } from "../commands/destroy";
import { registryStack } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import type { InventoryItem } from "../tools/emulator";
import { type Detail, Finding, insistOnNone, type Scene } from "./scene";

/** The command that a person uses refuses to destroy what is permanent, and says why. */
export async function showRefusal(
  { bench }: Scene,
  stack: string,
  drills: readonly string[],
  detail: Detail,
): Promise<void> {
  try {
    await destroyCommand(bench.session(stack, { as: removerOf(stack), drills }), {
      environment: stack,
      json: false,
      yes: true,
      confirm: stack,
    });
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode !== exitCodes.guarded) throw error;
    // the first line says why, the others list the guards
    detail(error.message.split("\n", 1)[0]?.replace(/:$/, "") ?? "refused");
    return;
  }
  throw new Finding([`${stack} is permanent, and \`destroy\` did not refuse`]);
}

/** Lower the guards and destroy, by the command that a person uses. */
export async function destroyStack({ bench }: Scene, stack: string, drills: readonly string[]): Promise<void> {
  const session = bench.session(stack, { as: removerOf(stack), variables: { SLIPWAY_LIFETIME: "temporary" }, drills });
  await destroyCommand(session, { environment: stack, json: false, yes: true, confirm: stack });
}

/**
 * Changes take things away too, so that the role that applies them must be able to take away everything. But for the registry: the
 * images of all environments are in it, and only a person removes them.
 */
function removerOf(stack: string): RoleKind | undefined {
  return stack === registryStack ? undefined : "apply";
}

/** Nothing is left in any account or region but what outlives its environment. */
export async function checkInventory({ emulator, before, result }: Scene, detail: Detail): Promise<void> {
  const known = new Set(before.map(itemText));
  for (const item of await emulator.inventory()) {
    if (!known.has(itemText(item))) (isKept(item) ? result.kept : result.left).push(itemText(item));
  }
  insistOnNone(result.left.length === 0 ? [] : [`${result.left.length} things are left: ${result.left.join(", ")}`]);
  detail(result.kept.length === 0 ? "nothing is left" : `nothing is left but ${result.kept.join(", ")}`);
}

/** Snapshots and backups that outlive their database, and configurations that providers before 6.42 only forget; they cost nothing. */
function isKept({ type, state }: InventoryItem): boolean {
  if (type === "configuration") return state === "unused";
  if (type === "db-automated-backup") return state === "retained";
  return (type === "db-snapshot" || type === "db-cluster-snapshot") && state !== "automated";
}

/** `rds db-instance slipway-dev-db-1 (111111111111 us-east-1)` */
function itemText({ service, type, id, account, region, state }: InventoryItem): string {
  return `${service} ${type} ${id}${state === undefined ? "" : ` ${state}`} (${account} ${region})`;
}
