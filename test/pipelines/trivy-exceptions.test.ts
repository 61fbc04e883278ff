import { textOf } from "./support/files";

/** What is wrong with a list of exceptions for trivy. */
function problemsIn(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.flatMap((line, i) => {
    if (line === "" || line.startsWith("#")) return [];
    const problems: string[] = [];
    if (!/^[A-Z]+-[\w-]+ exp:\d{4}-\d{2}-\d{2}$/.test(line))
      problems.push(`${line}: must be <id> exp:<year-month-day>`);
    if (!/^# \S.{19,}/.test(lines[i - 1] ?? "")) problems.push(`${line}: has no reason in the line above it`);
    return problems;
  });
}

test("every vulnerability that the scan leaves out has a reason and an end", () => {
  expect(problemsIn(textOf("ci/data/trivy-exceptions.txt"))).toEqual([]);
});

test("the scan is given the list", () => {
  const script = textOf("ci/pipelines/scan-image.sh");
  expect(script).toContain("data/trivy-exceptions.txt");
  expect(script).toContain("--ignorefile");
});

test.each([
  ["# the parser is never given what others have written\nCVE-2026-1234 exp:2027-01-31", []],
  ["\nCVE-2026-1234 exp:2027-01-31", ["CVE-2026-1234 exp:2027-01-31: has no reason in the line above it"]],
  [
    "# the parser is never given what others have written\nCVE-2026-1234",
    ["CVE-2026-1234: must be <id> exp:<year-month-day>"],
  ],
  [
    "# one reason for two vulnerabilities is none for the second\nCVE-2026-1 exp:2027-01-31\nCVE-2026-2 exp:2027-01-31",
    ["CVE-2026-2 exp:2027-01-31: has no reason in the line above it"],
  ],
])("%j", (text, problems) => {
  expect(problemsIn(text)).toEqual(problems);
});
