import type { Configured, Drill } from "../../ci/rehearse/drill";
import { pascalCase as pascal } from "../../constructs/shared/pascal-case";
import type { EnvironmentInput } from "../../environments/environment";
import { type Entry, newRevision } from "./drill-entry";
import { partDrills } from "./part-drills";

type Database = NonNullable<EnvironmentInput["database"]>;
type Services = EnvironmentInput["services"];

/** The changes that are planned against an environment in this configuration, in this order. */
export function drillsFor(base: Configured): readonly Drill[] {
  return drills.filter(({ appliesTo }) => appliesTo?.(base) ?? true).map((drill) => drill.of(base));
}

/** What one of the rehearsed environments really goes through after the plans: everything that is quick, in one apply. */
export const combination: readonly string[] = [
  "add a zone",
  "add a service",
  "change task size and image",
  "rotate the app credentials",
];

/** `base` after the named drills, one upon the other. */
export function changed(base: Configured, names: readonly string[]): Configured {
  return names.reduce((configured, name) => {
    const drill = drillsFor(base).find((candidate) => candidate.name === name);
    if (drill === undefined) throw new Error(`${base.environment.name} has no drill "${name}"`);
    return drill.change(configured);
  }, base);
}

const drills: readonly Entry[] = [
  {
    of: () => ({
      name: "add a zone",
      change: withNetwork(({ zones = ["a", "b"], ...network }) => ({
        ...network,
        zones: [...zones, (["a", "b", "c", "d"] as const)[zones.length] ?? "d"],
      })),
      expects: [
        { address: "aws_subnet.*", action: "create" },
        { address: "aws_lb.*", action: "update" },
      ],
    }),
  },
  {
    of: ({ environment }) => {
      const { kind, expects } = otherNat[environment.network.nat.kind];
      return {
        name: "switch the NAT strategy",
        change: withNetwork((network) => ({ ...network, nat: { kind } })),
        expects: [expects],
        mayDelete: [
          { address: "*Nat*", because: "it is what the old strategy consisted of" },
          { address: "aws_route.Network_Egress_*", because: "without NAT there is no way out of private subnets" },
        ],
      };
    },
  },
  {
    of: () => ({
      name: "grow storage and class",
      change: withDatabase((database) => ({
        ...database,
        instanceClass: "m7g.large",
        storageGiB: (database.storageGiB ?? 20) + 20,
        maxStorageGiB: Math.max(200, database.maxStorageGiB ?? 0, (database.storageGiB ?? 20) + 20),
      })),
      expects: [{ address: "aws_db_instance.*", action: "update" }],
      mayDelete: [{ address: "aws_cloudwatch_metric_alarm.Database_*", because: "another class has no CPU credits" }],
    }),
  },
  {
    appliesTo: ({ environment }) => environment.database?.multiAz !== true,
    of: () => ({
      name: "switch Multi-AZ on",
      change: withDatabase((database) => ({ ...database, multiAz: true })),
      expects: [{ address: "aws_db_instance.*", action: "update" }],
    }),
  },
  {
    of: () => ({
      name: "add a service",
      change: withServices((services) => ({ ...services, drilled: { kind: "worker", secrets: ["DRILL_KEY"] } })),
      expects: [
        { address: "aws_ecs_service.Drilled*", action: "create" },
        { address: "aws_cloudwatch_log_group.Drilled*", action: "create" },
      ],
    }),
  },
  {
    of: ({ environment }) => {
      const [name] = firstOf(environment.services);
      return {
        name: "remove a service",
        change: withServices((services) =>
          Object.fromEntries(Object.entries(services).filter(([key]) => key !== name)),
        ),
        expects: [{ address: `aws_ecs_service.${pascal(name)}*`, action: "delete" }],
        mayDelete: [{ address: `*.${pascal(name)}*`, because: "it is the service" }],
        losesData: [
          { address: `aws_ecs_service.${pascal(name)}*`, because: "it is the service" },
          { address: `aws_cloudwatch_log_group.${pascal(name)}*`, because: "its logs go with it" },
        ],
      };
    },
  },
  {
    of: ({ environment }) => {
      const [name] = firstOf(environment.services);
      return {
        name: "change task size and image",
        change: ({ project, environment: current }) => ({
          project: { ...project, repositories: [...project.repositories, "drilled"] },
          environment: {
            ...current,
            services: {
              ...current.services,
              [name]: { ...serviceOf(current, name), cpu: 2048, memoryMiB: 4096, repository: "drilled" },
            },
          },
        }),
        expects: [{ address: `aws_ecs_task_definition.${pascal(name)}*`, action: "create" }],
        mayReplace: [newRevision],
      };
    },
  },
  {
    appliesTo: ({ environment }) => firstOf(environment.services)[1].kind === "web",
    of: ({ environment }) => {
      const [name, first] = firstOf(environment.services);
      const port = (first.kind === "web" ? first.port : undefined) ?? 8080;
      return {
        name: "change the port of a live service",
        change: withServices((services) => {
          const service = services[name];
          return service?.kind === "web"
            ? { ...services, [name]: { ...service, port: port === 9090 ? 9091 : 9090 } }
            : services;
        }),
        refusedWith: `must stay ${port} while the service exists`,
      };
    },
  },
  {
    of: ({ environment }) => {
      const rotation = environment.database?.credentialRotation ?? 1;
      return {
        name: "rotate the app credentials",
        change: withDatabase((database) => ({ ...database, credentialRotation: rotation + 1 })),
        expects: [{ address: "aws_secretsmanager_secret.*", action: "create" }],
        mayReplace: [newRevision],
        ...(rotation > 1 ? { mayDelete: [lastLogin("_version")], losesData: [lastLogin("")] } : {}),
      };
    },
  },
  {
    of: () => ({
      name: "change retention",
      change: ({ project, environment }) => ({
        project,
        environment: {
          ...environment,
          logRetentionDays: 60,
          database: { ...environment.database, backupRetentionDays: 21, logRetentionDays: 60 },
        },
      }),
      expects: [
        { address: "aws_cloudwatch_log_group.*", action: "update" },
        { address: "aws_db_instance.*", action: "update" },
      ],
    }),
  },
  {
    appliesTo: ({ environment }) => "none" in environment.domain,
    of: ({ environment }) => ({
      name: "turn a domain on",
      change: ({ project }) => ({
        project: { ...project, publicZone: { id: "Z0123456789ABCDEFGHIJ", name: "example.com" } },
        environment: { ...environment, domain: { name: `${environment.name}.example.com` } },
      }),
      expects: [
        { address: "aws_acm_certificate.*", action: "create" },
        { address: "aws_lb_listener.*", action: "create" },
        { address: "aws_route53_record.*", action: "create" },
      ],
      mayReplace: [
        { address: "aws_lb_listener_rule.*", because: "routes move from the HTTP listener to the HTTPS one" },
        newRevision,
      ],
    }),
  },
  ...partDrills,
  {
    of: ({ environment }) => ({
      name: "restore onto the live database",
      change: withDatabase((database) => {
        const generation = database.generation ?? 1;
        return { ...database, restore: { generation, snapshot: `before-${environment.name}` } };
      }),
      refusedWith: "is live: restore acts only when",
    }),
  },
  {
    appliesTo: ({ environment }) => (environment.database?.otherGenerations ?? []).length === 0,
    of: ({ project, environment }) => ({
      name: "restore into a generation beside",
      change: withDatabase((database) => ({
        ...database,
        otherGenerations: [2],
        restore: { generation: 2, instance: `${project.name}-${environment.name}-db-1`, at: "latest" },
      })),
      expects: [{ address: "aws_db_instance.*2*", action: "create" }],
    }),
  },
  {
    appliesTo: ({ environment }) => environment.database?.restore !== undefined,
    of: () => ({
      name: "forget where a generation came from",
      change: withDatabase((database) =>
        Object.fromEntries(Object.entries(database).filter(([field]) => field !== "restore")),
      ),
      expects: "no change",
    }),
  },
];

const otherNat = {
  none: { kind: "instance", expects: { address: "aws_autoscaling_group.Network_*", action: "create" } },
  instance: { kind: "single", expects: { address: "aws_nat_gateway.Network_*", action: "create" } },
  single: { kind: "per-az", expects: { address: "aws_nat_gateway.Network_*", action: "create" } },
  "per-az": { kind: "none", expects: { address: "aws_nat_gateway.Network_*", action: "delete" } },
} as const;

function lastLogin(kind: "" | "_version"): { readonly address: string; readonly because: string } {
  return {
    address: `aws_secretsmanager_secret${kind}.*`,
    because: "the login before the previous one: nothing runs with it",
  };
}

function withNetwork(change: (network: EnvironmentInput["network"]) => EnvironmentInput["network"]): Drill["change"] {
  return ({ project, environment }) => ({
    project,
    environment: { ...environment, network: change(environment.network) },
  });
}

function withDatabase(change: (database: Database) => Database): Drill["change"] {
  return ({ project, environment }) => ({
    project,
    environment: { ...environment, database: change(environment.database ?? {}) },
  });
}

function withServices(change: (services: Services) => Services): Drill["change"] {
  return ({ project, environment }) => ({
    project,
    environment: { ...environment, services: change(environment.services) },
  });
}

function firstOf(services: Services): readonly [string, Services[string]] {
  const [first] = Object.entries(services);
  if (first === undefined) throw new Error("an environment to be rehearsed needs a service");
  return first;
}

function serviceOf({ services }: EnvironmentInput, name: string): Services[string] {
  const service = services[name];
  if (service === undefined) throw new Error(`there is no service ${name}`);
  return service;
}
