import { stripVTControlCharacters } from "node:util";
import { countsText, lossText } from "../terraform/plan-summary";
import { allowLabel } from "./host";
import { lossesOf, type PlanOfStack, type PlanResult } from "./plans";

/** GitHub refuses a comment that is longer than 65,536 characters, GitLab one of a million. */
const mostCharacters = 60_000;

/** First line of the one comment that is updated. */
export const planMarker = "<!-- slipway: plans -->";

/** The plans of a change, as Markdown. */
export function planComment(plans: readonly PlanOfStack[], commit: string): string {
  const lossy = plans.some(({ result }) => result !== undefined && result.losses.length > 0);
  const lines = [
    `### Plans of \`${commit.slice(0, 12)}\``,
    "",
    "| stack | create | change | replace | delete |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...plans.map(({ stack, result }) =>
      result === undefined
        ? `| ${stack} | no plan: see its job | | | |`
        : `| ${stack} | ${result.counts.create} | ${result.counts.update} | ${result.counts.replace} | ${result.counts.delete} |`,
    ),
    "",
    ...(lossy
      ? [
          `**Data is lost.** This is blocked until the change has the label \`${allowLabel}\`:`,
          "",
          ...plans.flatMap(({ stack, result }) => (result === undefined ? [] : lossLines(stack, result))),
          "",
        ]
      : []),
  ];
  return appended(lines.join("\n"), plans.map(detailsOf));
}

/** One line for each loss: what is destroyed, what goes with it, what forces it. */
export function lossLines(stack: string, result: PlanResult): string[] {
  return lossesOf(result).map((loss) => `- ${stack}: ${stripVTControlCharacters(lossText(loss))}`);
}

/** The drift of all environments, as Markdown; none when nothing has drifted and everything could be planned. */
export function driftText(plans: readonly PlanOfStack[], run: string | undefined): string | undefined {
  const drifted = plans.filter(({ result }) => result === undefined || result.changes);
  if (drifted.length === 0) return undefined;
  const lines = [
    "What runs differs from the code that was deployed: somebody has changed it by hand, or a deploy has not ended.",
    "",
    ...drifted.map(({ stack, result }) =>
      result === undefined ? `- **${stack}**: no plan could be made` : `- **${stack}**: ${countsText(result.counts)}`,
    ),
    "",
    "Deploy again to set it back, or take the change into the code. This issue closes itself when nothing differs any more.",
    ...(run === undefined ? [] : ["", `Seen by ${run}`]),
    "",
  ];
  return appended(lines.join("\n"), drifted.map(detailsOf));
}

/** First line of the one issue of drift. */
export const driftMarker = "<!-- slipway: drift -->";

function detailsOf({ stack, result }: PlanOfStack): string {
  if (result === undefined || result.resources.length === 0) return "";
  const rows = result.resources.map(
    ({ action, address, attributes }) => `| ${action} | \`${address}\` | ${attributes.join(", ")} |`,
  );
  return [
    "",
    `<details><summary>${stack}: ${countsText(result.counts)}</summary>`,
    "",
    "| action | resource | attributes |",
    "| --- | --- | --- |",
    ...rows,
    "",
    "</details>",
    "",
  ].join("\n");
}

/** As many of the parts as fit, whole: half a table is worse than none. */
function appended(text: string, parts: readonly string[]): string {
  let whole = text;
  for (const part of parts) {
    if (whole.length + part.length > mostCharacters)
      return `${whole}\nThe rest is too long to be shown: see the job.\n`;
    whole += part;
  }
  return whole;
}
