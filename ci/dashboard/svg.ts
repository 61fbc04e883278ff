/** Pieces of SVG, as text; numbers have no more digits than a screen has pixels. */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Average width of a character, in parts of the font's size. */
const characterWidth = 0.6;

export function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

export function text(x: number, y: number, style: string, content: string): string {
  return `<text x="${number(x)}" y="${number(y)}" class="${style}">${escaped(content)}</text>`;
}

export function rectangle({ x, y, width, height }: Box, style: string, radius = 0): string {
  const corners = radius === 0 ? "" : ` rx="${radius}"`;
  return `<rect x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}"${corners} class="${style}"/>`;
}

export function widthOf(content: string, size: number): number {
  return content.length * size * characterWidth;
}

/** As much of a text as fits. */
export function fitting(content: string, width: number, size: number): string {
  const most = Math.floor(width / (size * characterWidth));
  return content.length <= most ? content : `${content.slice(0, Math.max(1, most - 1)).trimEnd()}…`;
}

/** Words in lines that fit. */
export function wrapped(content: string, width: number, size: number): string[] {
  const lines: string[] = [];
  for (const word of content.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && widthOf(`${line} ${word}`, size) <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/**
 * Colours and fonts. The picture brings its own ground, so that it is readable wherever it is shown, and a dark one where the
 * reader prefers that.
 */
export const styles = `<style>
text { font-family: "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; fill: #16191f; }
.page { fill: #eef0f2; } .card { fill: #ffffff; stroke: #d5dbdb; } .ok { fill: #1d8102; }
.h1 { font-size: 24px; font-weight: bold; } .h2 { font-size: 17px; font-weight: bold; } .title { font-size: 13px; font-weight: bold; }
.text { font-size: 13px; } .small { font-size: 11px; } .axis { font-size: 10px; fill: #545b64; } .link { font-size: 13px; fill: #0073bb; }
.grid { stroke: #e3e6e8; stroke-width: 1; } .threshold { stroke: #d62728; stroke-width: 1.5; stroke-dasharray: 6 3; }
.danger { fill: #d62728; opacity: 0.08; } .limit { font-size: 10px; fill: #b01d1e; } .line { fill: none; stroke-width: 1.6; }
@media (prefers-color-scheme: dark) {
text { fill: #e6e9ec; } .page { fill: #10151c; } .card { fill: #1a222d; stroke: #39434f; } .ok { fill: #3fb950; } .axis { fill: #a3adb8; }
.link { fill: #58a6ff; } .grid { stroke: #2b3440; } .threshold { stroke: #ff6b6b; } .danger { fill: #ff6b6b; opacity: 0.12; } .limit { fill: #ff8f8f; }
}
</style>`;
