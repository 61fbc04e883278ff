import { contracts, schedule } from "../fake/environment";
import { family, repositoryUrl } from "../fake/names";
import type { Scenario } from "../fake/scenario";
import { AwsFault, LostAnswer } from "../fake/server";
import { World } from "../fake/world";
import {
  changeTemplate,
  denied,
  digestOfB,
  finish,
  firstRelease,
  lettered,
  lock,
  migrate,
  noRoom,
  register,
  released,
  succeed,
  twoRepositories,
  unlock,
  untouched,
  update,
} from "./parts";

const twice = (which: string): string[] => succeed.flatMap((text) => (text === which ? [text, text] : text));
/** What a release writes when the first answer of an action does not arrive: the SDK asks again. */
const lost: Readonly<Record<string, readonly string[]>> = {
  // the second time ECS, SSM and the registry find done what they are asked for
  PutParameter: succeed,
  PutImage: succeed,
  RunTask: succeed,
  DeleteParameter: succeed,
  UpdateService: twice("UpdateService jobs:3"),
  UpdateSchedule: twice("UpdateSchedule nightly:3 ENABLED"),
  TagResource: twice("TagResource migration:3 proven"),
};

const row = (name: string, kind: string, status: string): object => ({
  name,
  kind,
  revision: `${family(name)}:3`,
  previous: `${family(name)}:2`,
  status,
});

export const success: Scenario[] = [
  { name: "a release", code: 0, writes: succeed, state: released, says: ["release-dev-2"] },
  {
    name: "the first release raises what stands still",
    world: () => new World(),
    line: "release dev --image build-a",
    code: 0,
    writes: firstRelease,
    state: { ...untouched, runs: "web A×2, jobs A×1, nightly A on" },
    says: ["dev runs release-dev-1 after"],
    also: (world) => expect([...world.settings.scaling.values()]).toEqual([[2, 6]]),
  },
  {
    name: "nothing of the schedule is lost",
    code: 0,
    writes: succeed,
    state: released,
    says: [],
    also: ({ settings, revisions }) => {
      const moved = settings.schedules.get("shop-dev-nightly");
      const TaskDefinitionArn = revisions.find(`${family("nightly")}:3`)?.arn;
      const { EcsParameters } = schedule.Target;
      expect(moved).toMatchObject({
        ...schedule,
        State: "ENABLED",
        Target: { ...schedule.Target, EcsParameters: { ...EcsParameters, TaskDefinitionArn } },
      });
    },
  },
  {
    name: "only containers of the contract get the image, and the template's tags stay",
    env: { GITHUB_SHA: "c0ffee", CI_PIPELINE_URL: "https://ci.example.com/1?a=b" },
    code: 0,
    writes: succeed,
    state: released,
    says: [],
    also: ({ revisions }) => {
      const { definition, tags } = revisions.find(`${family("migration")}:3`) ?? {};
      expect(definition?.containerDefinitions?.map(({ image }) => image)).toEqual([
        "public.ecr.aws/docker/library/postgres:17-alpine",
        `${repositoryUrl("app")}@${digestOfB}`,
        "public.ecr.aws/x/agent:1",
      ]);
      expect(Object.fromEntries(tags ?? [])).toMatchObject({
        environment: "dev",
        "slipway:commit": "c0ffee",
        "slipway:pipeline": "https://ci.example.com/1-a=b",
        "slipway:template": "1",
      });
    },
  },
  {
    name: "what already runs",
    line: "release dev --image build-a",
    code: 0,
    writes: [],
    state: untouched,
    says: ["nothing to release: dev runs", "since release-dev-1"],
  },
  {
    name: "by its digest",
    line: `release dev --image ${digestOfB}`,
    code: 0,
    writes: succeed,
    state: released,
    says: [],
  },
  {
    name: "no answer says that the lock was taken, and it was",
    given: (world) => {
      world.loses("PutParameter");
      world.fails("PutParameter", new LostAnswer(), { call: 2, times: 3 });
    },
    code: 0,
    writes: succeed,
    state: released,
    says: [],
  },
  {
    name: "while somebody's one-off command runs",
    given: ({ tasks }) => tasks.addRunning(family("migration"), "run/dev"),
    code: 0,
    writes: succeed,
    state: released,
    says: [],
  },
  {
    name: "from two repositories",
    world: () => twoRepositories(),
    line: `release dev --image app:build-b --image tools@${digestOfB}`,
    code: 0,
    writes: succeed.flatMap((text) => (text.startsWith("PutImage") ? [text, "PutImage tools B release-dev-2"] : text)),
    state: released,
    says: [],
  },
  {
    name: "an image of one architecture alone",
    given: (world) => world.push("C", { architectures: ["arm64"] }),
    line: "release dev --image build-c",
    code: 0,
    writes: succeed.map((text) => text.replace(" B ", " C ")),
    state: lettered(released, "C"),
    says: [],
  },
  {
    name: "an image of one architecture that cannot be looked at",
    given: (world) => {
      world.push("C", { architectures: ["arm64"] });
      world.registry.forgetLayers();
    },
    line: "release dev --image build-c",
    code: 0,
    writes: succeed.map((text) => text.replace(" B ", " C ")),
    state: lettered(released, "C"),
    says: ["the platform of the image of app was not looked at"],
  },
  {
    name: "the same image with a newer template",
    given: (world) => changeTemplate(world),
    line: "release dev --image build-a",
    code: 0,
    writes: succeed.map((text) => text.replace("app B", "app A").replace("web:3", "web:4")),
    state: {
      ...untouched,
      marks: "release-dev-2",
      images: "A release-dev-1, A release-dev-2",
      revisions: "release-dev-1 A proven, release-dev-2 A proven",
    },
    says: ["dev runs release-dev-2 after"],
    also: ({ revisions }) =>
      expect(JSON.stringify(revisions.find(`${family("web")}:4`)?.definition)).toContain("FEATURE"),
  },
  {
    name: "dry run",
    line: "release dev --image build-b --dry-run",
    code: 0,
    writes: [],
    state: untouched,
    says: ["~ image ", "migration", "nothing was changed: without --dry-run dev is released"],
  },
  {
    name: "AWS is busy for a moment",
    given: (world) => world.fails("UpdateService", new AwsFault("ThrottlingException", "Rate exceeded")),
    code: 0,
    writes: succeed,
    state: released,
    says: [],
  },
  {
    name: "AWS does not answer for a while",
    given: (world) =>
      world.fails("DescribeServiceDeployments", new AwsFault("ServerException", "busy", 500), { times: 4 }),
    code: 0,
    writes: succeed,
    state: released,
    says: ["AWS does not answer"],
  },
  ...Object.entries(lost).map(([action, writes]): Scenario => ({
    name: `the first answer of ${action} is lost, and the call is repeated`,
    given: (world) => world.loses(action),
    code: 0,
    writes,
    state: released,
    says: [],
  })),
  {
    name: "a container beside the migration fails",
    given: ({ tasks }) => tasks.script.push({ exits: { agent: 1 } }),
    code: 0,
    writes: succeed,
    state: released,
    says: ["warning: container agent ended with 1: it does not count"],
  },
  {
    name: "no room at first",
    given: ({ tasks }) => tasks.script.push(noRoom, noRoom),
    code: 0,
    writes: [
      ...lock,
      ...register,
      "RunTask migration:3 in subnet-a+subnet-b: nothing",
      "RunTask migration:3 in subnet-a: nothing",
      "RunTask migration:3 in subnet-b",
      ...update,
      ...finish,
      ...unlock,
    ],
    state: released,
    says: ["no capacity (Capacity is unavailable at this time"],
  },
  {
    name: "the smoke URL answers late",
    given: ({ smoke }) => smoke.splice(0, 1, 502, 503, 200),
    code: 0,
    writes: succeed,
    state: released,
    says: [],
  },
  {
    name: "somebody restarts the service meanwhile",
    given: ({ services }) => services.get("web").script.push("replaced by itself"),
    code: 0,
    writes: succeed,
    state: released,
    says: [],
  },
  {
    name: "as one JSON value",
    line: "release dev --image build-b --json",
    code: 0,
    writes: succeed,
    state: released,
    says: [],
    also: (_, { out }) =>
      expect(JSON.parse(out)).toEqual({
        ok: true,
        environment: "dev",
        release: "release-dev-2",
        image: { app: digestOfB },
        services: [
          row("jobs", "worker", "released"),
          row("web", "web", "released"),
          row("nightly", "schedule", "released"),
        ],
        migration: { task: expect.stringMatching(/^[0-9a-f]{32}$/), exitCode: 0 },
        seconds: expect.any(Number),
      }),
  },
  {
    name: "what is sent to start the migration",
    code: 0,
    writes: succeed,
    state: released,
    says: [],
    also: ({ journal }) =>
      expect(journal.inputs("RunTask")).toEqual([
        expect.objectContaining({
          count: 1,
          capacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 1 }],
          clientToken: expect.stringMatching(/^[!-~]{1,64}$/),
          startedBy: "release/dev/2",
          enableECSManagedTags: true,
          propagateTags: "TASK_DEFINITION",
          networkConfiguration: {
            awsvpcConfiguration: {
              subnets: ["subnet-a", "subnet-b"],
              securityGroups: ["sg-migration"],
              assignPublicIp: "DISABLED",
            },
          },
        }),
      ]),
  },
  {
    name: "without a migration and without an address",
    world: () => {
      const { environment, services } = contracts();
      return World.released({ environment: { ...environment, migration: null, smokeUrl: null }, services });
    },
    code: 0,
    writes: succeed.filter((text) => !text.includes("migration")),
    state: released,
    says: [],
    also: ({ journal }) => expect(journal.inputs("GET")).toEqual([]),
  },
  {
    name: "of a service that was scaled to nothing: nobody is asked, and its alarms stay off",
    given: ({ services, settings }) => {
      services.get("web").desired = 0;
      settings.alarms.set("shop-dev-web-tasks", { ringing: false, actions: false });
    },
    code: 0,
    writes: succeed.map((text) => text.replace(" shop-dev-web-tasks", "")),
    state: { ...released, runs: "web B×0, jobs B×1, nightly B on", alarms: "off, on" },
    says: ["https://shop.example.com/healthz was not asked"],
    also: ({ journal }) => expect(journal.inputs("GET")).toEqual([]),
  },
  {
    name: "another image has the next name, from a release that never ran",
    given: (world) => world.push("C", { tags: ["release-dev-2"] }),
    code: 0,
    writes: succeed.map((text) => text.replace("release-dev-2", "release-dev-3")),
    state: {
      ...released,
      marks: "release-dev-3",
      images: "A release-dev-1, B release-dev-3, C release-dev-2",
      revisions: "release-dev-1 A proven, release-dev-3 B proven",
    },
    says: ["dev runs release-dev-3 after"],
  },
  {
    name: "another image gets the next name a moment before",
    given: (world) => {
      world.push("C");
      world.when("DescribeImages", () => world.registry.repository("app").at(-1)?.tags.add("release-dev-2"), 3);
    },
    code: 0,
    writes: succeed.map((text) => text.replace("release-dev-2", "release-dev-3")),
    state: {
      ...released,
      marks: "release-dev-3",
      images: "A release-dev-1, B release-dev-3, C release-dev-2",
      revisions: "release-dev-1 A proven, release-dev-3 B proven",
    },
    says: ["dev runs release-dev-3 after"],
  },
  {
    name: "a task that was taken and given up for want of room",
    given: ({ tasks }) =>
      tasks.script.push({
        exits: { logins: null, migrate: null, agent: null },
        stopCode: "TaskFailedToStart",
        stoppedReason: "Capacity is unavailable at this time.",
        pending: true,
      }),
    code: 0,
    writes: [...lock, ...register, ...migrate, "RunTask migration:3 in subnet-a", ...update, ...finish, ...unlock],
    state: released,
    says: ["trying again in another zone"],
  },
  {
    name: "the lock cannot be given back",
    given: (world) => world.fails("DeleteParameter", denied),
    code: 0,
    writes: succeed.slice(0, -1),
    state: { ...released, lock: "held" },
    says: ["warning: the lock could not be given back", "npm run release -- dev --unlock does it"],
  },
];
