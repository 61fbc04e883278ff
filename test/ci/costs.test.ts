import { readFileSync } from "node:fs";
import { join } from "node:path";
import { costsText } from "../../ci/commands/costs";
import { type CostLine, estimate, total } from "../../ci/cost/estimate";
import { prices } from "../../ci/cost/prices";
import { environments } from "../../environments";
import { type Environment, environmentSchema } from "../../environments/environment";
import { variants } from "../support/variants";

const linesOf = (environment: unknown): CostLine[] => estimate(environmentSchema.parse(environment), prices);
const dollarsOf = (environment: unknown, part: string): number | undefined =>
  linesOf(environment).find((line) => line.part === part)?.dollars;

describe("each choice has its price", () => {
  const { dev, prod } = environments;
  const hours = prices.hoursPerMonth;

  test.each<[string, unknown, string, number]>([
    ["a database", dev, "database", 0.016 * hours],
    ["a standby", { ...prod, database: { instanceClass: "t4g.small", multiAz: true } }, "database", 0.065 * hours],
    ["a second generation", { ...dev, database: { otherGenerations: [2] } }, "database", 2 * 0.016 * hours],
    ["a task on Spot", dev, "tasks", hours * (0.25 * 0.03238 + 0.5 * 0.00356) * 0.35],
    ["two tasks on demand", prod, "tasks", 2 * hours * (0.25 * 0.03238 + 0.5 * 0.00356)],
    ["addresses of tasks", dev, "way out", 0.005 * hours],
    ["a NAT gateway", prod, "way out", 0.05 * hours + 20 * 0.045],
    [
      "a NAT gateway per zone",
      { ...prod, network: { ...prod.network, nat: { kind: "per-az" } } },
      "way out",
      2 * 0.05 * hours + 20 * 0.045,
    ],
    ["a NAT instance", environments.stage, "way out", 0.0042 * hours + 0.64 + 0.005 * hours],
    ["interface endpoints", variants, "interface endpoints", 12 * 0.01 * hours],
    ["secrets", dev, "secrets", 2 * 0.4],
    ["secrets, logins of two generations, and a key", variants, "secrets", 8 * 0.4 + 1],
  ])("%s", (_, environment, part, dollars) => {
    expect(dollarsOf(environment, part)).toBeCloseTo(dollars, 6);
  });

  test("what the price list does not have is said, and makes the sum unknown", () => {
    const lines = linesOf({ ...dev, database: { instanceClass: "r8g.large" } });
    expect(lines.find(({ part }) => part === "database")?.dollars).toBeUndefined();
    expect(total(lines)).toBeUndefined();
    expect(costsText({ dev: lines }).join("\n")).toContain("r8g.large: not in the price list");
  });
});

test("the README shows what the command prints", () => {
  const readme = readFileSync(join(__dirname, "../../README.md"), "utf8");
  const shown = /<!-- costs -->\n([\s\S]*?)<!-- \/costs -->/.exec(readme)?.[1] ?? "";
  const parsed = Object.entries(environments).map(
    ([name, written]) => [name, environmentSchema.parse(written)] as const,
  );
  const printed = costsText(
    Object.fromEntries(
      parsed.map(([name, environment]: readonly [string, Environment]) => [name, estimate(environment, prices)]),
    ),
  );
  expect(normal(shown)).toBe(normal(printed.join("\n")));
});

/** Markdown without the padding of tables. */
function normal(text: string): string {
  return text.trim().replace(/ +/g, " ").replace(/-+/g, "-");
}
