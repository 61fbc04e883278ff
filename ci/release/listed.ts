/** Texts as a list below a sentence, a line each. */
export function listed(texts: readonly string[]): string {
  return texts.map((text) => `  - ${text}`).join("\n");
}
