import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { databaseLogins } from "../../constructs/database-logins";
import { databaseLoginsScript } from "../../constructs/database-logins-script";
import { MigrationTask, type MigrationTaskProps } from "../../constructs/migration-task";
import { synth, type Json, type Synthesized } from "../support/synth";
import { existingLogins, permissionsOf, taskProps } from "../support/tasks";

function built(
  settings: Partial<MigrationTaskProps["settings"]> = {},
  onMade: (made: MigrationTask) => void = () => undefined,
): Synthesized {
  return synth((scope, context) => {
    const migration = new MigrationTask(scope, "Migration", {
      ...taskProps(scope, context),
      variables: { DATABASE_CA: "certificates" },
      secretVariables: { DATABASE_URL: "arn:migrator-2:url::" },
      settings: { command: ["migrate"], ...settings },
      logins: existingLogins,
    });
    onMade(migration);
  });
}

function containersIn(stack: Synthesized): { readonly logins: Json; readonly migrate: Json } {
  const [logins, migrate, ...others] = JSON.parse(
    stack.one(EcsTaskDefinition)["container_definitions"] as string,
  ) as Json[];
  expect([logins?.["name"], migrate?.["name"], others]).toEqual(["logins", "migrate", []]);
  return { logins: logins!, migrate: migrate! };
}

const named = (list: Json[], value: string): Json => Object.fromEntries(list.map((one) => [one["name"], one[value]]));

describe("the application's container", () => {
  test("starts only once the logins are made, and gets two minutes to stop", () => {
    expect(containersIn(built()).migrate).toMatchObject({
      image: "999999999999.dkr.ecr.eu-central-1.amazonaws.com/shop/app:template",
      command: ["migrate"],
      essential: true,
      dependsOn: [{ containerName: "logins", condition: "SUCCESS" }],
      stopTimeout: 120,
    });
  });

  test("knows its own login alone", () => {
    expect(named(containersIn(built()).migrate["secrets"] as Json[], "valueFrom")).toEqual({
      DATABASE_URL: "arn:migrator-2:url::",
    });
  });

  test("may do what it is allowed", () => {
    const stack = built({}, (made) =>
      made.allow("Publish", ["sns:Publish"], ["arn:aws:sns:eu-west-1:123456789012:schema"]),
    );
    expect(Object.keys(permissionsOf(stack, "Migration_Template_TaskRole"))).toEqual(["Publish"]);
  });
});

describe("the container that makes the logins", () => {
  test("ends before the task does, without rights, on a filesystem that nobody writes to", () => {
    const { logins } = containersIn(built({ tmpMiB: 256, user: "5000:5000", command: ["other"] }));
    expect(logins).toMatchObject({
      image: "public.ecr.aws/docker/library/postgres:17-alpine",
      essential: false,
      entryPoint: ["sh", "-c"],
      user: "1000:1000",
      readonlyRootFilesystem: true,
      linuxParameters: {
        initProcessEnabled: true,
        capabilities: { drop: ["ALL"] },
        tmpfs: [{ containerPath: "/tmp", size: 4, mountOptions: ["rw", "nosuid", "nodev", "noexec"] }],
      },
      // the most that AWS takes
      startTimeout: 120,
      portMappings: [],
      mountPoints: [],
    });
    expect(logins["dependsOn"]).toBeUndefined();
    expect(logins["logConfiguration"]).toEqual(containersIn(built()).migrate["logConfiguration"]);
  });

  test("runs the script as it stands, with no expression of Terraform's in it", () => {
    const [script, ...others] = containersIn(built()).logins["command"] as string[];
    expect(others).toEqual([]);
    expect(script!.replace(/\$\$\{/g, "${")).toBe(databaseLoginsScript);
    expect(script).not.toMatch(/(?<!\$)\$\{|(?<!%)%\{/);
  });

  test("has the administrator's login and every login that is kept", () => {
    const { logins } = containersIn(built({ environment: { MODE: "fast" } }));
    expect(named(logins["environment"] as Json[], "value")).toEqual({
      DATABASE_CA: "certificates of the region",
      LOGINS: "app_1 app_2 migrator_1 migrator_2",
    });
    expect(named(logins["secrets"] as Json[], "valueFrom")).toEqual({
      APP_1_PASSWORD: "arn:app-1:password::",
      APP_2_PASSWORD: "arn:app-2:password::",
      MIGRATOR_1_PASSWORD: "arn:migrator-1:password::",
      MIGRATOR_2_PASSWORD: "arn:migrator-2:password::",
      PGDATABASE: "arn:app-2:dbname::",
      PGHOST: "arn:app-2:host::",
      PGPASSWORD: "arn:master:password::",
      PGPORT: "arn:app-2:port::",
      PGUSER: "arn:master:username::",
    });
  });

  test("must have something to make", () => {
    expect(() => databaseLogins({ ...existingLogins, credentials: [] }, "image")).toThrow(
      "no credentials to make logins from",
    );
  });
});

describe("the image that makes the logins", () => {
  const pulled = (loginsImage: string): string[] => {
    const stack = built({ loginsImage });
    expect(containersIn(stack).logins["image"]).toBe(loginsImage);
    const [pull] = permissionsOf(stack, "Migration_Template_ExecutionRole")["Baseline"]!;
    return pull!["Resource"] as string[];
  };
  const own = "arn:aws:ecr:eu-central-1:999999999999:repository/shop/app";

  test("is pulled from the internet without a permission", () => {
    expect(pulled(`registry.example.com:5000/tools/psql@sha256:${"a".repeat(64)}`)).toEqual([own]);
  });

  test.each(["16", "latest@sha256"].map((tag) => [tag]))("may be a copy in a private registry (%s)", (tag) => {
    const image = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/tools/psql";
    const reference = tag === "16" ? `${image}:${tag}` : `${image}@sha256:${"b".repeat(64)}`;
    expect(pulled(reference)).toEqual([own, "arn:aws:ecr:eu-west-1:111111111111:repository/tools/psql"]);
  });

  test("may be in the repository of the application", () => {
    expect(pulled("999999999999.dkr.ecr.eu-central-1.amazonaws.com/shop/app:psql")).toEqual([own]);
  });

  test.each([
    "postgres",
    "postgres:17",
    "public.ecr.aws/docker/library/postgres",
    "public.ecr.aws/x:",
    "https://a.b/c:1",
  ])("%s is no image with its registry and a version", (loginsImage) => {
    expect(() => built({ loginsImage })).toThrow(
      `loginsImage must be an image with its registry and a tag or digest, such as public.ecr.aws/docker/library/postgres:17-alpine, got "${loginsImage}"`,
    );
  });
});
