import { readmeTable } from "../support/readme";
import { fromServices, untilServices } from "./scenarios/table";

test("the README says how many scenarios there are", () => {
  const counts = [...untilServices, ...fromServices].map(([about, scenarios]) => [about, scenarios.length] as const);
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  expect(readmeTable("scenarios")).toEqual([
    ["scenarios", ""],
    ...counts.map(([about, count]) => [about, String(count)]),
    ["in all", String(all)],
  ]);
  expect(all).toBeGreaterThan(100);
});
