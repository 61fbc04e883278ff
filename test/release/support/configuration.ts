import { type Configuration, parseConfiguration } from "../../../environments/checks";

export const account = "123456789012";
const declined = { none: true, because: "this is a test" } as const;
const common = {
  lifetime: "temporary",
  production: false,
  domain: declined,
  images: declined,
  mqtt: declined,
  monthlyBudgetUsd: 50,
  network: { cidr: "10.1.0.0/16", nat: { kind: "single" } },
} as const;

/** A project with two repositories, of which `app` runs on both architectures. */
export function testConfiguration(repositories: readonly string[] = ["app", "tools"]): Configuration {
  return parseConfiguration(
    {
      name: "shop",
      region: "eu-west-1",
      accounts: { dev: account, "dev-two": account, live: account },
      registry: { account, region: "eu-west-1" },
      publicZone: { none: true },
      repositories,
      alerts: { emails: ["a@example.com"] },
      stateBucket: { none: true },
      pipelines: { none: true, because: "pipelines are tested elsewhere" },
    },
    {
      dev: {
        ...common,
        name: "dev",
        services: { web: { kind: "worker" }, jobs: { kind: "worker", minTasks: 1, maxTasks: 4 } },
        migrations: { command: ["migrate"] },
      },
      "dev-two": {
        ...common,
        name: "dev-two",
        network: { ...common.network, cidr: "10.3.0.0/16" },
        services: {},
        migrations: declined,
      },
      live: {
        ...common,
        name: "live",
        network: { ...common.network, cidr: "10.2.0.0/16" },
        services: { web: { kind: "worker", architecture: "x86_64" } },
        migrations: declined,
      },
    },
  );
}
