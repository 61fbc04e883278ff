import { writeFileSync } from "node:fs";
import path from "node:path";
import { dashboardOf } from "../dashboard/of-stack";
import { dashboardPicture } from "../dashboard/picture";
import { CommandError, exitCodes } from "../exit-codes";
import type { Session } from "../session";
import { synthesizedStacks } from "../terraform/synthesized";

export interface DashboardCommandOptions {
  readonly environment: string;
  /** File that the picture is written to; without one it goes to standard output. */
  readonly out?: string;
}

/** `dashboard <environment>`: its dashboard as a picture, an SVG. Nothing is asked of AWS. */
export async function dashboardCommand(session: Session, { environment, out }: DashboardCommandOptions): Promise<void> {
  const { report, surroundings } = session;
  const { [environment]: stack } = await synthesizedStacks(session, [environment]);
  const dashboard = stack === undefined ? undefined : dashboardOf(stack);
  if (dashboard === undefined) throw new CommandError(`${environment} has no dashboard`, exitCodes.usage);
  const picture = dashboardPicture(dashboard.body, dashboard.nameOf);
  if (out === undefined) {
    report.result(picture);
    return;
  }
  const file = path.resolve(surroundings.root, out);
  writeFileSync(file, picture);
  report.line(`wrote ${path.relative(surroundings.root, file)}`);
}
