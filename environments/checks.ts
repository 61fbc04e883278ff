import { BlueprintError } from "../constructs/shared/blueprint-error";
import { addressPlanProblems, overlaps } from "../constructs/shared/address-plan";
import { routeProblems } from "../constructs/shared/listener-priority";
import { shown } from "../constructs/shared/fields";
import { checked } from "../constructs/shared/problems";
import { environmentSchema, type Environment } from "./environment";
import { projectSchema, type Project } from "./project-schema";

/** A project and its environments with all defaults, checked. */
export interface Configuration {
  readonly project: Project;
  readonly environments: Readonly<Record<string, Environment>>;
}

/**
 * The configuration that the stacks are built from.
 *
 * @throws BlueprintError with every problem of every environment, each sentence starting with `project` or with the
 * environment's name, before anything is built
 */
export function parseConfiguration(project: unknown, environments: Readonly<Record<string, unknown>>): Configuration {
  const ofProject = checked(projectSchema, project);
  const ofEnvironments = Object.entries(environments).map(([key, environment]) => ({
    key,
    ...checked(environmentSchema, environment),
  }));
  const right = ofEnvironments.flatMap(({ key, settings }) => (settings === undefined ? [] : [{ key, settings }]));
  const problems = [
    ...ofProject.problems.map((problem) => `project: ${problem}`),
    ...ofEnvironments.flatMap(({ key, problems, settings }) =>
      (settings === undefined ? problems : problemsOfEnvironment(key, settings, ofProject.settings)).map(
        (problem) => `${key}: ${problem}`,
      ),
    ),
    ...overlapProblems(right.map(({ settings }) => settings)),
    ...thingNameProblems(
      right.map(({ settings }) => settings),
      ofProject.settings,
    ),
    ...slackProblems(
      right.map(({ key }) => key),
      ofProject.settings,
    ),
    ...prefixProblems(
      right.map(({ key }) => key),
      ofProject.settings,
    ),
  ];
  if (problems.length > 0 || ofProject.settings === undefined) throw new BlueprintError("configuration", problems);
  return {
    project: ofProject.settings,
    environments: Object.fromEntries(right.map(({ key, settings }) => [key, settings])),
  };
}

function problemsOfEnvironment(key: string, environment: Environment, project: Project | undefined): string[] {
  return [
    ...identityProblems(key, environment, project),
    ...addressPlanProblems(environment.network.cidr, environment.network.zones).map((p) => `network.${p}`),
    ...serviceProblems(environment, project),
    ...protectionProblems(environment),
    ...usesProblems(environment),
    ...taskPermissionProblems(environment),
    ...(project === undefined
      ? []
      : [
          ...domainProblems(environment, project),
          ...imagesHostProblems(environment, project),
          ...repositoryProblems(environment, project),
        ]),
  ];
}

function identityProblems(key: string, { name }: Environment, project: Project | undefined): string[] {
  const problems: string[] = [];
  if (name !== key)
    problems.push(`name must be the key in environments/index.ts, "${key}", got ${shown(name)}: make them equal`);
  if (name === "registry" || name === "bootstrap") {
    problems.push(`name must not be that of a stack which exists once, got ${shown(name)}: choose another`);
  }
  if (name === "state") {
    // the names of its buckets would begin like that of the state, which its roles would then reach
    problems.push(`name must not be that of the bucket of the state, got ${shown(name)}: choose another`);
  }
  if (project !== undefined && project.accounts[key] === undefined) {
    problems.push(`needs an account: add accounts.${key} to environments/project.ts`);
  }
  return problems;
}

/** Names of services that something else of an environment has. */
const reservedServices = ["migration"];

function serviceProblems({ services, domain }: Environment, project: Project | undefined): string[] {
  const zone = project === undefined || "none" in project.publicZone ? undefined : project.publicZone.name;
  return [
    ...Object.keys(services)
      .filter((name) => reservedServices.includes(name))
      .map(
        (name) => `services.${name} must not be called ${name}, as the task of \`migrations\` is: choose another name`,
      ),
    ...("name" in domain ? routeProblems(services, domain.name, zone) : routeProblems(services, undefined)),
  ];
}

function protectionProblems({ lifetime, production, database, services }: Environment): string[] {
  const problems: string[] = [];
  if (lifetime === "permanent" && database.backupRetentionDays === 0) {
    problems.push("database.backupRetentionDays must be 1 or more in a permanent environment, got 0: keep backups");
  }
  if (production && lifetime === "temporary") {
    problems.push(
      'lifetime must be "permanent" in production, got "temporary": raise the guards, or set production to false',
    );
  }
  for (const [name, service] of Object.entries(services)) {
    if (!production || service.kind === "schedule") continue;
    if (service.capacity.onDemandBase === 0 && service.capacity.spotPercent === 100) {
      problems.push(
        `services.${name}.capacity must not be Spot alone in production, got onDemandBase 0 and spotPercent 100: set onDemandBase to 1 or more`,
      );
    }
  }
  return problems;
}

function domainProblems({ domain }: Environment, { publicZone }: Project): string[] {
  if (!("name" in domain)) return [];
  if ("none" in publicZone) {
    return [`domain.name needs a hosted zone, got ${shown(domain.name)}: set publicZone in environments/project.ts`];
  }
  if (domain.name === publicZone.name || domain.name.endsWith(`.${publicZone.name}`)) return [];
  return [
    `domain.name must be in the project's zone ${publicZone.name}, got ${shown(domain.name)}: use a name under it`,
  ];
}

/** The CDN answers under the host that it has in the zone, and the load balancer under the others. */
function imagesHostProblems({ domain, images, services }: Environment, { publicZone }: Project): string[] {
  if ("none" in images || images.host === undefined) return [];
  const { host } = images;
  if ("none" in domain) {
    return [`images.host needs the environment's domain, got ${shown(host)}: set domain, or leave host out`];
  }
  if ("none" in publicZone) return [];
  if (!host.endsWith(`.${publicZone.name}`)) {
    return [
      `images.host must be in the project's zone ${publicZone.name}, got ${shown(host)}: use a name under it, or leave host out for images.${domain.name}`,
    ];
  }
  const taken = [domain.name, ...Object.values(services).map((s) => (s.kind === "web" ? s.route.host : undefined))];
  return taken.includes(host)
    ? [`images.host must not be one that the load balancer answers to, got ${shown(host)}: choose another`]
    : [];
}

function usesProblems({ services, images, mqtt }: Environment): string[] {
  const parts = { images, mqtt };
  return Object.entries(services).flatMap(([name, { uses }]) =>
    uses
      .filter((part) => "none" in parts[part])
      .map(
        (part) =>
          `services.${name}.uses must not hold "${part}", which this environment declines: describe ${part}, or take it out`,
      ),
  );
}

/** A policy has 6,144 characters, of which the rest of the boundary takes half. */
const TASK_PERMISSIONS_SIZE = 2500;

function taskPermissionProblems({ taskPermissions }: Environment): string[] {
  const size = JSON.stringify(taskPermissions).length;
  return size <= TASK_PERMISSIONS_SIZE
    ? []
    : [
        `taskPermissions must not be longer than ${TASK_PERMISSIONS_SIZE} characters as JSON, got ${size}: a policy has room for no more, so name services by service:* or resources by what they begin with`,
      ];
}

function repositoryProblems({ services, migrations }: Environment, { repositories }: Project): string[] {
  const used = [
    ...Object.entries(services).map(([name, { repository }]) => [`services.${name}`, repository] as const),
    ...("none" in migrations ? [] : [["migrations", migrations.repository] as const]),
  ];
  return used
    .filter(([, repository]) => !repositories.includes(repository))
    .map(
      ([field, repository]) =>
        `${field}.repository must be one of the project's repositories (${repositories.join(", ")}), got ${shown(repository)}: add it to environments/project.ts`,
    );
}

function overlapProblems(environments: readonly Environment[]): string[] {
  return environments.flatMap((one, i) =>
    environments
      .slice(i + 1)
      .filter((other) => overlaps(one.network.cidr, other.network.cidr))
      .map(
        (other) =>
          `${other.name}: network.cidr must not overlap that of ${one.name} (${one.network.cidr}), got "${other.network.cidr}": take a free block, so that the two can be peered`,
      ),
  );
}

/** Names of things are those of the whole account: `dev-two-1` would be device two-1 of dev, and device 1 of dev-two. */
function thingNameProblems(environments: readonly Environment[], project: Project | undefined): string[] {
  const things = environments.filter(({ mqtt }) => "engine" in mqtt && mqtt.engine === "iot-core");
  return things.flatMap(({ name }) =>
    things
      .filter((other) => name.startsWith(`${other.name}-`))
      .filter((other) => project?.accounts[name] === project?.accounts[other.name])
      .map(
        (other) =>
          `${name}: name must not begin with that of another environment on AWS IoT Core in its account, got ${shown(name)} beside ${shown(other.name)}: their devices could be called alike, so choose another name, or another account`,
      ),
  );
}

/** AWS takes a channel once per account, and each environment would ask for it. */
function slackProblems(names: readonly string[], project: Project | undefined): string[] {
  if (project?.alerts.slack === undefined) return [];
  const { accounts } = project;
  return names.flatMap((name, i) => {
    const account = accounts[name];
    const other = names.slice(0, i).find((earlier) => account !== undefined && accounts[earlier] === account);
    return other === undefined
      ? []
      : [
          `project: alerts.slack must be left out where environments share an account, got ${other} and ${name} in ${shown(account)}: AWS takes a channel once per account, so use accounts of their own, or e-mail and https`,
        ];
  });
}

/** Roles of pipelines tell by the start of a name whose something is, where AWS knows no tag. */
function prefixProblems(names: readonly string[], project: Project | undefined): string[] {
  if (project === undefined || "none" in project.pipelines) return [];
  const { accounts } = project;
  return names.flatMap((name) =>
    names
      .filter((other) => name.startsWith(`${other}-`) && accounts[name] === accounts[other])
      .map(
        (other) =>
          `${name}: name must not begin like that of ${other}, which is in the same account, got "${name}": the pipelines of ${other} could reach what is in it; choose another, or an account of its own`,
      ),
  );
}
