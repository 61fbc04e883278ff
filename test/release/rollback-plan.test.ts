import { planRollback, type RollbackCandidate } from "../../ci/release/rollback-plan";
import type { Revision } from "../../ci/release/revisions";

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

function revision(family: string, number: number, release: number, status = "proven"): Revision {
  return {
    arn: `arn:aws:ecs:eu-west-1:111122223333:task-definition/${family}:${number}`,
    definition: {},
    tags: {
      "slipway:release": `release-dev-${release}`,
      "slipway:status": status,
      "slipway:image-digest": digest(String(release)),
    },
  };
}

function candidate(name: string, running: number, ...revisions: Revision[]): RollbackCandidate {
  return { name, running: revisions.find(({ arn }) => arn.endsWith(`:${running}`)), revisions };
}

const web = candidate(
  "web",
  7,
  revision("web", 7, 4),
  revision("web", 6, 3, "failed"),
  revision("web", 5, 2),
  revision("web", 4, 1),
);
const jobs = candidate("jobs", 3, revision("jobs", 3, 4), revision("jobs", 2, 2));

function planned(to?: string, candidates = [web, jobs]): unknown {
  const plan = planRollback("dev", candidates, to);
  if (typeof plan === "string") return plan;
  const revisions = Object.fromEntries(
    [...plan.revisions].map(([name, arn]) => [name, arn.slice(arn.lastIndexOf("/") + 1)]),
  );
  return { release: plan.release, revisions, left: plan.left };
}

test("by default it is the last release before what runs that has worked", () => {
  expect(planned()).toEqual({ release: "release-dev-2", revisions: { web: "web:5", jobs: "jobs:2" }, left: [] });
});

test("is counted from the newest that runs, where services run different releases", () => {
  const mixed = [candidate("web", 5, ...web.revisions), candidate("jobs", 3, ...jobs.revisions)];
  expect(planned(undefined, mixed)).toEqual({
    release: "release-dev-2",
    revisions: { web: "web:5", jobs: "jobs:2" },
    left: [],
  });
});

test("twice in a row goes back two releases", () => {
  const again = [candidate("web", 5, ...web.revisions), candidate("jobs", 2, ...jobs.revisions)];
  expect(planned(undefined, again)).toEqual({ release: "release-dev-1", revisions: { web: "web:4" }, left: ["jobs"] });
});

test.each([
  ["a release", "release-dev-1", "release-dev-1"],
  ["a digest", digest("2"), "release-dev-2"],
  ["the beginning of a digest", digest("2").slice(0, 19), "release-dev-2"],
  ["a revision", "web:4", "release-dev-1"],
  ["the ARN of a revision", "arn:aws:ecs:eu-west-1:111122223333:task-definition/jobs:2", "release-dev-2"],
])("it may be named by %s", (_, to, release) => {
  expect(planned(to)).toMatchObject({ release });
});

test.each([
  [
    "release-dev-3",
    "release-dev-3 is not known to have worked (those that have are release-dev-4, release-dev-2, release-dev-1): npm run release -- dev --image <tag> releases an image with all checks",
  ],
  [
    "web:6",
    "web:6 is not known to have worked (those that have are release-dev-4, release-dev-2, release-dev-1): npm run release -- dev --image <tag> releases an image with all checks",
  ],
  [
    "web:99",
    "web:99 is no release, digest or revision of dev (those that have are release-dev-4, release-dev-2, release-dev-1)",
  ],
])("%s is refused", (to, problem) => {
  expect(planned(to)).toBe(problem);
});

test("what was put there by other means goes back to the newest that has worked", () => {
  expect(planned(undefined, [candidate("web", 99, ...web.revisions)])).toMatchObject({ release: "release-dev-4" });
});

test("there may be nothing to go back to", () => {
  const first = [candidate("web", 1, revision("web", 1, 1))];
  expect(planned(undefined, first)).toBe(
    "there is nothing to go back to: dev runs release-dev-1, and none before it is known to have worked: npm run release -- dev --image <tag> releases another image",
  );
  expect(planned(undefined, [candidate("web", 9)])).toContain("dev runs no release");
  expect(planned("web:1", [candidate("web", 9)])).toBe(
    "web:1 is no release, digest or revision of dev (none has worked so far)",
  );
});
