import { askHost } from "../../ci/doctor/host-question";
import type { Finding } from "../../ci/doctor/finding";
import { guardedOf, type Guarded, lookAtProtections } from "../../ci/doctor/protections";
import { pipelineHosts } from "../../ci/pipelines/hosts";
import type { Project } from "../../environments/project-schema";

const pipelines: Project["pipelines"] = {
  github: {
    ...{ owner: "acme", ownerId: "11", repository: "shop", repositoryId: "22" },
    ...{ environments: true, legacySubject: false },
  },
  gitlab: { host: "git.example.org", project: "acme/shop" },
};

/** What a host says to a path: a value, or an error of its program. */
type Answers = Readonly<Record<string, object | string>>;

async function look(topic: "github" | "gitlab", guarded: readonly Guarded[], answers: Answers): Promise<string[]> {
  const host = pipelineHosts({ pipelines }).find((one) => one.topic === topic);
  if (host === undefined) throw new Error(`no ${topic}`);
  const ask = askHost(host, ([, path = ""]) => {
    const answer = answers[path] ?? `gh: Not Found (HTTP 404): ${path}`;
    return Promise.resolve(
      typeof answer === "string"
        ? { code: 1, stdout: '{"message":"no"}', stderr: `hint\n${answer}\n` }
        : { code: 0, stdout: JSON.stringify(answer), stderr: "" },
    );
  });
  return (await lookAtProtections(host, guarded, ask)).map(
    ({ state, topic: its, says, fix }: Finding) => `${state} ${its}: ${says}${fix === undefined ? "" : ` > ${fix}`}`,
  );
}

test("what a stack relies on: main where pipelines deploy it, and the tags in production", () => {
  expect(guardedOf({ deploys: true, production: false })).toEqual(["main"]);
  expect(guardedOf({ deploys: true, production: true })).toEqual(["main", "tags"]);
  expect(guardedOf({ deploys: false, production: true })).toEqual([]);
});

describe("main on GitHub", () => {
  const rulesPath = "repos/acme/shop/rules/branches/main?per_page=100";
  const branchPath = "repos/acme/shop/branches/main";
  const main = (rules: object | string, branch: object | string = "gh: unexpected (HTTP 500)"): Promise<string[]> =>
    look("github", ["main"], { [rulesPath]: rules, [branchPath]: branch });
  const page = "https://github.com/acme/shop/settings";
  const fix = `make a ruleset for main at ${page}/rules: require a pull request, and of status checks check, image-scan and gate`;
  const open = { protected: true, protection: { enabled: false } };

  test.each(["pull_request", "update", "merge_queue", "required_status_checks"])(
    "is protected by an active rule %s",
    async (type) => {
      expect(await main([{ type: "deletion" }, { type, parameters: {} }])).toEqual([
        "right github: main of acme/shop is protected",
      ]);
    },
  );

  test.each([
    ["as the field of today says", { protected: true, protection: { enabled: true } }],
    ["as the older field says alone", { protected: true }],
  ])("is protected by a classic rule, %s", async (_, branch) => {
    expect(await main([], branch)).toEqual([
      `right github: main of acme/shop is protected, by a classic rule: ${page}/branches`,
    ]);
  });

  test.each([
    ["has neither", { protected: false, protection: { enabled: false } }],
    ["has neither, as the older field says alone", { protected: false }],
    ["is not there yet", "gh: Branch not found (HTTP 404)"],
  ])("is not protected where it %s", async (_, branch) => {
    expect(await main([], branch)).toEqual([
      `wrong github: main of acme/shop is not protected: whoever may push deploys > ${fix}`,
    ]);
  });

  test("is not protected by rules that let every push in, which GitHub calls protected", async () => {
    expect(await main([{ type: "deletion" }, { type: "non_fast_forward" }, { type: "deletion" }], open)).toEqual([
      `wrong github: main of acme/shop has only the rules deletion, non_fast_forward: whoever may push deploys > ${fix}`,
    ]);
  });

  test("that GitHub does not show is told", async () => {
    expect(await main([], "gh: Server Error (HTTP 502)")).toEqual([
      'advice github: what protects acme/shop could not be looked at: gh says "gh: Server Error (HTTP 502)" > log in as somebody who may see its settings, or look yourself: docs/pipelines.md, Set up',
    ]);
    expect(await main({ message: "no list" })).toEqual([
      expect.stringContaining(`gh says "something else than gh api ${rulesPath} should say"`),
    ]);
  });
});

test("a private repository of GitHub's free plan is told once what that means", async () => {
  const refusal = "gh: Upgrade to GitHub Pro or make this repository public to enable this feature. (HTTP 403)";
  const answers = {
    "repos/acme/shop/rules/branches/main?per_page=100": refusal,
    "repos/acme/shop/rulesets?includes_parents=true&targets=tag&per_page=100": refusal,
  };
  expect(await look("github", ["main", "tags"], answers)).toEqual([
    "advice github: GitHub's free plan protects nothing in acme/shop, which is private: whoever may push may deploy production, and gate and approval are a convention > take a plan with rulesets or make it public; until then let only those push who may deploy production",
  ]);
});

describe("tags v* on GitHub", () => {
  interface Ruleset {
    readonly include?: readonly string[];
    readonly exclude?: readonly string[];
    readonly rules?: readonly string[];
    readonly target?: string;
    readonly enforcement?: string;
  }
  const every = ["creation", "update", "deletion"];
  function tags(...rulesets: readonly Ruleset[]): Promise<string[]> {
    const list = rulesets.map(({ target = "tag", enforcement = "active" }, id) => ({ id, target, enforcement }));
    const each = rulesets.map(({ include = ["~ALL"], exclude = [], rules = every }, id) => [
      `repos/acme/shop/rulesets/${id}`,
      { id, conditions: { ref_name: { include, exclude } }, rules: rules.map((type) => ({ type })) },
    ]);
    return look("github", ["tags"], {
      "repos/acme/shop/rulesets?includes_parents=true&targets=tag&per_page=100": list,
      ...(Object.fromEntries(each) as Answers),
    });
  }
  const right = ["right github: the tags v* of acme/shop are protected"];
  const may = (verbs: string): string[] => [
    `wrong github: whoever may push to acme/shop may ${verbs} tags v*, which production trusts > make a ruleset for the tags v* at https://github.com/acme/shop/settings/rules, which restricts creations, updates and deletions to those who may deploy production`,
  ];

  test.each<readonly string[][]>([
    [["~ALL"]],
    [["refs/tags/v*"]],
    [["refs/tags/x", "refs/tags/*"]],
    [["refs/tags/**/*"]],
  ])("are protected by a ruleset for %j", async (include) => {
    expect(await tags({ include })).toEqual(right);
  });

  test("are protected by rulesets that do it together", async () => {
    const include = ["refs/tags/v*"];
    expect(await tags({ rules: ["creation"] }, { include, rules: ["update", "deletion"] })).toEqual(right);
  });

  test.each<[string, Ruleset[], string]>([
    ["there is no ruleset", [], "make, move, delete"],
    ["the ruleset is only tried", [{ enforcement: "evaluate" }], "make, move, delete"],
    ["the ruleset is of branches", [{ target: "branch" }], "make, move, delete"],
    ["the ruleset is of some versions", [{ include: ["refs/tags/v1*"] }], "make, move, delete"],
    ["the ruleset forbids only to make them", [{ rules: ["creation"] }], "move, delete"],
    ["the ruleset lets make them", [{ rules: ["update", "deletion", "required_signatures"] }], "make"],
    ["the ruleset leaves some versions out", [{ exclude: ["refs/tags/v0*"] }], "make, move, delete"],
    ["the ruleset leaves some out that may be versions", [{ exclude: ["refs/tags/*-rc"] }], "make, move, delete"],
    ["the ruleset leaves all out", [{ exclude: ["~ALL"] }], "make, move, delete"],
  ])("are not protected where %s", async (_, rulesets, verbs) => {
    expect(await tags(...rulesets)).toEqual(may(verbs));
  });

  test("are protected by a ruleset that leaves out what is no version", async () => {
    expect(await tags({ exclude: ["refs/tags/nightly*", "refs/tags/latest"] })).toEqual(right);
  });

  test("are not protected by a ruleset that names no refs", async () => {
    const answers = {
      "repos/acme/shop/rulesets?includes_parents=true&targets=tag&per_page=100": [
        { id: 7, target: "tag", enforcement: "active" },
      ],
      "repos/acme/shop/rulesets/7": { id: 7, conditions: null },
    };
    expect(await look("github", ["tags"], answers)).toEqual(may("make, move, delete"));
  });
});

describe("GitLab", () => {
  const setting = "ci_allow_fork_pipelines_to_run_in_parent_project";
  const level = (...some: (number | null)[]): object[] => some.map((one) => ({ access_level: one }));
  const branch = (name: string, ...some: (number | null)[]): object => ({ name, push_access_levels: level(...some) });
  const tag = (name: string, ...some: (number | null)[]): object => ({ name, create_access_levels: level(...some) });
  const all: Answers = {
    "projects/acme%2Fshop": { id: 5, [setting]: false },
    "projects/acme%2Fshop/protected_branches?per_page=100": [branch("main", 40)],
    "projects/acme%2Fshop/protected_tags?per_page=100": [tag("v*", 40)],
  };
  const gitlab = async (changed: Answers): Promise<string[]> =>
    (await look("gitlab", ["main", "tags"], { ...all, ...changed })).filter((text) => !text.startsWith("right"));
  const branches = (...some: object[]): Promise<string[]> =>
    gitlab({ "projects/acme%2Fshop/protected_branches?per_page=100": some });
  const tags = (...some: object[]): Promise<string[]> =>
    gitlab({ "projects/acme%2Fshop/protected_tags?per_page=100": some });
  const refuse = `GITLAB_HOST=git.example.org glab api -X PUT projects/acme%2Fshop -f ${setting}=false`;

  test("that protects everything", async () => {
    expect(await look("gitlab", ["main", "tags"], all)).toEqual([
      "right gitlab: main of acme/shop is protected",
      "right gitlab: the tags v* of acme/shop are protected",
      "right gitlab: pipelines of forks stay out of acme/shop",
    ]);
  });

  test.each(["main", "*", "ma*", "m*n"])("protects main by the name %s", async (name) => {
    expect(await branches(branch("v1", 40), branch(name, 0, null))).toEqual([]);
  });

  test.each([[[]], [["mai", "main2", "release/*", "m.in"]]])("does not protect main by the names %j", async (names) => {
    expect(await branches(...names.map((name) => branch(name, 40)))).toEqual([
      "wrong gitlab: main of acme/shop is not protected: whoever may push deploys > GITLAB_HOST=git.example.org glab api -X POST projects/acme%2Fshop/protected_branches -f name=main -f push_access_level=0 -f merge_access_level=40",
    ]);
  });

  test("lets Developers push to main, by the most generous name", async () => {
    expect(await branches(branch("main", 40), branch("*", 30))).toEqual([
      "advice gitlab: every Developer of acme/shop may push to main, without a request > let nobody push at https://git.example.org/acme/shop/-/settings/repository, Protected branches, unless all of them may deploy",
    ]);
    expect(await branches(branch("main", 40), branch("wip", 30))).toEqual([]);
  });

  test.each(["v*", "*"])("protects versions by the name %s", async (name) => {
    expect(await tags(tag("latest", 30), tag(name, 40))).toEqual([]);
  });

  test.each([[[]], [["v1*", "release-*"]]])("does not protect versions by the names %j", async (names) => {
    expect(await tags(...names.map((name) => tag(name, 40)))).toEqual([
      "wrong gitlab: the tags v* of acme/shop are not protected: whoever may push deploys production > GITLAB_HOST=git.example.org glab api -X POST projects/acme%2Fshop/protected_tags -f 'name=v*' -f create_access_level=40",
    ]);
  });

  test.each(["v*", "v0*", "*-rc"])("lets Developers make versions by the name %s", async (name) => {
    expect(await tags(tag("*", 40), tag(name, 40, 30))).toEqual([
      "advice gitlab: every Developer of acme/shop may make tags v* > let only Maintainers at https://git.example.org/acme/shop/-/settings/repository, Protected tags, unless all of them may deploy production",
    ]);
  });

  test("runs pipelines of forks, for whatever stack", async () => {
    expect(await look("gitlab", [], { "projects/acme%2Fshop": { [setting]: true } })).toEqual([
      `wrong gitlab: pipelines of forks run in acme/shop, and a fork's branch may be called main > ${refuse}`,
    ]);
  });

  test("does not show to everybody whether it runs pipelines of forks", async () => {
    expect(await gitlab({ "projects/acme%2Fshop": { id: 5 } })).toEqual([
      `advice gitlab: this login does not see whether pipelines of forks run in acme/shop > ask a maintainer to run it: ${refuse}`,
    ]);
  });

  test("that refuses one question still answers the others", async () => {
    const answers = { ...all, "projects/acme%2Fshop/protected_tags?per_page=100": "glab: 403 Forbidden (HTTP 403)" };
    expect(await look("gitlab", ["main", "tags"], answers)).toEqual([
      "right gitlab: main of acme/shop is protected",
      'advice gitlab: what protects acme/shop could not be looked at: glab says "glab: 403 Forbidden (HTTP 403)" > log in as somebody who may see its settings, or look yourself: docs/pipelines.md, Set up',
      "right gitlab: pipelines of forks stay out of acme/shop",
    ]);
  });
});
