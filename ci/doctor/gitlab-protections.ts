import * as z from "zod";
import { commandText, type PipelineHost } from "../pipelines/hosts";
import { advice, type Finding, right, wrong } from "./finding";
import { type AskHost, json } from "./host-question";

/** GitLab's number of the role; whoever has it may push to every branch that is not protected. */
const developer = 30;

const levels = z.array(z.object({ access_level: z.number().nullable() }));
const branches = json(z.array(z.object({ name: z.string(), push_access_levels: levels })));
const tags = json(z.array(z.object({ name: z.string(), create_access_levels: levels })));

const hasDevelopers = (some: z.infer<typeof levels>): boolean =>
  some.some(({ access_level: level }) => level === developer);

export async function gitlabBranch(host: PipelineHost, ask: AskHost): Promise<readonly Finding[]> {
  const { topic, place, page, api } = host;
  const all = await ask(["api", `${api}/protected_branches?per_page=100`], branches);
  const its = all.filter(({ name }) => matches(name, "main"));
  if (its.length === 0) {
    const args = ["api", "-X", "POST", `${api}/protected_branches`];
    const levelsOf = ["-f", "name=main", "-f", "push_access_level=0", "-f", "merge_access_level=40"];
    const says = `main of ${place} is not protected: whoever may push deploys`;
    return [wrong(topic, says, commandText(host, [...args, ...levelsOf]))];
  }
  // the most generous of them counts
  return its.some(({ push_access_levels: some }) => hasDevelopers(some))
    ? [
        advice(
          topic,
          `every Developer of ${place} may push to main, without a request`,
          `let nobody push at ${page}/-/settings/repository, Protected branches, unless all of them may deploy`,
        ),
      ]
    : [right(topic, `main of ${place} is protected`)];
}

export async function gitlabTags(host: PipelineHost, ask: AskHost): Promise<readonly Finding[]> {
  const { topic, place, page, api } = host;
  const all = await ask(["api", `${api}/protected_tags?per_page=100`], tags);
  // `v1*` leaves v2 to everybody
  if (!all.some(({ name }) => name === "v*" || name === "*")) {
    const args = ["api", "-X", "POST", `${api}/protected_tags`, "-f", "name=v*", "-f", "create_access_level=40"];
    const says = `the tags v* of ${place} are not protected: whoever may push deploys production`;
    return [wrong(topic, says, commandText(host, args))];
  }
  return all.some(({ name, create_access_levels: some }) => isOfVersions(name) && hasDevelopers(some))
    ? [
        advice(
          topic,
          `every Developer of ${place} may make tags v*`,
          `let only Maintainers at ${page}/-/settings/repository, Protected tags, unless all of them may deploy production`,
        ),
      ]
    : [right(topic, `the tags v* of ${place} are protected`)];
}

/** Whether GitLab protects `ref` by a name with stars, which stand for slashes too. */
function matches(name: string, ref: string): boolean {
  const parts = name.split("*").map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(ref);
}

/** Whether a name is of some tag that the roles of production trust. */
function isOfVersions(name: string): boolean {
  return name.startsWith("v") || name.startsWith("*");
}
