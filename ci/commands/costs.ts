import { countedOf } from "../cost/counted";
import { assumed, type CostLine, estimate, total } from "../cost/estimate";
import { prices } from "../cost/prices";
import type { Session } from "../session";
import { synthesizedStacks } from "../terraform/synthesized";

export interface CostsCommandOptions {
  readonly environments: readonly string[];
  readonly json: boolean;
}

/** `costs [environments...]`: what each costs in a month. Nothing is asked of AWS. */
export async function costsCommand(session: Session, { environments, json }: CostsCommandOptions): Promise<void> {
  const { report, configuration } = session;
  const names = environments.length > 0 ? environments : Object.keys(configuration.environments);
  const linesByName = Object.fromEntries(
    Object.entries(await synthesizedStacks(session, names)).flatMap(([name, stack]) => {
      const environment = configuration.environments[name];
      return environment === undefined ? [] : [[name, estimate(environment, countedOf(stack), prices)]];
    }),
  );
  if (json) {
    const { region, asOf } = prices;
    const costs = Object.entries(linesByName).map(([environment, lines]) => ({
      environment,
      lines,
      total: total(lines) ?? null,
    }));
    report.json({ region, asOf, assumed, costs });
    return;
  }
  for (const line of costsText(linesByName)) report.result(line);
}

/** The table of the README, as Markdown, with what it rests on. */
export function costsText(linesByName: Readonly<Record<string, readonly CostLine[]>>): string[] {
  const names = Object.keys(linesByName);
  const parts = [...new Set(Object.values(linesByName).flatMap((lines) => lines.map(({ part }) => part)))];
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const cell = (name: string, part: string): string => {
    const line = linesByName[name]?.find((one) => one.part === part);
    return line === undefined ? "" : `${line.what}: ${dollarsText(line.dollars)}`;
  };
  return [
    row(["a month", ...names]),
    row(["---", ...names.map(() => "---")]),
    ...parts.map((part) => row([part, ...names.map((name) => cell(name, part))])),
    row(["**together**", ...names.map((name) => `**$${dollarsText(total(linesByName[name] ?? []))}**`)]),
    "",
    `US dollars, list prices of ${prices.region} on ${prices.asOf}, the least number of tasks, ${assumed.loadBalancerUnits} LCU at the load balancer, ${assumed.natGB} GB through a NAT gateway, ${assumed.logsGB} GB of logs, ${assumed.imagesGB} GB of images, devices that send once in five minutes to one service; Route 53, data out, and what CloudWatch counts beyond alarms come on top.`,
  ];
}

function dollarsText(dollars: number | undefined): string {
  return dollars === undefined ? "not in the price list" : dollars.toFixed(2);
}
