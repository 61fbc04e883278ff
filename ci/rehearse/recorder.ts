import type { Report } from "../report";
import { secondsSince, type StepResult } from "./result";

/** Runs steps and writes down how they went. */
export class Recorder {
  constructor(
    private readonly report: Report,
    private readonly steps: StepResult[],
  ) {}

  /** `work` may say what it found with `detail`. A failure is written down and thrown on. Default of `report`: the recorder's. */
  async step<T>(
    name: string,
    work: (detail: (text: string) => void) => Promise<T>,
    report: Report = this.report,
  ): Promise<T> {
    const started = Date.now();
    let found: string | undefined;
    const record = (ok: boolean, detail: string | undefined): void => {
      this.steps.push({ name, ok, seconds: secondsSince(started), ...(detail === undefined ? {} : { detail }) });
    };
    try {
      const result = await report.step(name, () => work((text) => void (found = text)));
      record(true, found);
      if (found !== undefined) report.line(`  ${found}`);
      return result;
    } catch (error) {
      record(false, error instanceof Error ? error.message : String(error));
      throw error;
    }
  }
}
