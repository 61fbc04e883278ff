import type { Scenario } from "../fake/scenario";
import { World } from "../fake/world";
import {
  denied,
  finish,
  firstRelease,
  halfDone,
  lock,
  migrate,
  register,
  released,
  succeed,
  tagged,
  unlock,
  untouched,
  update,
} from "./parts";

const again = "release dev --image build-b";
/** Revisions of the second try, where those of the first have failed; the image has its tag already. */
const withNewRevisions = succeed
  .filter((text) => !text.startsWith("PutImage"))
  .map((text) => text.replace(/:3\b/, ":4"));

export const retries: Scenario[] = [
  {
    name: "after an interrupt in the migration: with the revisions that are there",
    given: (world, { interrupt }) => world.when("RunTask", interrupt),
    before: again,
    // the task needs some seconds to stop
    pauseSec: 10,
    code: 0,
    writes: [...lock, ...migrate, ...update, ...finish, ...unlock],
    state: released,
    says: ["dev runs release-dev-2 after"],
  },
  {
    name: "after an interrupt midway in registering: with those that are there, and the rest",
    given: (world, { interrupt }) => world.when("RegisterTaskDefinition", interrupt, 2),
    before: again,
    code: 0,
    writes: [...lock, ...register.slice(3), ...migrate, ...update, ...finish, ...unlock],
    state: released,
    says: [],
  },
  {
    name: "after a migration that has failed: with new revisions under the same name",
    given: ({ tasks }) => tasks.script.push({ exits: { migrate: 1 } }),
    before: again,
    code: 0,
    writes: withNewRevisions,
    state: { ...released, revisions: "release-dev-1 A proven, release-dev-2 B failed, release-dev-2 B proven" },
    says: [],
  },
  {
    name: "after a rollback by the circuit breaker",
    given: ({ services }) => services.get("web").script.push("circuit breaker"),
    before: again,
    code: 0,
    writes: withNewRevisions,
    state: { ...released, revisions: "release-dev-1 A proven, release-dev-2 B failed, release-dev-2 B proven" },
    says: [],
  },
  {
    name: "of what runs, where the migration fails: what was proven stays proven",
    given: ({ settings, tasks }) => {
      // somebody has switched it off, so that there is something to do
      const nightly = settings.schedules.get("shop-dev-nightly");
      if (nightly !== undefined) settings.schedules.set("shop-dev-nightly", { ...nightly, State: "DISABLED" });
      tasks.script.push({ exits: { migrate: 1 } });
    },
    line: "release dev --image build-a",
    code: 10,
    writes: [...lock, "RunTask migration:2 in subnet-a+subnet-b", ...unlock],
    state: { ...untouched, runs: "web A×3, jobs A×1, nightly A off" },
    says: ["container migrate ended with 1"],
  },
  {
    name: "while the lock was taken away, and given to somebody else",
    given: (world) =>
      world.when("RunTask", () =>
        world.settings.parameters.set("/shop/dev/lock/release", JSON.stringify({ by: "bob", since: "now" })),
      ),
    code: 0,
    writes: succeed.filter((text) => !unlock.includes(text)),
    state: { ...released, lock: "held" },
    says: ["the lock of dev was taken away meanwhile"],
  },
  {
    name: "while a migration that was told to stop still runs",
    given: (world, { interrupt }) => {
      world.tasks.script.push({ seconds: Infinity, deaf: true });
      world.when("DescribeTasks", interrupt, 3);
    },
    before: again,
    pauseSec: 20,
    code: 30,
    writes: [],
    state: halfDone,
    says: ["a migration is running (task "],
  },
  {
    name: "while what was interrupted still goes back",
    given: (world, { interrupt }) => {
      world.services.get("web").script.push("stuck for good");
      world.when("DescribeServiceDeployments", interrupt, 2);
    },
    before: again,
    pauseSec: 20,
    code: 30,
    writes: [],
    state: {
      ...untouched,
      images: released.images,
      revisions: "release-dev-1 A proven, release-dev-2 B released",
    },
    says: ["a deployment of web is in progress", "npm run rollback -- dev"],
  },
  {
    name: "after a success: nothing to do",
    before: again,
    code: 0,
    writes: [],
    state: released,
    says: ["nothing to release: dev runs", "since release-dev-2"],
  },
  {
    name: "after alarms could not be woken: nothing was proven, so that it is done again",
    world: () => new World(),
    given: (world) => world.fails("EnableAlarmActions", denied),
    before: "release dev --image build-a",
    line: "release dev --image build-a",
    code: 0,
    writes: [
      ...lock,
      "RunTask migration:2 in subnet-a+subnet-b",
      "EnableAlarmActions shop-dev-jobs-tasks shop-dev-web-tasks",
      ...tagged("proven", 2),
      ...unlock,
    ],
    state: { ...untouched, runs: "web A×2, jobs A×1, nightly A on" },
    says: ["jobs runs it already", "web runs it already"],
  },
  {
    name: "after a first release that has failed",
    world: () => new World(),
    given: ({ smoke }) => smoke.splice(0, 1, ...Array.from({ length: 13 }, () => 500), 200),
    before: "release dev --image build-a",
    line: "release dev --image build-a",
    code: 0,
    writes: firstRelease.filter((text) => !text.startsWith("PutImage")).map((text) => text.replace(/:2\b/, ":3")),
    state: {
      ...untouched,
      runs: "web A×2, jobs A×1, nightly A on",
      revisions: "release-dev-1 A failed, release-dev-1 A proven",
    },
    says: ["dev runs release-dev-1 after"],
  },
  {
    name: "after the credentials have expired in the migration: the lock stays while it runs",
    given: (world) => world.when("RunTask", () => world.expire()),
    before: again,
    line: `${again} --unlock`,
    code: 31,
    writes: [],
    state: { ...halfDone, lock: "held" },
    says: ["the lock stays, by ann since", "a migration is running (task "],
  },
  {
    name: "after the credentials have expired in the migration, which has ended",
    given: (world) => world.when("RunTask", () => world.expire()),
    before: again,
    pauseSec: 60,
    line: `${again} --unlock`,
    code: 0,
    writes: [...unlock, ...lock, ...migrate, ...update, ...finish, ...unlock],
    state: released,
    says: ["the lock of dev is free; it was held by ann since"],
  },
  {
    name: "after the credentials have expired in the deployments, which have ended",
    given: (world) => world.when("ListServiceDeployments", () => world.expire(), 7),
    before: again,
    pauseSec: 60,
    line: `${again} --unlock`,
    code: 0,
    writes: [...unlock, ...lock, ...migrate, ...finish, ...unlock],
    state: released,
    says: ["jobs runs it already", "web runs it already"],
  },
];
