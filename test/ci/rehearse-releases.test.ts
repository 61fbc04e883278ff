import { createHash } from "node:crypto";
import type { Ending, ReleaseCommands } from "../../ci/rehearse/release-commands";
import { type Build, manifestOf } from "../../ci/rehearse/release-images";
import { preparationsOf } from "../../ci/rehearse/release-preparation";
import { Builds, releaseStory } from "../../ci/rehearse/release-story";
import {
  noMigration,
  nothingMade,
  oneMigration,
  runsAsBefore,
  runsBuild,
  somethingRuns,
} from "../../ci/rehearse/release-verdict";
import type { Running, World } from "../../ci/rehearse/release-world";
import { subjectsOf } from "../../ci/rehearse/subjects";

const repository = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/shop/app";
const build: Build = { tag: "build-2", digests: { [repository]: "sha256:22" } };

function running(more: Partial<Running> = {}): Running {
  return {
    revision: "shop-dev-api:4",
    image: `${repository}@sha256:22`,
    status: "proven",
    mark: "release-dev-2",
    wanted: 2,
    runs: 2,
    scaling: "2-6",
    settled: true,
    ...more,
  };
}

function world(api: Partial<Running> = {}, more: Partial<World> = {}): World {
  return {
    running: { api: running(api), reports: running({ revision: "shop-dev-reports:3", wanted: 1, runs: 1 }) },
    locked: false,
    silentAlarms: [],
    revisions: ["shop-dev-api:3", "shop-dev-api:4"],
    migrations: ["a"],
    ...more,
  };
}

describe("a build that runs", () => {
  test("is in every service, proven and marked, and nothing else is left of its release", () => {
    expect(runsBuild(world(), build)).toEqual([]);
  });

  test.each<[string, World, string]>([
    ["another image", world({ image: `${repository}@sha256:11` }), `api runs ${repository}@sha256:11, and not build-2`],
    ["a tag", world({ image: `${repository}:build-2` }), `api runs ${repository}:build-2, and not build-2`],
    ["no proof", world({ status: "released" }), "shop-dev-api:4 is released, and not proven"],
    ["no tag", world({ status: undefined }), "shop-dev-api:4 is not tagged, and not proven"],
    ["tasks that are missing", world({ runs: 1, settled: false }), "api wants 2 tasks and runs 1, or still changes"],
    ["scaling that is off", world({ scaling: "2-6, suspended" }), "api is kept from scaling"],
    ["two releases", world({ mark: "release-dev-1" }), "the marks name 2 releases: release-dev-1, release-dev-2"],
    ["a lock", world({}, { locked: true }), "the lock of releases is still held"],
    ["an alarm that is off", world({}, { silentAlarms: ["few-tasks"] }), "alarm few-tasks tells nobody"],
  ])("is not said to with %s", (_name, found, problem) => {
    expect(runsBuild(found, build)).toEqual([problem]);
  });

  test("is not said to before anything was released", () => {
    const unreleased = { mark: "no", status: undefined };
    const problems = runsBuild(world(unreleased, { running: { api: running(unreleased) } }), build);
    expect(problems).toContain('the mark of api says "no"');
  });
});

describe("what runs as before", () => {
  test("is the same in all that a person would see", () => {
    expect(runsAsBefore(world(), world({}, { revisions: ["shop-dev-api:5"], migrations: [] }))).toEqual([]);
  });

  test.each<[string, World, string]>([
    [
      "another revision",
      world({ revision: "shop-dev-api:5" }),
      "revision of api was shop-dev-api:4 and is shop-dev-api:5",
    ],
    ["a mark", world({ mark: "release-dev-3" }), "mark of api was release-dev-2 and is release-dev-3"],
    ["other limits", world({ scaling: "0-6" }), "scaling of api was 2-6 and is 0-6"],
    ["fewer tasks", world({ runs: 0 }), "runs of api was 2 and is 0"],
    ["a lock", world({}, { locked: true }), "the lock of releases is still held"],
  ])("is not with %s", (_name, after, problem) => {
    expect(runsAsBefore(world(), after)).toEqual([problem]);
  });
});

test("what came into being is counted", () => {
  const after = world(
    {},
    { revisions: ["shop-dev-api:3", "shop-dev-api:4", "shop-dev-api:5"], migrations: ["a", "b"] },
  );
  expect(nothingMade(world(), after)).toEqual(["shop-dev-api:5 was registered", "the migration ran 1 times"]);
  expect(nothingMade(world(), world())).toEqual([]);
  expect([oneMigration(world(), after), noMigration(world(), world())]).toEqual([[], []]);
  expect([oneMigration(world(), world()), noMigration(world(), after)]).toEqual([
    ["the migration ran 0 times"],
    ["the migration ran 1 times"],
  ]);
  expect(somethingRuns(world(), { api: 2, reports: 1 })).toEqual([]);
  expect(somethingRuns(world(), { api: 3 })).toEqual(["api wants 2 tasks, and not 3"]);
});

describe("images", () => {
  test("are for both architectures, and say what happens when they run", () => {
    expect(JSON.parse(manifestOf("build-3", repository, { exitCode: 1 }))).toMatchObject({
      manifests: [{ platform: { architecture: "amd64" } }, { platform: { architecture: "arm64" } }],
      annotations: { "slipway.rehearsal/exit-code": "1" },
    });
    const { annotations } = JSON.parse(manifestOf("build-4", repository, { neverHealthy: true })) as Record<
      string,
      unknown
    >;
    expect(annotations).toEqual({ "slipway.rehearsal/never-healthy": "true" });
  });

  test("of two builds or repositories are never the same", () => {
    const digests = ["build-1", "build-2"].flatMap((tag) =>
      [repository, `${repository}2`].map((url) => createHash("sha256").update(manifestOf(tag, url)).digest("hex")),
    );
    expect(new Set(digests).size).toBe(4);
  });
});

test("the story has each ending that a release can come to, and no name twice", () => {
  const names = releaseStory.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(releaseStory.map(({ exitCode }) => exitCode))).toEqual(new Set([0, 1, 10, 20, 30]));
  expect(() => new Builds().get("build-9")).toThrow("no build build-9 was pushed");
});

describe("what is done before a first release", () => {
  async function done(name: string): Promise<string[]> {
    const calls: string[] = [];
    const did = (call: string): Promise<Ending> => {
      calls.push(call);
      return Promise.resolve({ exitCode: 0, said: [] });
    };
    const commands: Pick<ReleaseCommands, "setSecret" | "syncLogins"> = {
      setSecret: (secret, value) => did(`${secret} ${value.length > 20 ? "gets a value" : "is short"}`),
      syncLogins: () => did("logins of the broker"),
    };
    const [subject] = subjectsOf([name]);
    const environment = subject?.configuration.environments[name];
    for (const prepare of environment === undefined ? [] : preparationsOf(environment)) {
      await prepare(commands as ReleaseCommands);
    }
    return calls;
  }

  test("is every secret once, and the logins of a broker of its own", async () => {
    expect(await done("variants")).toEqual([
      "SMTP_PASSWORD gets a value",
      "STRIPE_KEY gets a value",
      "logins of the broker",
    ]);
  });

  test("is nothing where no task reads a secret that people fill", () => {
    const { configuration } = subjectsOf(["variants"])[0]!;
    const { services, ...rest } = configuration.environments["variants"]!;
    const bare = {
      ...rest,
      services: { admin: services["admin"]! },
      mqtt: { none: true, because: "no devices" },
    } as const;
    expect(preparationsOf(bare)).toEqual([]);
  });
});
