import { CommandError, exitCodes } from "../exit-codes";
import type { Diagnostic } from "./ui-stream";

/** A Terraform command failed, or was interrupted. */
export class TerraformError extends CommandError {
  constructor(
    /** Which command, such as `apply`. */
    command: string,
    readonly diagnostics: readonly Diagnostic[],
    /** Terraform stopped because a signal asked it to; what it has made is in the state. */
    readonly interrupted: boolean,
  ) {
    super(messageOf(command, diagnostics, interrupted), interrupted ? exitCodes.interrupted : exitCodes.failed);
    this.name = "TerraformError";
  }
}

function messageOf(command: string, diagnostics: readonly Diagnostic[], interrupted: boolean): string {
  if (interrupted) return `${command} was interrupted; what was made is in the state`;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return `${command} failed and gave no reason`;
  const holder = errors
    .map(({ summary, detail }) => lockHolder(`${summary}\n${detail}`))
    .find((text) => text !== undefined);
  if (holder !== undefined) return `${command} failed: ${holder}`;
  return [`${command} failed:`, ...errors.map((diagnostic) => `  - ${diagnosticText(diagnostic)}`)].join("\n");
}

/** Who works on the state now, and what to do; undefined when an error is of something else. */
function lockHolder(text: string): string | undefined {
  if (!/acquiring the state lock/i.test(text)) return undefined;
  const of = (field: string): string | undefined => new RegExp(`^\\s*${field}:\\s+(\\S.*?)\\s*$`, "m").exec(text)?.[1];
  const [id, who, operation, created] = [of("ID"), of("Who"), of("Operation"), of("Created")];
  if (id === undefined || who === undefined) return undefined;
  return `the lock of the state is held by ${who}, for ${operation ?? "something"} since ${created ?? "some time"} (error acquiring the state lock): wait until that has ended, or, when it has died, \`terraform force-unlock ${id}\` in the folder of the stack`;
}

/** `address: summary: detail`, in one paragraph. */
export function diagnosticText({ address, summary, detail }: Diagnostic): string {
  const text = detail === "" || detail === summary ? summary : `${summary}: ${detail}`;
  const at = address === undefined || text.includes(address) ? "" : `${address}: `;
  return `${at}${text}`.trim().replaceAll("\n", "\n    ");
}
