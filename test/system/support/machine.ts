import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { emulatorFolder, openToolbox, type Toolbox } from "../../../ci/rehearse/toolbox";
import { Report } from "../../../ci/report";
import { Interrupts } from "../../../ci/terraform/interrupts";
import { Emulator } from "../../../ci/tools/emulator";
import { processVariables, root } from "./slipway";

/** The tools of this machine, found the way the rehearsal finds them, and a folder to work in. */
export class Machine {
  private constructor(
    public readonly toolbox: Toolbox,
    public readonly directory: string,
  ) {}

  static async open(name: string): Promise<Machine> {
    const directory = mkdtempSync(path.join(tmpdir(), `slipway-${name}-`));
    const report = Report.to({ stderr: process.stderr, stdout: process.stdout });
    const interrupts = new Interrupts(report);
    try {
      return new Machine(
        await openToolbox({ env: processVariables(), root, directory, report, interrupts }),
        directory,
      );
    } finally {
      interrupts.dispose();
    }
  }

  /** An emulator in a folder of its own. */
  async emulator(account: string): Promise<{ readonly emulator: Emulator; readonly directory: string }> {
    const directory = mkdtempSync(path.join(this.directory, "emulator-"));
    const emulator = await Emulator.start({
      python: this.toolbox.python,
      source: emulatorFolder(root),
      directory,
      account,
      env: processVariables(),
      signal: AbortSignal.timeout(120_000),
    });
    return { emulator, directory };
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
