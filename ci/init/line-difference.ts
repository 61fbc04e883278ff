/** The lines that go (`- `) and come (`+ `) between two texts, in their order; lines that stay are left out. */
export function lineDifference(before: string, after: string): string[] {
  const old = before.split("\n");
  const now = after.split("\n");
  // longest common subsequence: common[i][j] is its length from line i and line j on
  const common = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      const row = common[i];
      if (row !== undefined) row[j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: string[] = [];
  for (let i = 0, j = 0; i < old.length || j < now.length;) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      i++;
      j++;
    } else if (i < old.length && (j === now.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(`- ${old[i++] ?? ""}`);
    } else {
      lines.push(`+ ${now[j++] ?? ""}`);
    }
  }
  return lines;
}
