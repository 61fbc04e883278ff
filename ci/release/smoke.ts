import { troubleText } from "./aws-trouble";
import type { ReleaseWork } from "./work";

const patienceMs = 60_000;
const pauseMs = 5_000;
const requestMs = 10_000;

/** Look whether an address answers 200, for a minute. Gives what it did instead; none when it did. */
export async function smokeProblem(
  { clock, fetch, interrupts, report }: ReleaseWork,
  url: string,
): Promise<string | undefined> {
  const deadline = clock.now() + patienceMs;
  for (;;) {
    let said: string;
    try {
      const { status } = await interrupts.race(fetch(url, { signal: AbortSignal.timeout(requestMs) }));
      if (status === 200) return undefined;
      said = `${url} answers ${status}`;
    } catch (error) {
      interrupts.check();
      // what went wrong with the connection is the cause of what fetch says of it
      said = `${url} does not answer (${troubleText(error instanceof Error ? (error.cause ?? error) : error)})`;
    }
    report.progress(said);
    if (clock.now() >= deadline) return said;
    await interrupts.race(clock.sleep(pauseMs));
  }
}
