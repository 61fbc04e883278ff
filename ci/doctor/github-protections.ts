import * as z from "zod";
import type { PipelineHost } from "../pipelines/hosts";
import { advice, type Finding, right, wrong } from "./finding";
import { type AskHost, HostRefusal, json } from "./host-question";

/** Rules that hold back a push which nobody has looked at; others keep a branch from being deleted, or its history from being rewritten. */
const holdingBack = ["pull_request", "update", "merge_queue", "required_status_checks"];

/** What a ruleset can forbid about a tag, and what that is called. */
const tagRules = { creation: "make", update: "move", deletion: "delete" } as const;

/** Patterns of rulesets that mean every tag `v*`. A star stands for no slash there, and production trusts no tag that has one. */
const everyVersion = [
  ...["~ALL", "refs/**/*", "refs/tags/**/*"],
  ...["refs/tags/v*", "refs/tags/v**", "refs/tags/*", "refs/tags/**"],
];

const rules = z.array(z.object({ type: z.string() }));
const branch = z.object({ protected: z.boolean(), protection: z.object({ enabled: z.boolean() }).optional() });
const listed = z.array(z.object({ id: z.number(), target: z.string().optional(), enforcement: z.string() }));
const refNames = z.object({ include: z.array(z.string()), exclude: z.array(z.string()) });
const ruleset = z.object({
  conditions: z.object({ ref_name: refNames.optional() }).nullish(),
  rules: rules.optional(),
});
type Ruleset = z.infer<typeof ruleset>;

export async function githubBranch(host: PipelineHost, ask: AskHost): Promise<readonly Finding[]> {
  return unlessFree(host, async () => {
    const { topic, place, page, api } = host;
    const active = await ask(["api", `${api}/rules/branches/main?per_page=100`], json(rules));
    const types = [...new Set(active.map(({ type }) => type))];
    if (types.some((type) => holdingBack.includes(type))) return [right(topic, `main of ${place} is protected`)];
    if (await isClassic(api, ask)) {
      return [right(topic, `main of ${place} is protected, by a classic rule: ${page}/settings/branches`)];
    }
    const because = types.length === 0 ? "is not protected" : `has only the rules ${types.join(", ")}`;
    const fix = `make a ruleset for main at ${page}/settings/rules: require a pull request, and of status checks check, image-scan and gate`;
    return [wrong(topic, `main of ${place} ${because}: whoever may push deploys`, fix)];
  });
}

export async function githubTags(host: PipelineHost, ask: AskHost): Promise<readonly Finding[]> {
  return unlessFree(host, async () => {
    const { topic, place, page, api } = host;
    const all = await ask(["api", `${api}/rulesets?includes_parents=true&targets=tag&per_page=100`], json(listed));
    const ids = all
      .filter(({ target, enforcement }) => target === "tag" && enforcement === "active")
      .map(({ id }) => id);
    const rulesets = await Promise.all(ids.map((id) => ask(["api", `${api}/rulesets/${id}`], json(ruleset))));
    const verbs = whatAnybodyMay(rulesets);
    if (verbs.length === 0) return [right(topic, `the tags v* of ${place} are protected`)];
    const fix = `make a ruleset for the tags v* at ${page}/settings/rules, which restricts creations, updates and deletions to those who may deploy production`;
    return [wrong(topic, `whoever may push to ${place} may ${verbs.join(", ")} tags v*, which production trusts`, fix)];
  });
}

/** What no ruleset keeps from those who may push. */
function whatAnybodyMay(rulesets: readonly Ruleset[]): string[] {
  const its = rulesets.filter(({ conditions }) => {
    const { include = [], exclude = [] } = conditions?.ref_name ?? {};
    return include.some((pattern) => everyVersion.includes(pattern)) && !exclude.some(leavesVersionsOut);
  });
  return Object.entries(tagRules)
    .filter(([rule]) => !its.some(({ rules: some = [] }) => some.some(({ type }) => type === rule)))
    .map(([, verb]) => verb);
}

/** Whether a pattern may be of a tag `v*`: by what it has before its first wildcard. */
function leavesVersionsOut(pattern: string): boolean {
  const [start = ""] = pattern.split(/[*?[]/);
  const versions = "refs/tags/v";
  return pattern === "~ALL" || start.startsWith(versions) || (start !== pattern && versions.startsWith(start));
}

/** `protected` alone is true with any ruleset. */
async function isClassic(api: string, ask: AskHost): Promise<boolean> {
  try {
    const { protected: isProtected, protection } = await ask(["api", `${api}/branches/main`], json(branch));
    return protection?.enabled ?? isProtected;
  } catch (error) {
    // the repository has shown its rules: it is the branch that is not there yet
    if (error instanceof HostRefusal && error.message.includes("HTTP 404")) return false;
    throw error;
  }
}

/** The findings of `look`; a private repository of a free plan has no rules at all. */
async function unlessFree(
  { topic, place }: PipelineHost,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof HostRefusal && /upgrade to github .*make this repository public/i.test(error.message))) {
      throw error;
    }
    return [
      advice(
        topic,
        `GitHub's free plan protects nothing in ${place}, which is private: whoever may push may deploy production, and gate and approval are a convention`,
        "take a plan with rulesets or make it public; until then let only those push who may deploy production",
      ),
    ];
  }
}
