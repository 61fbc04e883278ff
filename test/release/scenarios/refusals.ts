import { contracts } from "../fake/environment";
import { family, secretArn } from "../fake/names";
import type { Scenario } from "../fake/scenario";
import { AwsFault } from "../fake/server";
import { denied, released, succeed, twoRepositories, untouched } from "./parts";

export const refusals: Scenario[] = [
  {
    name: "the image is missing",
    line: "release dev --image build-z",
    code: 30,
    writes: [],
    state: untouched,
    says: ["image app:build-z is not in the registry: npm run build -- app makes and pushes one"],
  },
  {
    name: "a repository is missing, and an image in another one",
    world: () => twoRepositories(),
    given: ({ registry }) => registry.remove("tools"),
    line: "release dev --image build-z",
    code: 30,
    writes: [],
    state: untouched,
    says: [
      "there is no repository 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/tools: npm run deploy -- registry",
      "image app:build-z is not in the registry",
    ],
  },
  {
    name: "the image is for another architecture",
    given: (world) => world.push("C", { architectures: ["amd64", "amd64"] }),
    line: "release dev --image build-c",
    code: 30,
    writes: [],
    state: untouched,
    says: ["image app:build-c is for linux/amd64", "web runs on linux/arm64"],
  },
  {
    name: "the only image is for another architecture",
    given: (world) => world.push("C", { architectures: ["amd64"] }),
    line: "release dev --image build-c",
    code: 30,
    writes: [],
    state: untouched,
    says: ["image app:build-c is for linux/amd64, and web runs on linux/arm64"],
  },
  {
    name: "everything is wrong, and is said at once",
    given: ({ settings, services, tasks, clock }) => {
      settings.secrets.set(secretArn("secrets/STRIPE_KEY"), null);
      settings.secrets.set(secretArn("database/app-1-1"), "{}");
      settings.subnets.delete("subnet-b");
      settings.roles.delete("shop-dev-web-task");
      settings.logGroups.delete("/shop/dev/tasks/jobs");
      settings.alarms.set("shop-dev-web-5xx", { ringing: true, actions: true });
      services.get("jobs").status = "INACTIVE";
      services.get("web").script.push("stuck");
      services.deploy("web", services.get("web").taskDefinition.replace(/:2$/, ":1"));
      // ECS lists it some seconds later
      void clock.sleep(5_000);
      tasks.addRunning(family("migration"));
    },
    line: "release dev --image build-z",
    code: 30,
    writes: [],
    state: { ...untouched, runs: "web template×3, jobs gone, nightly A on" },
    says: [
      "image app:build-z is not in the registry",
      "secret /shop/dev/secrets/STRIPE_KEY has no value",
      "npm run secrets -- set dev STRIPE_KEY",
      "secret /shop/dev/database/app-1-1 has no field password",
      "subnet subnet-b is not there",
      "role shop-dev-web-task is not there",
      "log group /shop/dev/tasks/jobs is not there",
      "alarm shop-dev-web-5xx rings",
      "service jobs is inactive",
      "a deployment of web is in progress",
      "a migration is running",
    ],
  },
  {
    name: "an alarm rings",
    given: ({ settings }) => settings.alarms.set("shop-dev-web-5xx", { ringing: true, actions: true }),
    code: 30,
    writes: [],
    state: untouched,
    says: ["alarm shop-dev-web-5xx rings", "--force"],
  },
  {
    name: "an alarm rings, and a person insists",
    given: ({ settings }) => settings.alarms.set("shop-dev-web-5xx", { ringing: true, actions: true }),
    line: "release dev --image build-b --force",
    code: 0,
    writes: succeed,
    state: released,
    says: ["warning: alarm shop-dev-web-5xx rings"],
  },
  {
    name: "some things may not be looked at, which is only said",
    given: (world) => {
      world.fails("GetSecretValue", denied, { times: 9 });
      world.fails("GetRole", new AwsFault("AccessDenied"), { times: 99 });
      world.fails("DescribeSubnets", new AwsFault("UnauthorizedOperation"), { times: 9 });
    },
    code: 0,
    writes: succeed,
    state: released,
    says: [
      "what is in the secrets was not looked at",
      "whether the roles of tasks are there was not looked at",
      "the network was not looked at",
    ],
  },
  {
    name: "the environment is not deployed",
    given: ({ settings }) => settings.parameters.clear(),
    code: 1,
    writes: [],
    state: { ...untouched, marks: "" },
    says: ["dev is not deployed yet (/shop/dev/release is empty): npm run deploy -- dev"],
  },
  {
    name: "the contract is of another version",
    given: ({ settings }) =>
      settings.parameters.set(
        "/shop/dev/release/environment",
        JSON.stringify({ ...contracts().environment, version: 2 }),
      ),
    code: 1,
    writes: [],
    state: untouched,
    says: ["/shop/dev/release/environment was written by another version of Slipway: npm run deploy -- dev"],
  },
  {
    name: "the environment does not exist",
    line: "release dve --image build-b",
    code: 2,
    writes: [],
    state: untouched,
    says: ["dve is not an environment: did you mean dev?"],
  },
  {
    name: "the image is no image",
    line: "release dev --image app@sha256:short",
    code: 2,
    writes: [],
    state: untouched,
    says: ["a digest is sha256: and 64 hexadecimal digits"],
  },
  {
    name: "the repository is not one of the environment",
    line: "release dev --image api:build-b",
    code: 2,
    writes: [],
    state: untouched,
    says: ["api is not a repository of this environment"],
  },
  {
    name: "two take the lock at the same moment, and this one comes second",
    given: (world) => world.fails("PutParameter", new AwsFault("TooManyUpdates")),
    code: 31,
    writes: [],
    state: untouched,
    says: ["another release of dev is running"],
  },
  {
    name: "a lock is to be given back, and nothing changed",
    line: "release dev --unlock --dry-run",
    code: 2,
    writes: [],
    state: untouched,
    says: ["--dry-run changes nothing, and --unlock gives a lock back"],
  },
  {
    name: "a repository has no image",
    world: () => twoRepositories(),
    line: "release dev --image app:build-b",
    code: 2,
    writes: [],
    state: untouched,
    says: ["no image of repository tools is named: add --image tools:<tag>"],
  },
  {
    name: "no call is let in",
    given: (world) => world.expire(),
    code: 4,
    writes: [],
    state: untouched,
    says: ["AWS does not accept these credentials"],
  },
  {
    name: "another release is running",
    given: ({ settings }) =>
      settings.parameters.set("/shop/dev/lock/release", JSON.stringify({ by: "bob", since: "2026-11-26T11:59:00Z" })),
    code: 31,
    writes: [],
    state: { ...untouched, lock: "held" },
    says: ["another release of dev is running, by bob since 2026-11-26T11:59:00Z", "--unlock"],
  },
  {
    name: "another release takes the lock a moment before",
    given: (world) =>
      world.when("DescribeSubnets", () =>
        world.settings.parameters.set("/shop/dev/lock/release", JSON.stringify({ by: "bob", since: "now" })),
      ),
    code: 31,
    writes: [],
    state: { ...untouched, lock: "held" },
    says: ["another release of dev is running, by bob since now"],
  },
  {
    name: "a killed release has left its lock, and it is given back",
    given: ({ settings }) =>
      settings.parameters.set("/shop/dev/lock/release", JSON.stringify({ by: "bob", since: "then" })),
    line: "release dev --unlock",
    code: 0,
    writes: ["DeleteParameter lock/release"],
    state: untouched,
    says: ["the lock of dev is free; it was held by bob since then"],
  },
  {
    name: "a lock is not given back while a migration runs",
    given: ({ settings, tasks }) => {
      settings.parameters.set("/shop/dev/lock/release", JSON.stringify({ by: "bob", since: "then" }));
      tasks.addRunning(family("migration"));
    },
    line: "release dev --unlock",
    code: 31,
    writes: [],
    state: { ...untouched, lock: "held" },
    says: ["the lock stays, by bob since then: a migration is running (task ", "--force"],
  },
  {
    name: "the credentials are those of another account",
    given: ({ settings }) => (settings.account = "999999999999"),
    code: 4,
    writes: [],
    state: untouched,
    says: ["these credentials are of account 999999999999, and dev belongs to 123456789012"],
  },
  {
    name: "the template and the schedule are gone",
    given: ({ settings }) => {
      settings.schedules.clear();
      const { web, ...others } = contracts().services;
      for (const [name, contract] of Object.entries({
        ...others,
        web: { ...web, templateTaskDefinitionArn: "x/y:1" },
      })) {
        settings.parameters.set(`/shop/dev/release/services/${name}`, JSON.stringify(contract));
      }
    },
    code: 30,
    writes: [],
    state: { ...untouched, runs: "web A×3, jobs A×1, nightly nothing off" },
    says: ["the template of web is not there (x/y:1)", "schedule nightly is not there: npm run deploy -- dev"],
  },
  {
    name: "a dry run says what a release would be refused for",
    line: "release dev --image build-b --dry-run",
    given: ({ settings }) => settings.subnets.clear(),
    code: 30,
    writes: [],
    state: untouched,
    says: ["~ image ", "subnet subnet-a is not there"],
  },
  {
    name: "no image is named",
    line: "release dev",
    code: 2,
    writes: [],
    state: untouched,
    says: ["--image is required"],
  },
  {
    name: "there is no lock to give back",
    line: "release dev --unlock",
    code: 0,
    writes: [],
    state: untouched,
    says: ["nobody has the lock of dev"],
  },
];
