import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { countedOf } from "../cost/counted";
import { assumed, type CostLine, estimate, total } from "../cost/estimate";
import { prices } from "../cost/prices";
import { unknownName } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import type { Session } from "../session";
import { synthesizeInChild } from "../terraform/synthesize";

export interface CostsCommandOptions {
  readonly environments: readonly string[];
  readonly json: boolean;
}

/** `costs [environments...]`: what each costs in a month. Nothing is asked of AWS. */
export async function costsCommand(session: Session, { environments, json }: CostsCommandOptions): Promise<void> {
  const { report, configuration } = session;
  const known = Object.keys(configuration.environments);
  const names = environments.length > 0 ? environments : known;
  for (const name of names) {
    if (!known.includes(name)) throw new CommandError(unknownName("environment", name, known), exitCodes.usage);
  }
  const linesByName = await synthesized(session, names);
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

async function synthesized(
  { configuration, surroundings, interrupts, synthesize = synthesizeInChild }: Session,
  names: readonly string[],
): Promise<Record<string, readonly CostLine[]>> {
  const outdir = mkdtempSync(path.join(tmpdir(), "slipway-costs-"));
  try {
    const lines: Record<string, readonly CostLine[]> = {};
    const env = { ...surroundings.env, SLIPWAY_ENVIRONMENTS: names.join(",") };
    await synthesize({ root: surroundings.root, stack: names.join(","), outdir, env, interrupts });
    for (const name of names) {
      const environment = configuration.environments[name];
      if (environment === undefined) continue;
      const stack = readFileSync(path.join(outdir, "stacks", name, "cdk.tf.json"), "utf8");
      lines[name] = estimate(environment, countedOf(JSON.parse(stack) as Parameters<typeof countedOf>[0]), prices);
    }
    return lines;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
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
