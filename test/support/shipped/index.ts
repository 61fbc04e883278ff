import type { EnvironmentInput } from "../../../environments/environment";
import { dev } from "./dev";
import { prod } from "./prod";
import { project } from "./project";
import { stage } from "./stage";

/**
 * What a fork starts with, kept beside the tests: they are about the constructs and the documents, and stay so when a fork has
 * written its own. `npm test` holds it equal to `environments/` for as long as the accounts there are placeholders.
 */
export const environments = { dev, stage, prod } as const satisfies Record<string, EnvironmentInput>;
export { project };
