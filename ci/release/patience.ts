import { isPassing, troubleText } from "./aws-trouble";
import type { ReleaseWork } from "./work";

/** How many looks in a row may fail: with the SDK's own tries that is about a minute. */
const mostFailures = 5;

/**
 * Questions of one kind, asked again and again while something is waited for. A minute in which AWS does not answer must not end
 * a release that goes well.
 */
export class Patience {
  private failures = 0;

  constructor(private readonly work: Pick<ReleaseWork, "interrupts" | "report">) {}

  /** The answer; none when there was none this time. A signal ends it. */
  async ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await this.work.interrupts.race(question());
      this.failures = 0;
      return answer;
    } catch (error) {
      this.failures += 1;
      if (!isPassing(error) || this.failures > mostFailures) throw error;
      this.work.report.warn(`AWS does not answer (${troubleText(error)}): asking again`);
      return undefined;
    }
  }
}
