import { family, secretArn } from "../fake/names";
import type { Scenario } from "../fake/scenario";
import { World } from "../fake/world";
import { finish, lock, migrate, released, unlock, unreleased, untouched, update } from "./parts";

/** Release 1, image A, and then release 2, image B, which runs. */
function twoReleases(): World {
  const world = World.released();
  world.release("release-dev-2", "B");
  return world;
}

const back = [
  ...lock,
  "UpdateService jobs:2",
  "PutParameter released/jobs release-dev-1",
  "UpdateService web:2",
  "PutParameter released/web release-dev-1",
];
const moved = ["UpdateSchedule nightly:2 ENABLED", "PutParameter released/nightly release-dev-1"];
const running = released;
const rolledBack = { ...untouched, images: released.images, revisions: released.revisions };

export const rollbacks: Scenario[] = [
  {
    name: "to the release before, without a migration",
    world: twoReleases,
    line: "rollback dev",
    code: 0,
    writes: [...back, ...moved, ...unlock],
    state: rolledBack,
    says: ["nothing is migrated back, the database stays as it is"],
  },
  {
    name: "to a release by its name",
    world: twoReleases,
    line: "rollback dev --to release-dev-1",
    code: 0,
    writes: [...back, ...moved, ...unlock],
    state: rolledBack,
    says: [],
  },
  {
    name: "to an image by its digest",
    world: twoReleases,
    line: `rollback dev --to ${new World().digestOf("A")}`,
    code: 0,
    writes: [...back, ...moved, ...unlock],
    state: rolledBack,
    says: [],
  },
  {
    name: "to a revision",
    world: twoReleases,
    line: "rollback dev --to shop-dev-web:2",
    code: 0,
    writes: [...back, ...moved, ...unlock],
    state: rolledBack,
    says: [],
  },
  {
    name: "passes over what has failed",
    world: () => {
      const world = World.released();
      world.release("release-dev-2", "B", "failed");
      world.push("C");
      world.release("release-dev-3", "C");
      return world;
    },
    line: "rollback dev",
    code: 0,
    writes: [...back, ...moved, ...unlock],
    state: {
      ...untouched,
      images: "A release-dev-1, B release-dev-2, C release-dev-3",
      revisions: "release-dev-1 A proven, release-dev-2 B failed, release-dev-3 C proven",
    },
    says: ["back to release-dev-1"],
  },
  {
    name: "has nothing to go back to",
    line: "rollback dev",
    code: 30,
    writes: [...lock, ...unlock],
    state: untouched,
    says: ["there is nothing to go back to: dev runs release-dev-1"],
  },
  {
    name: "to a release whose image has expired",
    world: twoReleases,
    given: (world) => world.registry.expire(world.digestOf("A")),
    line: "rollback dev",
    code: 30,
    writes: [...lock, ...unlock],
    state: {
      ...running,
      images: "B release-dev-2",
      // the revision names a digest that nobody knows any more
      revisions: "release-dev-1 template proven, release-dev-2 B proven",
    },
    says: [
      "web of release-dev-1 cannot start: its image sha256:",
      "jobs of release-dev-1 cannot start",
      "npm run rollback -- dev --to <release> takes another",
    ],
  },
  {
    name: "to a release whose secret was rotated away",
    world: twoReleases,
    given: ({ settings }) => settings.secrets.delete(secretArn("database/app-1-1")),
    line: "rollback dev",
    code: 30,
    writes: [...lock, ...unlock],
    state: running,
    says: ["web of release-dev-1 cannot start: secret /shop/dev/database/app-1-1 is not there"],
  },
  {
    name: "before the first release",
    world: () => new World(),
    line: "rollback dev",
    code: 30,
    writes: [...lock, ...unlock],
    state: unreleased,
    says: ["there is nothing to go back to: dev runs no release"],
  },
  {
    name: "to what does not exist",
    world: twoReleases,
    line: "rollback dev --to release-dev-9",
    code: 30,
    writes: [...lock, ...unlock],
    state: running,
    says: ["release-dev-9 is no release, digest or revision of dev (those that have are release-dev-"],
  },
  {
    name: "fails, and what ran before it runs again",
    world: twoReleases,
    given: ({ services }) => services.get("web").script.push("circuit breaker"),
    line: "rollback dev",
    code: 20,
    writes: [
      ...back,
      "UpdateService jobs:3",
      "PutParameter released/jobs release-dev-2",
      "PutParameter released/web release-dev-2",
      ...unlock,
    ],
    state: running,
    says: ["circuit breaker threshold was exceeded"],
  },
  {
    name: "while another release is running",
    world: twoReleases,
    given: ({ settings }) =>
      settings.parameters.set("/shop/dev/lock/release", JSON.stringify({ by: "bob", since: "now" })),
    line: "rollback dev",
    code: 31,
    writes: [],
    state: { ...running, lock: "held" },
    says: ["another release of dev is running, by bob since now"],
  },
  {
    name: "while a migration runs",
    world: twoReleases,
    given: ({ tasks }) => tasks.addRunning(family("migration")),
    line: "rollback dev",
    code: 30,
    writes: [...lock, ...unlock],
    state: running,
    says: ["a migration is running"],
  },
  {
    name: "ends a deployment that nobody watches any more",
    given: ({ services, clock }) => {
      services.get("web").script.push("stuck");
      services.deploy("web", services.get("web").taskDefinition.replace(/:2$/, ":1"));
      // ECS lists it some seconds later
      void clock.sleep(5_000);
    },
    line: "rollback dev",
    code: 0,
    writes: [...lock, "StopServiceDeployment web:1 ROLLBACK", ...unlock],
    state: untouched,
    says: ["the deployments in progress have gone back: web runs release-dev-1"],
  },
  {
    name: "ends a deployment that is faster: everything goes to the release before",
    world: twoReleases,
    given: ({ services, clock }) => {
      services.get("web").script.push("succeeds anyway");
      services.deploy("web", services.get("web").taskDefinition.replace(/:3$/, ":2"));
      void clock.sleep(20_000);
    },
    line: "rollback dev",
    code: 0,
    writes: [
      ...lock,
      "StopServiceDeployment web:2 ROLLBACK",
      "UpdateService jobs:2",
      "PutParameter released/jobs release-dev-1",
      "PutParameter released/web release-dev-1",
      ...moved,
      ...unlock,
    ],
    state: rolledBack,
    says: ["back to release-dev-1", "web runs it already"],
  },
  {
    name: "ends a deployment of a release that another service runs already",
    given: (world) => {
      world.services.get("web").script.push("stuck");
      world.when("ListServiceDeployments", () => world.expire(), 9);
    },
    before: "release dev --image build-b",
    pauseSec: 60,
    between: ({ settings }) => settings.parameters.delete("/shop/dev/lock/release"),
    line: "rollback dev",
    code: 0,
    writes: [
      ...lock,
      "StopServiceDeployment web:3 ROLLBACK",
      "UpdateService jobs:2",
      "PutParameter released/jobs release-dev-1",
      "PutParameter released/web release-dev-1",
      ...unlock,
    ],
    state: { ...untouched, images: released.images, revisions: "release-dev-1 A proven, release-dev-2 B released" },
    says: ["back to release-dev-1", "web runs it already"],
  },
  {
    name: "ends a deployment where going back fails",
    given: ({ services, clock }) => {
      services.get("web").script.push("rollback fails");
      services.deploy("web", services.get("web").taskDefinition.replace(/:2$/, ":1"));
      void clock.sleep(5_000);
    },
    line: "rollback dev",
    code: 22,
    writes: [...lock, "StopServiceDeployment web:1 ROLLBACK", ...unlock],
    state: untouched,
    says: ["the deployments of web have not gone back: look now"],
  },
  {
    name: "to what a service names already, where going back had failed: ECS is made to deploy it",
    given: ({ services }) => services.get("web").script.push("rollback fails"),
    before: "release dev --image build-b",
    line: "rollback dev --to release-dev-1",
    code: 0,
    writes: [...lock, "UpdateService web:2 forced", "PutParameter released/web release-dev-1", ...unlock],
    state: { ...untouched, images: released.images, revisions: "release-dev-1 A proven, release-dev-2 B failed" },
    says: ["web: succeeded"],
  },
  {
    name: "ends a restart of what could never be marked as proven, and leaves its tasks alone",
    world: () => {
      const world = new World();
      world.release("release-dev-1", "A", "failed");
      return world;
    },
    given: ({ services, clock }) => {
      services.get("web").script.push("stuck");
      services.deploy("web", services.get("web").taskDefinition);
      void clock.sleep(5_000);
    },
    line: "rollback dev",
    code: 0,
    writes: [...lock, "StopServiceDeployment web:2 ROLLBACK", ...unlock],
    state: { ...untouched, revisions: "release-dev-1 A failed" },
    says: ["the deployments in progress have gone back: web runs release-dev-1"],
  },
  {
    name: "and then the release again, with its revisions",
    world: twoReleases,
    before: "rollback dev",
    line: "release dev --image build-b",
    code: 0,
    writes: [...lock, ...migrate, ...update, ...finish, ...unlock],
    state: running,
    says: ["dev runs release-dev-2 after"],
  },
];
