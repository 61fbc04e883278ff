import type { Configured } from "../../ci/rehearse/drill";
import { environments, project as shipped } from "../../environments";
import { synthesize } from "../../stacks/synthesize";
import { changed } from "./drills";
import { project as projectOfVariants, variants } from "./variants";

// the changed configuration of one environment, for the plans of the rehearsal
const name = process.env["SLIPWAY_DRILL_ENVIRONMENT"] ?? "";
const drills = (process.env["SLIPWAY_DRILL"] ?? "").split(",").filter((drill) => drill !== "");
const bases: Readonly<Record<string, Configured>> = {
  ...Object.fromEntries(
    Object.values(environments).map((environment) => [environment.name, { project: shipped, environment }]),
  ),
  variants: { project: projectOfVariants, environment: variants },
};
const base = bases[name];
if (base === undefined)
  throw new Error(`SLIPWAY_DRILL_ENVIRONMENT must be one of ${Object.keys(bases).join(", ")}, got "${name}"`);
const { project, environment } = changed(base, drills);
synthesize({ project, environments: { [name]: environment } }, process.env);
