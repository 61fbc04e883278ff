import { readFileSync } from "node:fs";
import path from "node:path";
import { iotTable } from "./support/iot-policy-table";
import { tableCounts } from "./system/support/broker-table";

const readme = readFileSync(path.join(__dirname, "..", "README.md"), "utf8");

/** The cells of the table between two marks. */
function tableOf(mark: string): string[][] {
  const [, block = ""] = readme.split(new RegExp(`<!-- /?${mark} -->`));
  return block
    .split("\n")
    .filter((line) => line.startsWith("|") && !line.startsWith("| -"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

test("the README says how many uses of topics are tried", () => {
  const row = (tried: string, { all, allowed }: { readonly all: number; readonly allowed: number }): string[] => [
    tried,
    String(all),
    String(allowed),
    String(all - allowed),
  ];
  const { publish, subscribe, connect } = tableCounts;
  expect(tableOf("topics")).toEqual([
    ["tried", "in all", "allowed", "refused"],
    row("AWS IoT: connect, publish, subscribe, receive", {
      all: iotTable.length,
      allowed: iotTable.filter(({ allowed }) => allowed).length,
    }),
    row("ActiveMQ: publish", publish),
    row("ActiveMQ: subscribe", subscribe),
    row("ActiveMQ: connect", connect),
  ]);
});
