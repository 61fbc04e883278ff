import { environments, project } from "../support/shipped";
import { BlueprintError } from "../../constructs/shared/blueprint-error";
import { pipelinePlaceholderProblems, placeholderProblems } from "../../environments/accounts";
import { parseConfiguration } from "../../environments/checks";
import { projectSchema } from "../../environments/project-schema";
import { project as variantsProject, variants } from "../support/variants";

type Plain = Record<string, unknown>;

function problemsOfConfiguration(...configuration: Parameters<typeof parseConfiguration>): readonly string[] {
  try {
    parseConfiguration(...configuration);
    return [];
  } catch (error) {
    if (error instanceof BlueprintError) return error.problems;
    throw error;
  }
}

/** The problems of the shipped configuration after `change` was merged into one environment. */
function problemsWith(
  change: Plain,
  name: keyof typeof environments = "dev",
  inProject: Plain = {},
): readonly string[] {
  return problemsOfConfiguration(
    { ...project, ...inProject },
    { ...environments, [name]: merged(environments[name], change) },
  );
}

function merged(base: unknown, change: unknown): unknown {
  if (!isPlain(base) || !isPlain(change)) return change;
  const result: Plain = { ...base };
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) delete result[key];
    else result[key] = merged(base[key], value);
  }
  return result;
}

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

test("the shipped environments and the variants have no problem", () => {
  expect(problemsOfConfiguration(project, environments)).toEqual([]);
  expect(problemsOfConfiguration(variantsProject, { variants })).toEqual([]);
});

const activeMq: Plain = { engine: "activemq", deployment: "single", instanceType: "mq.t3.micro" };

describe("a problem is told with environment, field, rule, value and fix", () => {
  const web = (change: Plain): Plain => ({ services: { api: change } });
  const db = (change: Plain): Plain => ({ database: change });
  const table: readonly (readonly [Plain, string | RegExp])[] = [
    [{ lifetime: "forever" }, 'dev: lifetime must be one of "permanent", "temporary", got "forever"'],
    [{ production: "yes" }, 'dev: production must be true or false, got "yes"'],
    [
      { production: true, services: { api: { capacity: { onDemandBase: 1 } } } },
      'dev: lifetime must be "permanent" in production, got "temporary": raise the guards, or set production to false',
    ],
    [{ name: "devel" }, 'dev: name must be the key in environments/index.ts, "dev", got "devel": make them equal'],
    [{ name: undefined }, /^dev: name is required: must be lower-case letters, digits and single hyphens/],
    [
      { domain: { none: true, because: undefined } },
      "dev: domain.because is required: must be a reason of at least 10 characters",
    ],
    [
      { domain: { none: undefined, because: undefined, name: "dev.example.com" } },
      'dev: domain.name needs a hosted zone, got "dev.example.com": set publicZone in environments/project.ts',
    ],
    [{ netwrok: {} }, "dev: netwrok is not a field that exists: did you mean network?"],
    [{ network: { cird: "x" } }, "dev: network.cird is not a field that exists: did you mean cidr?"],
    [
      { network: { cidr: "10.10.0.0/8" } },
      'dev: network.cidr must be an IPv4 block of a private range, from /16 to /22, such as 10.10.0.0/16, got "10.10.0.0/8"',
    ],
    [
      { network: { cidr: "10.20.0.0/18" } },
      'stage: network.cidr must not overlap that of dev (10.20.0.0/18), got "10.20.0.0/16": take a free block, so that the two can be peered',
    ],
    [{ network: { zones: ["a"] } }, 'dev: network.zones must be a list of 2 to 4 zone letters, got ["a"]'],
    [
      { network: { zones: ["a", "a"] } },
      'dev: network.zones must be a list in which nothing stands twice, got ["a","a"]',
    ],
    [
      { network: { nat: { kind: "gateway" } } },
      'dev: network.nat.kind must be one of "none", "instance", "single", "per-az", got "gateway"',
    ],
    [{ network: { nat: undefined } }, /^dev: network\.nat is required/],
    [
      { network: { flowLogs: { retentionDays: 2 } } },
      /^dev: network\.flowLogs\.retentionDays must be one of 1, 3, 5, 7, .* days, got 2$/,
    ],
    [{ logRetentionDays: 10 }, /^dev: logRetentionDays must be one of 1, 3, 5, 7, .* days, got 10$/],
    [{ containerInsights: "on" }, 'dev: containerInsights must be one of "disabled", "enabled", "enhanced", got "on"'],
    [db({ storageGiB: 5 }), "dev: database.storageGiB must be a whole number from 20 to 65536 GiB, got 5"],
    [
      db({ storageGiB: 95 }),
      "dev: database.maxStorageGiB must be storageGiB (95), or at least 10 % more, got 100: use 95 to stop growth, or 105 and more to allow it",
    ],
    [
      db({ instanceClass: "db.t4g.micro" }),
      'dev: database.instanceClass must be an RDS instance class without db., such as t4g.micro, got "db.t4g.micro"',
    ],
    [db({ version: "12" }), 'dev: database.version must be one of "14", "15", "16", "17", "18", got "12"'],
    [
      db({ readReplicas: ["a"] }),
      'dev: database.readReplicas cannot stand beside masterPassword "rds", got ["a"]: AWS refuses replicas of such a source, set masterPassword to "write-only"',
    ],
    [
      db({ readReplicas: ["a"], masterPassword: "write-only", backupRetentionDays: 0 }),
      "dev: database.readReplicas need backups of their source, got backupRetentionDays 0: set it to 1 or more",
    ],
    [
      db({ otherGenerations: [1] }),
      "dev: database.otherGenerations must not hold the generation in use (1), got [1]: remove it",
    ],
    [
      db({ restore: { generation: 3, snapshot: "before" } }),
      "dev: database.restore.generation must be a generation that exists, got 3: add it to otherGenerations",
    ],
    [
      db({ restore: { generation: 1, instance: "slipway-dev-db-1", at: "yesterday" } }),
      'dev: database.restore.at must be "latest" or a moment such as 2026-11-26T08:00:00Z, got "yesterday"',
    ],
    [
      db({ parameters: { "rds.force_ssl": "0" } }),
      'dev: database.parameters must not set rds.force_ssl, got "0": TLS is always forced, remove it',
    ],
    [
      web({ memoryMiB: 4096 }),
      "dev: services.api.memoryMiB must be a size that Fargate offers with cpu 256, got 4096: use 512, 1024, 2048",
    ],
    [
      web({ cpu: 4096 }),
      "dev: services.api.memoryMiB must be a size that Fargate offers with cpu 4096, got 512: use 8192 to 30720 in steps of 1024",
    ],
    [
      web({ cpu: 300 }),
      "dev: services.api.cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384 CPU units, got 300",
    ],
    [
      web({ tmpMiB: 300 }),
      "dev: services.api.tmpMiB must be at most half of memoryMiB (512), got 300: /tmp is memory of the task",
    ],
    [
      web({ environment: { PORT: "80" } }),
      "dev: services.api.environment must not hold PORT, which Slipway sets: rename it",
    ],
    [
      web({ secrets: ["DATABASE_URL"] }),
      "dev: services.api.secrets must not hold DATABASE_URL, which Slipway sets: rename it",
    ],
    [
      web({ environment: { KEY: "x" }, secrets: ["KEY"] }),
      "dev: services.api.secrets must not hold KEY, which environment holds too: keep one of them",
    ],
    [
      web({ environment: { key: "x" } }),
      'dev: services.api.environment has a name that must be an environment variable\'s name of capital letters, digits and underscores, got "key"',
    ],
    [web({ minTasks: 3 }), "dev: services.api.maxTasks must be at least minTasks (3), got 2: raise it"],
    [
      web({
        minTasks: 2,
        scheduledScaling: [{ name: "night", schedule: "cron(0 20 * * ? *)", minTasks: 0, maxTasks: 1 }],
      }),
      "dev: services.api.scheduledScaling needs autoscaling, got minTasks and maxTasks 2: raise maxTasks",
    ],
    [
      web({ scheduledScaling: [{ name: "night", schedule: "cron(0 20 * * ? *)", minTasks: 2, maxTasks: 1 }] }),
      'dev: services.api.scheduledScaling must have maxTasks of at least minTasks (2), got 1 in "night": raise it',
    ],
    [
      web({ healthCheckPath: "healthz" }),
      'dev: services.api.healthCheckPath must be a path that starts with /, got "healthz"',
    ],
    [
      web({ healthCheckPath: undefined }),
      "dev: services.api.healthCheckPath is required: must be a path that starts with /",
    ],
    [
      web({ user: "0:0" }),
      'dev: services.api.user must be a numeric user and group other than root, such as 1000:1000, got "0:0"',
    ],
    [
      web({ deregistrationDelaySec: 90 }),
      "dev: services.api.deregistrationDelaySec must be at most stopTimeoutSec (60), got 90: a task would be killed while it still answers",
    ],
    [
      web({ repository: "web" }),
      'dev: services.api.repository must be one of the project\'s repositories (app), got "web": add it to environments/project.ts',
    ],
    [web({ kind: "job" }), 'dev: services.api.kind must be one of "web", "worker", "schedule", got "job"'],
    [
      { services: { "My App": environments.dev.services.api } },
      'dev: services has a name that must be lower-case letters, digits and single hyphens, starting with a letter, at most 20 characters, got "My App"',
    ],
    [
      { services: { migration: environments.dev.services.api, api: { route: { path: "/v1" } } } },
      "dev: services.migration must not be called migration, as the task of `migrations` is: choose another name",
    ],
    [
      web({ route: { host: "api.example.com" } }),
      'dev: services.api.route.host needs a domain, got "api.example.com": set domain to a name, or route by path alone',
    ],
    [
      { services: { other: environments.dev.services.api } },
      /^dev: services.other.route must differ from that of api, got/,
    ],
    [{ network: { zones: ["a", "e"] } }, /^dev: network.zones must/],
    [
      { migrations: { command: [] } },
      'dev: migrations.command must be a list of words, such as ["npm", "run", "migrate"], got []',
    ],
    [
      { migrations: { memoryMiB: 4096 } },
      "dev: migrations.memoryMiB must be a size that Fargate offers with cpu 256, got 4096: use 512, 1024, 2048",
    ],
    [{ images: undefined }, 'dev: images is required: give its settings, or { none: true, because: "..." }'],
    [{ images: { access: "open" } }, 'dev: images.access must be one of "public", "cdn", got "open"'],
    [{ images: { access: undefined } }, 'dev: images.access is required: must be one of "public", "cdn"'],
    [
      { images: { prefix: "/images/" } },
      'dev: images.prefix must be lower-case words joined by hyphens, at most 40 characters, got "/images/"',
    ],
    [
      { images: { uploadOrigins: ["https://app.example.com/"] } },
      'dev: images.uploadOrigins[0] must be an origin such as https://app.example.com, got "https://app.example.com/"',
    ],
    [
      { images: { host: "images.example.com" } },
      'dev: images.host needs the environment\'s domain, got "images.example.com": set domain, or leave host out',
    ],
    [{ mqtt: undefined }, 'dev: mqtt is required: give its settings, or { none: true, because: "..." }'],
    [{ mqtt: { engine: "rabbitmq" } }, 'dev: mqtt.engine must be one of "iot-core", "activemq", got "rabbitmq"'],
    [
      { mqtt: { engine: "activemq", instanceType: "mq.t3.micro" } },
      'dev: mqtt.deployment is required: must be one of "single", "active-standby"',
    ],
    [
      { mqtt: { ...activeMq, publiclyAccessible: true } },
      "dev: mqtt.publiclyAccessible must be false, got true: AWS takes no security groups for a public broker, so that all its ports are open to the world; use engine iot-core for devices on the internet",
    ],
    [
      { mqtt: { ...activeMq, clients: [{ name: "server" }] } },
      'dev: mqtt.clients.0.name must not be one that the broker has itself, got "server": choose another',
    ],
    [
      { mqtt: { ...activeMq, clients: [{ name: "activemq-webconsole" }] } },
      'dev: mqtt.clients.0.name must not be one that the broker has itself, got "activemq-webconsole": choose another',
    ],
    [
      { mqtt: { ...activeMq, clients: [{ name: "bootstrap" }] } },
      'dev: mqtt.clients.0.name must not be one that the broker has itself, got "bootstrap": choose another',
    ],
    [
      { mqtt: { ...activeMq, clients: [{ name: "pump" }, { name: "pump" }] } },
      'dev: mqtt.clients.1.name must stand once, got "pump" again: join the two',
    ],
    [
      { mqtt: { ...activeMq, clients: [{ name: "pump", publish: ["a.b"] }] } },
      'dev: mqtt.clients[0].publish[0] must be an MQTT topic below the environment\'s own, such as devices/+/telemetry, with + for one level and a final # for the rest, got "a.b"',
    ],
    [{ mqtt: { engine: "iot-core", replaces: "iot-core" } }, /^dev: mqtt\.replaces /],
    [
      { images: { none: true, because: "no pictures in this product", access: undefined } },
      'dev: services.api.uses must not hold "images", which this environment declines: describe images, or take it out',
    ],
    [web({ uses: ["database"] }), 'dev: services.api.uses[0] must be one of "images", "mqtt", got "database"'],
    [
      web({ latencyP95Sec: 0 }),
      "dev: services.api.latencyP95Sec must be a number above 0 and at most 60 seconds, got 0",
    ],
    [
      { taskPermissions: [{ actions: ["iam:PassRole"], resources: ["*"] }] },
      /^dev: taskPermissions\[0\]\.actions\[0\] must be an action of a service such as bedrock:InvokeModel, and none of IAM or the organisation, got "iam:PassRole"/,
    ],
    [
      { taskPermissions: [{ actions: ["dynamodb:GetItem"], resources: ["orders"] }] },
      /^dev: taskPermissions\[0\]\.resources\[0\] must be an ARN, or "\*", got "orders"/,
    ],
    [
      {
        taskPermissions: Array.from({ length: 10 }, (_, i) => ({
          actions: ["dynamodb:GetItem"],
          resources: [`arn:aws:dynamodb:us-east-1:111111111111:table/${String(i).repeat(250)}`],
        })),
      },
      /^dev: taskPermissions must not be longer than 2500 characters as JSON, got \d+: a policy has room for no more/,
    ],
    [{ monthlyBudgetUsd: 0 }, "dev: monthlyBudgetUsd must be a whole number from 1 to 1000000 US dollars, got 0"],
  ];

  test.each(table)("%j", (change, sentence) => {
    const problems = problemsWith(change);
    expect(problems).toHaveLength(1);
    if (typeof sentence === "string") expect(problems[0]).toBe(sentence);
    else expect(problems[0]).toMatch(sentence);
  });
});

test("a production environment refuses Spot alone, and a permanent one refuses to go without backups", () => {
  expect(problemsWith({ services: { api: { capacity: { onDemandBase: 0, spotPercent: 100 } } } }, "prod")).toEqual([
    "prod: services.api.capacity must not be Spot alone in production, got onDemandBase 0 and spotPercent 100: set onDemandBase to 1 or more",
  ]);
  expect(problemsWith({ database: { backupRetentionDays: 0 } }, "stage")).toEqual([
    "stage: database.backupRetentionDays must be 1 or more in a permanent environment, got 0: keep backups",
  ]);
});

describe("problems of the project", () => {
  const table: readonly (readonly [Plain, string])[] = [
    [
      { name: "My Shop" },
      'project: name must be lower-case letters, digits and single hyphens, starting with a letter, at most 16 characters, got "My Shop"',
    ],
    [
      { name: "internal" },
      'project: name must not start with aws, ssm or internal-, which AWS keeps for itself, got "internal": choose another',
    ],
    [
      { name: "aws-shop" },
      'project: name must not start with aws, ssm or internal-, which AWS keeps for itself, got "aws-shop": choose another',
    ],
    [{ region: "Ireland" }, 'project: region must be an AWS region such as us-east-1, got "Ireland"'],
    [
      { accounts: { dev: "12" } },
      'project: accounts.dev must be an AWS account id of 12 digits in quotes, such as "123456789012", got "12"',
    ],
    [{ alerts: { emails: ["ops"] } }, 'project: alerts.emails[0] must be an e-mail address, got "ops"'],
    [
      { alerts: { emails: ["a@example.com"], https: ["http://x.example.com"] } },
      'project: alerts.https[0] must be an address that starts with https://, got "http://x.example.com"',
    ],
    [
      { alerts: { emails: ["a@example.com"], slack: { workspaceId: "acme", channelId: "C012AB3C4" } } },
      'project: alerts.slack.workspaceId must be the id of a Slack workspace, such as T012AB3C4, got "acme"',
    ],
    [{ repositories: [] }, "project: repositories must be a list of 1 to 20 names, got []"],
    [{ regoin: "x" }, "project: regoin is not a field that exists: did you mean region?"],
  ];
  test.each(table)("%j", (change, sentence) => {
    expect(problemsOfConfiguration({ ...project, ...change }, environments)).toEqual([sentence]);
  });

  test("an environment without an account", () => {
    expect(problemsWith({}, "dev", { accounts: { stage: "222222222222", prod: "333333333333" } })).toEqual([
      "dev: needs an account: add accounts.dev to environments/project.ts",
    ]);
  });

  test("a domain outside the zone", () => {
    const zone = { publicZone: { id: "Z0123456789ABCDEFGHIJ", name: "example.com" } };
    const domain = (name: string): Plain => ({ domain: { none: undefined, because: undefined, name } });
    expect(problemsWith(domain("dev.example.com"), "dev", zone)).toEqual([]);
    expect(problemsWith(domain("dev.example.org"), "dev", zone)).toEqual([
      'dev: domain.name must be in the project\'s zone example.com, got "dev.example.org": use a name under it',
    ]);
  });
});

test("no device can be called like one of another environment in its account", () => {
  const second = { ...environments.stage, name: "dev-two" };
  // with pipelines no names may begin alike, whatever they make
  const pipelines = { none: true, because: "deployed by hand" };
  const problems = (mqtt: unknown, account: string): readonly string[] =>
    problemsOfConfiguration(
      { ...project, pipelines, accounts: { dev: project.accounts.dev, "dev-two": account } },
      { dev: { ...environments.dev, mqtt: { engine: "iot-core" } }, "dev-two": { ...second, mqtt } },
    );
  expect(problems({ engine: "iot-core" }, project.accounts.dev)).toEqual([
    'dev-two: name must not begin with that of another environment on AWS IoT Core in its account, got "dev-two" beside "dev": their devices could be called alike, so choose another name, or another account',
  ]);
  expect(problems({ engine: "iot-core" }, project.accounts.stage)).toEqual([]);
  expect(problems(activeMq, project.accounts.dev)).toEqual([]);
});

test("Slack takes a channel once per account", () => {
  const alerts = { ...project.alerts, slack: { workspaceId: "T012AB3C4", channelId: "C012AB3C4" } };
  expect(problemsWith({}, "dev", { alerts })).toEqual([]);
  const accounts = { ...project.accounts, stage: project.accounts.dev };
  expect(problemsWith({}, "dev", { alerts, accounts })).toEqual([
    'project: alerts.slack must be left out where environments share an account, got dev and stage in "111111111111": AWS takes a channel once per account, so use accounts of their own, or e-mail and https',
  ]);
});

test("the CDN's host is in the zone, and nobody else's", () => {
  const zone = { publicZone: { id: "Z0123456789ABCDEFGHIJ", name: "example.com" } };
  const host = (name: string): readonly string[] =>
    problemsWith(
      {
        domain: { none: undefined, because: undefined, name: "dev.example.com" },
        services: { api: { route: { host: "api.example.com" } } },
        images: { host: name },
      },
      "dev",
      zone,
    );
  expect(host("pictures.example.com")).toEqual([]);
  expect(host("pictures.example.org")).toEqual([
    'dev: images.host must be in the project\'s zone example.com, got "pictures.example.org": use a name under it, or leave host out for images.dev.example.com',
  ]);
  for (const name of ["dev.example.com", "api.example.com"]) {
    expect(host(name)).toEqual([
      `dev: images.host must not be one that the load balancer answers to, got "${name}": choose another`,
    ]);
  }
});

test("all problems come in one error, before anything is built", () => {
  const broken = merged(environments.dev, {
    nmae: 1,
    network: { cidr: "1.2.3.4/5" },
    database: { storageGiB: 5, readReplicas: ["a"] },
    services: { api: { healthCheckPath: undefined, memoryMiB: 4096 } },
  });
  expect(() => parseConfiguration({ ...project, region: "x" }, { ...environments, dev: broken })).toThrow(
    [
      "configuration:",
      '  - project: region must be an AWS region such as us-east-1, got "x"',
      '  - dev: network.cidr must be an IPv4 block of a private range, from /16 to /22, such as 10.10.0.0/16, got "1.2.3.4/5"',
      "  - dev: database.storageGiB must be a whole number from 20 to 65536 GiB, got 5",
      '  - dev: database.readReplicas cannot stand beside masterPassword "rds", got ["a"]: AWS refuses replicas of such a source, set masterPassword to "write-only"',
      "  - dev: services.api.healthCheckPath is required: must be a path that starts with /",
      "  - dev: services.api.memoryMiB must be a size that Fargate offers with cpu 256, got 4096: use 512, 1024, 2048",
      "  - dev: nmae is not a field that exists: did you mean name?",
    ].join("\n"),
  );
});

test("placeholder accounts are told apart from real ones", () => {
  const shipped = projectSchema.parse(project);
  expect(placeholderProblems(shipped, "dev")).toEqual([
    'project: accounts.dev is a placeholder, got "111111111111": put your account id into environments/project.ts',
    'project: registry.account is a placeholder, got "333333333333": put the account of your images into environments/project.ts',
  ]);
  expect(placeholderProblems(shipped, "registry")).toHaveLength(1);
  const real = {
    ...shipped,
    accounts: { dev: "123456789012" },
    registry: { ...shipped.registry, account: "210987654321" },
  };
  expect(placeholderProblems(real, "dev")).toEqual([]);
});

test("environments of one account do not begin alike, since their pipelines tell by the name what is theirs", () => {
  const other = {
    ...environments.dev,
    name: "dev-two",
    network: { ...environments.dev.network, cidr: "10.90.0.0/16" },
  };
  const problemsIn = (account: string, inProject: Plain = {}): readonly string[] =>
    problemsOfConfiguration(
      { ...project, accounts: { ...project.accounts, "dev-two": account }, ...inProject },
      { ...environments, "dev-two": other },
    ).filter((problem) => problem.includes("begin like"));
  expect(problemsIn(project.accounts.dev)).toEqual([
    'dev-two: name must not begin like that of dev, which is in the same account, got "dev-two": the pipelines of dev could reach what is in it; choose another, or an account of its own',
  ]);
  expect(problemsIn("999999999999")).toEqual([]);
  expect(problemsIn(project.accounts.dev, { pipelines: { none: true, because: "deployed by hand" } })).toEqual([]);
});

describe("pipelines", () => {
  const github = { owner: "acme", ownerId: "11", repository: "shop", repositoryId: "22", environments: true };
  const problems = (pipelines: unknown): readonly string[] => problemsWith({}, "dev", { pipelines });
  const id = (of: string, field: string, got: string): string =>
    `project: pipelines.github.${of === "owner" ? "ownerId" : "repositoryId"} must be the decimal id of the ${of} in quotes, such as "123456", got ${got}: \`gh api repos/OWNER/REPOSITORY --jq ${field}\` prints it`;

  test.each([
    [undefined, ['project: pipelines is required: give its settings, or { none: true, because: "..." }']],
    [
      {},
      [
        'project: pipelines.github is required where gitlab is not given: describe one of them, or { none: true, because: "..." }',
      ],
    ],
    [
      { none: true, because: "later" },
      ['project: pipelines.because must be a reason of at least 10 characters, got "later"'],
    ],
    [
      { github: { ...github, ownerId: 11, repositoryId: "0x1" } },
      [id("owner", ".owner.id", "11"), id("repository", ".id", '"0x1"')],
    ],
    [
      { github: { ...github, environments: "yes" } },
      ['project: pipelines.github.environments must be true or false, got "yes"'],
    ],
    [
      { github: { ...github, owner: "*", repository: "a/b" } },
      [
        'project: pipelines.github.owner must be the name of the owner on GitHub, got "*"',
        'project: pipelines.github.repository must be the name of the repository on GitHub, got "a/b"',
      ],
    ],
    [
      { gitlab: { host: "https://gitlab.com", project: "shop" } },
      [
        'project: pipelines.gitlab.host must be a host name such as gitlab.com, got "https://gitlab.com"',
        'project: pipelines.gitlab.project must be the path of a project such as group/project, got "shop"',
      ],
    ],
    [
      { gitlab: { project: "acme/*" } },
      ['project: pipelines.gitlab.project must be the path of a project such as group/project, got "acme/*"'],
    ],
    [{ github, gitlab: { project: "acme/team/shop" } }, []],
    [{ none: true, because: "one person deploys by hand" }, []],
  ])("%j", (pipelines, expected) => {
    expect(problems(pipelines)).toEqual(expected);
  });

  test("whether GitHub has environments is a question without a default", () => {
    expect(problems({ github: { ...github, environments: undefined } })).toEqual([
      "project: pipelines.github.environments is required: must be true or false",
    ]);
  });

  test("what it ships with is no repository to trust", () => {
    expect(pipelinePlaceholderProblems(projectSchema.parse(project))).toEqual([
      'project: pipelines.github is a placeholder, got "example/example" with the ids "1" and "1": put your repository into environments/project.ts, or leave github out',
      'project: pipelines.gitlab.project is a placeholder, got "example/example": put your project into environments/project.ts, or leave gitlab out',
    ]);
    const real = { github, gitlab: { project: "acme/shop" } };
    expect(pipelinePlaceholderProblems(projectSchema.parse({ ...project, pipelines: real }))).toEqual([]);
    const none = { none: true, because: "one person deploys by hand" };
    expect(pipelinePlaceholderProblems(projectSchema.parse({ ...project, pipelines: none }))).toEqual([]);
  });
});

test("a bootstrap waits for a real account and a real repository", () => {
  const parsed = projectSchema.parse(project);
  const problems = placeholderProblems(parsed, "bootstrap-111111111111");
  expect(problems[0]).toBe(
    'project: account "111111111111" is a placeholder: put your account ids into environments/project.ts',
  );
  expect(problems.slice(1)).toEqual(pipelinePlaceholderProblems(parsed));
  const pipelines = { gitlab: { project: "acme/shop" } };
  const real = projectSchema.parse({ ...project, accounts: { dev: "123456789012" }, pipelines });
  expect(placeholderProblems(real, "bootstrap-123456789012")).toEqual([]);
});

test("no environment is called like the bucket of the state", () => {
  expect(problemsWith({ name: "state" })).toContain(
    'dev: name must not be that of the bucket of the state, got "state": choose another',
  );
});
