import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export const stacks = ["registry", "dev", "stage", "prod"] as const;

/** What `plan --json` writes of a plan without changes. */
export function quietPlan(stack: string): Record<string, unknown> {
  return {
    ok: true,
    environment: stack,
    changes: false,
    counts: { create: 0, update: 0, replace: 0, delete: 0 },
    resources: [],
    losses: [],
    waiting: [],
    planFile: null,
  };
}

/** A plan that replaces a database. */
export function lossyPlan(stack: string): Record<string, unknown> {
  const address = "aws_db_instance.Database";
  return {
    ...quietPlan(stack),
    changes: true,
    counts: { create: 0, update: 1, replace: 1, delete: 0 },
    resources: [
      { address, type: "aws_db_instance", action: "replace", attributes: ["storage_encrypted"] },
      { address: "aws_lb.Alb", type: "aws_lb", action: "update", attributes: ["idle_timeout"] },
    ],
    losses: [address],
  };
}

/** A project's folder with these plans in `plans`. */
export function projectWith(plans: readonly Record<string, unknown>[]): string {
  const root = mkdtempSync(path.join(tmpdir(), "slipway-pipelines-"));
  mkdirSync(path.join(root, "plans"));
  for (const plan of plans) {
    writeFileSync(path.join(root, "plans", `${String(plan["environment"])}.json`), JSON.stringify(plan));
  }
  return root;
}
