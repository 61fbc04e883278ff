import { readFileSync } from "node:fs";
import { join } from "node:path";
import { costsText } from "../../ci/commands/costs";
import { countedOf } from "../../ci/cost/counted";
import { type CostLine, type Counted, estimate, total } from "../../ci/cost/estimate";
import { prices } from "../../ci/cost/prices";
import { environments } from "../support/shipped";
import { environmentSchema } from "../../environments/environment";
import { everyStack } from "../support/stacks";
import { variants } from "../support/variants";

const counted: Counted = { alarms: 3, keys: 1, secrets: 4 };
const linesOf = (environment: unknown): CostLine[] => estimate(environmentSchema.parse(environment), counted, prices);
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
    ["secrets and keys", dev, "secrets, keys", 4 * 0.4 + 1],
    ["alarms", dev, "alarms", 3 * 0.1],
    ["images", dev, "images", 5 * 0.023],
    ["IoT Core", dev, "broker", (100 * hours * (60 * 0.08 + 24)) / 1e6],
    ["a broker and its standby", variants, "broker", 2 * 0.288 * hours],
    [
      "a small broker",
      { ...dev, mqtt: { engine: "activemq", deployment: "single", instanceType: "mq.t3.micro" } },
      "broker",
      0.027 * hours,
    ],
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

test("what is paid by the piece is counted in the stack", () => {
  const { secrets, keys } = countedOf(everyStack["variants"]!.json);
  expect(secrets).toBeGreaterThanOrEqual(8);
  expect(keys).toBeGreaterThanOrEqual(1);
  const resource = {
    aws_db_instance: { a: { manage_master_user_password: true } },
    aws_cloudwatch_metric_alarm: {
      plain: { metric_name: "CPUUtilization" },
      computed: {
        metric_query: [
          { id: "a", metric: {} },
          { id: "b", metric: {} },
          { id: "r", expression: "a + b" },
        ],
      },
    },
  };
  expect(countedOf({ resource })).toEqual({ alarms: 3, keys: 0, secrets: 1 });
});

test("the README shows what the command prints", () => {
  const readme = readFileSync(join(__dirname, "../../README.md"), "utf8");
  const shown = /<!-- costs -->\n([\s\S]*?)<!-- \/costs -->/.exec(readme)?.[1] ?? "";
  const printed = costsText(
    Object.fromEntries(
      Object.entries(environments).map(([name, written]) => [
        name,
        estimate(environmentSchema.parse(written), countedOf(everyStack[name]!.json), prices),
      ]),
    ),
  );
  expect(normal(shown)).toBe(normal(printed.join("\n")));
});

/** Markdown without the padding of tables. */
function normal(text: string): string {
  return text.trim().replace(/ +/g, " ").replace(/-+/g, "-");
}
