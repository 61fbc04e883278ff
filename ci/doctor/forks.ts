import { commandText, type PipelineHost } from "../pipelines/hosts";
import { advice, type Finding, right, wrong } from "./finding";
import type { AskHost } from "./host-question";

/** Whether a pipeline of a fork could say that it is one of main here. */
export async function lookAtForks(host: PipelineHost, ask: AskHost): Promise<readonly Finding[]> {
  const { topic, place, forks } = host;
  if (forks === undefined) return [];
  const allowed = await ask(forks.ask, forks.allowed);
  const command = commandText(host, forks.refuse);
  if (allowed === undefined) {
    const says = `this login does not see whether pipelines of forks run in ${place}`;
    return [advice(topic, says, `ask a maintainer to run it: ${command}`)];
  }
  return allowed
    ? [wrong(topic, `pipelines of forks run in ${place}, and a fork's branch may be called main`, command)]
    : [right(topic, `pipelines of forks stay out of ${place}`)];
}
