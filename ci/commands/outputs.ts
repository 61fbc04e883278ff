import { bootstrapStack } from "../../constructs/shared/pipeline-names";
import { openStack, type Session } from "../session";

export interface OutputsCommandOptions {
  readonly environment: string;
  readonly json: boolean;
}

/** `outputs <environment>`: what the last deploy made, by name. */
export async function outputsCommand(session: Session, { environment, json }: OutputsCommandOptions): Promise<void> {
  const { target, workspace } = await openStack(session, environment);
  const outputs = await workspace.terraform.outputs();
  if (json) {
    session.report.json({ ok: true, environment, outputs });
    return;
  }
  if (Object.keys(outputs).length === 0) {
    const way =
      target.stack === bootstrapStack(target.account) ? `bootstrap -- ${target.account}` : `deploy -- ${environment}`;
    session.report.line(`${environment} is not deployed: \`npm run ${way}\``);
  }
  for (const line of outputLines(outputs)) session.report.result(line);
}

/** `name  value`, in columns; a map or a list as JSON. */
export function outputLines(outputs: Readonly<Record<string, unknown>>): string[] {
  const width = Math.max(0, ...Object.keys(outputs).map((name) => name.length));
  return Object.entries(outputs).map(
    ([name, value]) => `${name.padEnd(width)}  ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
}
