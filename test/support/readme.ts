import { readFileSync } from "node:fs";
import path from "node:path";

const readme = readFileSync(path.join(__dirname, "../..", "README.md"), "utf8");

/** The cells of the README's table between two marks. */
export function readmeTable(mark: string): string[][] {
  const [, block = ""] = readme.split(new RegExp(`<!-- /?${mark} -->`));
  return tableRows(block);
}

/** The cells of a table in Markdown. */
export function tableRows(block: string): string[][] {
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
