import { Existence } from "../../aws/existence";
import { lastPart } from "../arn";
import type { Subject } from "../subjects";
import type { ReleaseWork } from "../work";
import type { Findings } from "./findings";

/** What tasks run in, as and log to is there: the contract may be older than the last change by hand. */
export async function checkPlaces(
  { env, target, interrupts }: ReleaseWork,
  subjects: readonly Subject[],
  findings: Findings,
): Promise<void> {
  const contracts = subjects.map(({ contract }) => contract);
  const { region, stack } = target;
  const existence = new Existence(env, region);
  const wayOut = `npm run deploy -- ${stack}`;
  const unique = (texts: readonly string[]): string[] => [...new Set(texts)].sort();
  const subnets = async (): Promise<void> => {
    const ids = unique(contracts.flatMap((contract) => contract.subnets));
    const missing = await findings.unlessDenied("the network", () => existence.missingSubnets(ids));
    for (const id of missing ?? []) findings.problem(`subnet ${id} is not there: ${wayOut}`);
  };
  const role = async (arn: string): Promise<void> => {
    const exists = await findings.unlessDenied("whether the roles of tasks are there", () => existence.roleExists(arn));
    if (exists === false) findings.problem(`role ${lastPart(arn)} is not there: ${wayOut}`);
  };
  const logGroup = async (name: string): Promise<void> => {
    const exists = await findings.unlessDenied("whether the log groups are there", () =>
      existence.logGroupExists(name),
    );
    if (exists === false) findings.problem(`log group ${name} is not there: ${wayOut}`);
  };
  await interrupts.race(
    Promise.all([
      subnets(),
      ...unique(contracts.flatMap(({ roles }) => [roles.task, roles.execution])).map(role),
      ...unique(contracts.map((contract) => contract.logGroup)).map(logGroup),
    ]),
  );
}
