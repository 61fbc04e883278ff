import type { Allowed, Configured, Drill } from "../../ci/rehearse/drill";

/** A drill of the environments that it makes sense for. */
export interface Entry {
  readonly appliesTo?: (base: Configured) => boolean;
  readonly of: (base: Configured) => Drill;
}

/** What every change of a task definition does. */
export const newRevision: Allowed = {
  address: "aws_ecs_task_definition.*",
  because: "a revision cannot be changed; the old one stays registered and what runs is the release's choice",
};
