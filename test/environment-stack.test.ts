import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { LbListenerRule } from "@cdktf/provider-aws/lib/lb-listener-rule";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { environments, project } from "./support/shipped";
import { stacksOf } from "./support/build-stacks";
import { shipped, variant } from "./support/stacks";
import type { Json, Synthesized } from "./support/synth";
import { permissionsOf } from "./support/tasks";

const zone = { id: "Z0123456789ABCDEFGHIJ", name: "example.com" };

function devWith(change: Json): Synthesized {
  const environment = { ...environments.dev, domain: { name: "dev.example.com" }, ...change };
  return stacksOf({ project: { ...project, publicZone: zone }, environments: { dev: environment } })["dev"]!;
}

const web = (route: Json): Json => ({ kind: "web", healthCheckPath: "/console/healthz", route });

function smokeUrl(services: Json): unknown {
  const contract = devWith({ services })
    .all(SsmParameter)
    .find(({ name }) => name === "/slipway/dev/release/environment");
  return (JSON.parse(contract!["value"] as string) as Json)["smokeUrl"];
}

test.each([
  [
    "the service that takes everything",
    { other: web({ path: "/v1" }), api: web({}) },
    "https://dev.example.com/console/healthz",
  ],
  [
    "a path that holds its health check",
    { admin: web({ path: "/console" }) },
    "https://dev.example.com/console/healthz",
  ],
  [
    "a host of its own",
    { admin: web({ host: "admin.dev.example.com" }) },
    "https://admin.dev.example.com/console/healthz",
  ],
  ["nothing, where no health check is reached from outside", { v1: web({ path: "/v1" }) }, null],
  ["nothing, behind a wildcard alone", { all: web({ host: "*.dev.example.com" }) }, null],
])("a release looks at %s", (_, services, url) => {
  expect(smokeUrl(services)).toBe(url);
});

test("services wait for their way to the internet, with NAT and without", () => {
  expect(shipped["dev"]!.one(EcsService)["depends_on"]).toContain("aws_route.Network_ToInternet_EA11597B");
  for (const service of variant.all(EcsService)) {
    const routes = (service["depends_on"] as string[]).filter((address) =>
      address.startsWith("aws_route.Network_Egress_DefaultRoutes_"),
    );
    expect(routes).toHaveLength(3);
  }
});

test("a domain redirects to HTTPS only once that answers, and routes stand there before they go here", () => {
  const listeners = variant.all(LbListener);
  const http = listeners.find(({ port }) => port === 80)!;
  expect(http["default_action"]).toMatchObject([{ type: "redirect" }]);
  expect(http["depends_on"]).toEqual([expect.stringMatching(/^aws_lb_listener\.LoadBalancer_HttpsListener_/)]);
  for (const rule of variant.all(LbListenerRule)) expect(rule["lifecycle"]).toEqual({ create_before_destroy: true });
});

test("secrets of migrations reach the migration, and the administrator's login nobody else", () => {
  const dev = devWith({ migrations: { ...environments.dev.migrations, secrets: ["SEED_KEY"] } });
  const secretsOf = (family: string, name: string): Record<string, string> => {
    const definition = dev.all(EcsTaskDefinition).find((one) => one["family"] === family)!;
    const containers = JSON.parse(definition["container_definitions"] as string) as Json[];
    const secrets = containers.find((container) => container["name"] === name)!["secrets"] as Json[];
    return Object.fromEntries(secrets.map((secret) => [String(secret["name"]), String(secret["valueFrom"])]));
  };
  const logins = secretsOf("slipway-dev-migration", "logins");
  const migrate = secretsOf("slipway-dev-migration", "migrate");
  const api = secretsOf("slipway-dev-api", "app");
  const ofAdministrator = /master_user_secret/;
  expect(logins["PGPASSWORD"]).toMatch(ofAdministrator);
  expect(JSON.stringify([migrate, api])).not.toMatch(ofAdministrator);
  expect(Object.keys(migrate)).toContain("SEED_KEY");
  expect(Object.keys({ ...logins, ...api })).not.toContain("SEED_KEY");
  // what runs and what migrates find different logins under the same names
  expect(migrate["DATABASE_URL"]).toMatch(/Generation1MigratorCredentials_Rotation1/);
  expect(api["DATABASE_URL"]).toMatch(/Generation1Credentials_Rotation1/);
  const mayRead = (role: string): string => JSON.stringify(permissionsOf(dev, role));
  for (const secret of [/Generation1Credentials/, /Generation1MigratorCredentials/, ofAdministrator]) {
    expect(mayRead("Migration_Template_ExecutionRole")).toMatch(secret);
  }
  expect(mayRead("ApiService_Template_ExecutionRole")).not.toMatch(/MigratorCredentials|master_user_secret/);
});

test.each([
  [399, { iops: undefined, storage_throughput: undefined }],
  [400, { iops: 12000, storage_throughput: 500 }],
])("a disk of %d GiB asks for the speed that it has by itself, where AWS takes the figure", (storageGiB, speed) => {
  const { iops, storage_throughput } = devWith({ database: { storageGiB, maxStorageGiB: 1000 } }).one(DbInstance);
  expect({ iops, storage_throughput }).toEqual(speed);
});
