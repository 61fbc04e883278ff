import type { AlarmWidget, DashboardBody, TextWidget, Widget } from "../../constructs/dashboard/widgets";
import { chart } from "./chart";
import { type Box, fitting, number, rectangle, styles, text, widthOf, wrapped } from "./svg";

/** Pixels of a column and of a row of the dashboard's grid, and between widgets. */
const column = 50;
const row = 34;
const gap = 8;

/**
 * A dashboard as CloudWatch would show it on a healthy day, drawn from its own body. The lines are invented and always the same;
 * everything else is what was deployed.
 *
 * @param nameOf what an alarm is called, by what stands for it in the body
 */
export function dashboardPicture({ widgets }: DashboardBody, nameOf: (alarmArn: string) => string): string {
  const width = 24 * column + gap;
  const height = Math.max(...widgets.map((widget) => widget.y + widget.height)) * row + gap;
  const drawn = widgets.flatMap((widget) => draw(widget, nameOf));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="The dashboard of an environment">`,
    styles,
    rectangle({ x: 0, y: 0, width, height }, "page"),
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

function draw(widget: Widget, nameOf: (alarmArn: string) => string): string[] {
  const box: Box = {
    x: widget.x * column + gap,
    y: widget.y * row + gap,
    width: widget.width * column - gap,
    height: widget.height * row - gap,
  };
  if (widget.type === "text") return textWidget(widget.properties, box);
  if (widget.type === "alarm") return alarmWidget(widget.properties, box, nameOf);
  return chart(widget.properties, box);
}

function textWidget({ markdown, background }: TextWidget["properties"], box: Box): string[] {
  const ground = background === "transparent" ? [] : [rectangle(box, "card", 4)];
  let y = box.y;
  const lines = markdown
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const [, marks, heading] = /^(#+) (.*)$/.exec(line) ?? [];
      if (heading !== undefined && marks !== undefined) {
        y += marks.length === 1 ? 30 : 20;
        return [text(box.x + 12, y, marks.length === 1 ? "h1" : "h2", heading)];
      }
      if (/^\[/.test(line)) {
        y += 22;
        return links(line, box.x + 12, y);
      }
      return wrapped(line.replaceAll("`", ""), box.width - 24, 13).map((part) => {
        y += 20;
        return text(box.x + 12, y, "text", part);
      });
    });
  return [...ground, ...lines];
}

/** Links side by side, by their text. */
function links(line: string, left: number, y: number): string[] {
  let x = left;
  return [...line.matchAll(/\[([^\]]*)\]/g)].map(([, label = ""]) => {
    const at = x;
    x += widthOf(label, 13) + 18;
    return text(at, y, "link", label);
  });
}

/** Alarms as tiles, as many side by side as the widget counts on. */
function alarmWidget(
  { title, alarms }: AlarmWidget["properties"],
  box: Box,
  nameOf: (arn: string) => string,
): string[] {
  const perRow = 6;
  const tile = { width: (box.width - 24) / perRow, height: row };
  const names = alarms.map(nameOf).sort();
  return [
    rectangle(box, "card", 4),
    text(box.x + 12, box.y + 20, "title", title),
    ...names.flatMap((name, index) => {
      const x = box.x + 12 + (index % perRow) * tile.width;
      const y = box.y + 26 + Math.floor(index / perRow) * tile.height;
      return [
        `<circle cx="${number(x + 6)}" cy="${number(y + 13)}" r="5" class="ok"/>`,
        text(x + 17, y + 17, "small", fitting(name, tile.width - 22, 11)),
      ];
    }),
  ];
}
