import { contracts, template } from "../fake/environment";
import { AwsFault } from "../fake/server";
import { type State, World } from "../fake/world";

/** Release 1, image A, runs; a release of image B is what most scenarios are about. */
export const untouched: State = {
  runs: "web A×3, jobs A×1, nightly A on",
  marks: "release-dev-1",
  lock: "free",
  alarms: "on",
  images: "A release-dev-1",
  revisions: "release-dev-1 A proven",
};
/** It never began: nobody had released anything. */
export const unreleased: State = {
  runs: "web template×0, jobs template×0, nightly template off",
  marks: "no",
  lock: "free",
  alarms: "off",
  images: "",
  revisions: "",
};
/** The first release has failed. */
export const firstFailed: State = { ...unreleased, images: "A release-dev-1", revisions: "release-dev-1 A failed" };
export const released: State = {
  ...untouched,
  runs: "web B×3, jobs B×1, nightly B on",
  marks: "release-dev-2",
  images: "A release-dev-1, B release-dev-2",
  revisions: "release-dev-1 A proven, release-dev-2 B proven",
};
/** It began, and nothing of it runs. */
export const failed: State = {
  ...untouched,
  images: released.images,
  revisions: "release-dev-1 A proven, release-dev-2 B failed",
};
/** It ended midway; the next try goes on with what there is. */
export const halfDone: State = { ...failed, revisions: "release-dev-1 A proven, release-dev-2 B released" };

// what a release of image B writes, part by part
export const lock = ["PutParameter lock/release"];
export const unlock = ["DeleteParameter lock/release"];
export const register = [
  "PutImage app B release-dev-2",
  "RegisterTaskDefinition migration:3",
  "RegisterTaskDefinition jobs:3",
  "RegisterTaskDefinition web:3",
  "RegisterTaskDefinition nightly:3",
];
export const migrate = ["RunTask migration:3 in subnet-a+subnet-b"];
export const update = [
  "UpdateService jobs:3",
  "PutParameter released/jobs release-dev-2",
  "UpdateService web:3",
  "PutParameter released/web release-dev-2",
];
export const tagged = (status: string, number = 3): string[] =>
  ["migration", "jobs", "web", "nightly"].map((name) => `TagResource ${name}:${number} ${status}`);
export const finish = [
  "UpdateSchedule nightly:3 ENABLED",
  "PutParameter released/nightly release-dev-2",
  "EnableAlarmActions shop-dev-jobs-tasks shop-dev-web-tasks",
  ...tagged("proven"),
];
export const succeed = [...lock, ...register, ...migrate, ...update, ...finish, ...unlock];
/** The migration has failed: nothing else is touched. */
export const stopBeforeUpdate = [...lock, ...register, ...migrate, ...tagged("failed"), ...unlock];

export const denied = new AwsFault("AccessDeniedException", "User: ann is not authorized to perform this");
export const noRoom = { failures: [{ reason: "Capacity is unavailable at this time. Please try again later." }] };

/** What precedes the end of a release that has reached its services. */
export const reached = [...lock, ...register, ...migrate, ...update];
/** What each service has to be told to run again what it ran before; nothing where ECS has done that. */
export function undone({ jobs = [], web = [] }: { readonly jobs?: string[]; readonly web?: string[] }): string[] {
  return [...jobs, "PutParameter released/jobs release-dev-1", ...web, "PutParameter released/web release-dev-1"];
}
export const jobsBack = ["UpdateService jobs:2"];
export const webBack = ["UpdateService web:2"];
export const stopJobs = ["StopServiceDeployment jobs:3 ROLLBACK"];
export const stopWeb = ["StopServiceDeployment web:3 ROLLBACK"];

/** What the first release, of image A, writes. */
const firstRegister = [
  "PutImage app A release-dev-1",
  ...["migration", "jobs", "web", "nightly"].map((name) => `RegisterTaskDefinition ${name}:2`),
];
export const firstReached = [
  ...lock,
  ...firstRegister,
  "RunTask migration:2 in subnet-a+subnet-b",
  "UpdateService jobs:2 desired=1",
  "PutParameter released/jobs release-dev-1",
  "UpdateService web:2 desired=2",
  "RegisterScalableTarget web 2-6, scaling",
  "PutParameter released/web release-dev-1",
];
/** Nothing runs again, as Terraform has left it. */
export const firstUndone = [
  "UpdateService jobs:1 desired=0",
  "PutParameter released/jobs no",
  "RegisterScalableTarget web 0-6, suspended",
  "UpdateService web:1 desired=0",
  "PutParameter released/web no",
  ...tagged("failed", 2),
  ...unlock,
];
export const firstRelease = [
  ...firstReached,
  "UpdateSchedule nightly:2 ENABLED",
  "PutParameter released/nightly release-dev-1",
  "EnableAlarmActions shop-dev-jobs-tasks shop-dev-web-tasks",
  ...tagged("proven", 2),
  ...unlock,
];

/** The digest of image B, whichever repository it is in. */
export const digestOfB = new World().digestOf("B");

/** The worker's image has a repository of its own. */
export function twoRepositories(): World {
  return World.released(contracts("tools"));
}

/** The same for another image than B. */
export function lettered(state: State, letter: string): State {
  const replaced = (text: string): string => text.replaceAll(/\bB\b/g, letter);
  return { ...state, runs: replaced(state.runs), images: replaced(state.images), revisions: replaced(state.revisions) };
}

/** Terraform gives the web service another variable. */
export function changeTemplate(world: World): void {
  const { web, ...others } = contracts().services;
  if (web === undefined) throw new Error("there is no web");
  const changed = template("web", web);
  const containers = (changed.containerDefinitions ?? []).map((container) => ({
    ...container,
    environment: [
      { name: "NODE_ENV", value: "production" },
      { name: "FEATURE", value: "on" },
    ],
  }));
  const { arn } = world.revisions.register({ ...changed, containerDefinitions: containers });
  world.writeContracts({ ...contracts(), services: { ...others, web: { ...web, templateTaskDefinitionArn: arn } } });
}
