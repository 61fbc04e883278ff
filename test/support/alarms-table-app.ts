import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environments, project } from "./shipped";
import { triedAlarms } from "./alarm-table";
import { alarmsTable } from "./alarms-table-text";
import { stacksOf } from "./build-stacks";
import { project as variantsProject, variants } from "./variants";

// an entry of its own, for a person who changed an alarm: puts the new table into docs/alarms.md
const page = join(__dirname, "../../docs/alarms.md");
const everyStack = {
  ...stacksOf({ project, environments }),
  ...stacksOf({ project: variantsProject, environments: { variants } }),
};
const table = alarmsTable(triedAlarms(everyStack)).join("\n");
writeFileSync(
  page,
  readFileSync(page, "utf8").replace(
    /<!-- alarms -->[\s\S]*<!-- \/alarms -->/,
    () => `<!-- alarms -->\n\n${table}\n\n<!-- /alarms -->`,
  ),
);
