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
  return [`${command} failed:`, ...errors.map((diagnostic) => `  - ${diagnosticText(diagnostic)}`)].join("\n");
}

/** `address: summary: detail`, in one paragraph. */
export function diagnosticText({ address, summary, detail }: Diagnostic): string {
  const text = detail === "" || detail === summary ? summary : `${summary}: ${detail}`;
  const at = address === undefined || text.includes(address) ? "" : `${address}: `;
  return `${at}${text}`.trim().replaceAll("\n", "\n    ");
}
