import { dev } from "./dev";
import type { EnvironmentInput } from "./environment";
import { prod } from "./prod";
import { project } from "./project";
import { stage } from "./stage";

/** Every environment; pipelines and commands list these names. To add one: copy a file, give it a free address block, name it here. */
export const environments = { dev, stage, prod } as const satisfies Record<string, EnvironmentInput>;
export { project };
