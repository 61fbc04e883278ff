import { type Data, recordOf } from "./project-file";
import type { GithubWish, GitlabWish, Wishes } from "./wishes";

type Project = Readonly<Record<string, Data>>;

export interface Asking {
  /** Asks a person; an empty answer keeps what is. */
  readonly ask: (question: string) => Promise<string>;
  readonly tell: (line: string) => void;
  /** What is wrong with the project once these are fulfilled, one sentence each. */
  readonly problemsOf: (wishes: Wishes) => readonly string[];
  /** The project as it is. */
  readonly project: Project;
  readonly environments: readonly string[];
}

const none = "none";

/** Ask for everything that makes a fork one's own. An answer that makes the project wrong is said so, and asked for again. */
export async function askWishes(asking: Asking): Promise<Wishes> {
  const { project } = asking;
  let wishes: Wishes = { accounts: {} };
  const add = async (question: (so: Wishes) => Promise<Wishes>): Promise<void> => {
    wishes = await untilRight(asking, wishes, question);
  };
  await add(async (so) => ({ ...so, name: await answer(asking, "name of the project", textOf(project["name"])) }));
  await add(async (so) => ({ ...so, region: await answer(asking, "region", textOf(project["region"])) }));
  for (const environment of asking.environments) {
    const current = textOf(recordOf(project["accounts"])[environment]);
    await add(async (so) => withAccount(so, environment, await answer(asking, `account of ${environment}`, current)));
  }
  await add(async (so) =>
    withAccount(so, "registry", await answer(asking, "account of the images", imagesAccountOf(asking, so))),
  );
  await add(async (so) => ({ ...so, zone: await askZone(asking) }));
  await add(async (so) => ({ ...so, github: await askGithub(asking) }));
  await add(async (so) => ({ ...so, gitlab: await askGitlab(asking) }));
  await add(async (so) => ({ ...so, emails: await askEmails(asking) }));
  await add(async (so) => ({ ...so, ...(await askState(asking)) }));
  return wishes;
}

async function untilRight(
  { problemsOf, tell }: Asking,
  before: Wishes,
  question: (so: Wishes) => Promise<Wishes>,
): Promise<Wishes> {
  // what was wrong before is not this answer's doing
  const known = problemsOf(before);
  for (;;) {
    const wishes = await question(before);
    const problems = problemsOf(wishes).filter((problem) => !known.includes(problem));
    if (problems.length === 0) return wishes;
    for (const problem of problems) tell(problem);
  }
}

async function answer({ ask }: Asking, what: string, current: string): Promise<string> {
  const given = (await ask(`${what} [${current}]: `)).trim();
  return given === "" ? current : given;
}

function withAccount(wishes: Wishes, key: string, account: string): Wishes {
  return { ...wishes, accounts: { ...wishes.accounts, [key]: account } };
}

/** That of the environment whose account the images are in now. */
function imagesAccountOf({ project }: Asking, { accounts }: Wishes): string {
  const current = textOf(recordOf(project["registry"])["account"]);
  const [shared] = Object.entries(recordOf(project["accounts"]))
    .filter(([, account]) => account === current)
    .reverse();
  return (shared === undefined ? undefined : accounts[shared[0]]) ?? current;
}

async function askZone(asking: Asking): Promise<Wishes["zone"] & {}> {
  const current = recordOf(asking.project["publicZone"]);
  const id = await answer(asking, "id of the public hosted zone in Route 53, or none", textOf(current["id"], none));
  if (id === none) return none;
  return { id, name: await answer(asking, "its domain name", textOf(current["name"], "example.com")) };
}

async function askGithub(asking: Asking): Promise<GithubWish | "none"> {
  const current = recordOf(recordOf(asking.project["pipelines"])["github"]);
  const known = "owner" in current ? `${textOf(current["owner"])}/${textOf(current["repository"])}` : none;
  const place = await answer(asking, "repository on GitHub as <owner>/<repository>, or none", known);
  if (place === none) return none;
  const [owner = "", repository = ""] = place.split("/");
  asking.tell(`ids of both: gh api repos/${place} --jq '{owner: .owner.id, repository: .id}'`);
  return {
    owner,
    ownerId: await answer(asking, `id of ${owner}`, textOf(current["ownerId"], "1")),
    repository,
    repositoryId: await answer(asking, `id of ${repository}`, textOf(current["repositoryId"], "1")),
    environments: await askYes(
      asking,
      "has its plan environments? Free private repositories have none",
      current["environments"] === true,
    ),
  };
}

async function askGitlab(asking: Asking): Promise<GitlabWish | "none"> {
  const current = recordOf(recordOf(asking.project["pipelines"])["gitlab"]);
  const project = await answer(
    asking,
    "project on GitLab as <group>/<path>, or none",
    textOf(current["project"], none),
  );
  if (project === none) return none;
  return { host: await answer(asking, "host of GitLab", textOf(current["host"], "gitlab.com")), project };
}

async function askEmails(asking: Asking): Promise<readonly string[]> {
  const current = recordOf(asking.project["alerts"])["emails"];
  const known = Array.isArray(current) ? current.join(", ") : "";
  return wordsOf(await answer(asking, "e-mail addresses that alerts go to", known));
}

/** A bucket that somebody has named stays: only what the bootstrap decides is asked for. */
async function askState(asking: Asking): Promise<Pick<Wishes, "state">> {
  const current = recordOf(asking.project["stateBucket"]);
  if ("name" in current) return {};
  const question = "keep the state in the bucket that `npm run bootstrap` makes? Pipelines need it";
  return { state: (await askYes(asking, question, true)) ? "bootstrap" : "file" };
}

async function askYes(asking: Asking, question: string, current: boolean): Promise<boolean> {
  return /^y(es)?$/i.test(await answer(asking, `${question} (yes or no)`, current ? "yes" : "no"));
}

/** Words with commas or spaces between them. */
export function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

function textOf(value: Data | undefined, otherwise = ""): string {
  return typeof value === "string" ? value : otherwise;
}
