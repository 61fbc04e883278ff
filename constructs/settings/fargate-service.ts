import * as z from "zod";
import {
  above0,
  command,
  distinct,
  flag,
  oneOf,
  rules,
  shown,
  type Rule,
  slug,
  text,
  whole,
  logRetentionDays,
  wholeOf,
} from "../shared/fields";
import { cpuSizes, sizeProblem } from "./fargate-size";

/** CPU and memory of a task, kept to the pairs that Fargate has. */
const size = {
  /** CPU units, 1024 to a vCPU. 256 with 512 MiB on ARM costs $7.21 a month, on Spot about $2.52 (us-east-1, 2026-11). Default: 256. */
  cpu: wholeOf(cpuSizes, "CPU units").default(256),
  /** Memory in MiB; which values go with `cpu` is fixed by AWS. Default: 512. */
  memoryMiB: whole(512, 122_880, "MiB").default(512),
};

const environmentVariable = text(
  "an environment variable's name of capital letters, digits and underscores",
  /^[A-Z_][A-Z0-9_]*$/,
);

/** Names that Slipway gives to every container, and nothing else may. */
export const reservedVariables = [
  "PORT",
  "DATABASE_URL",
  "DATABASE_HOST",
  "DATABASE_PORT",
  "DATABASE_NAME",
  "DATABASE_USER",
  "DATABASE_PASSWORD",
  "DATABASE_CA",
  "MQTT_HOST",
  "MQTT_PORT",
  "MQTT_AUTH",
  "MQTT_TOPIC_PREFIX",
  "MQTT_USERNAME",
  "MQTT_PASSWORD",
  "IMAGES_BUCKET",
  "IMAGES_BASE_URL",
] as const;

const container = {
  ...size,
  /** Repository of the image, one of the project's. Default: `app`. */
  repository: slug(40).default("app"),
  /** Processor of the image; ARM costs 20 % less. Default: `arm64`. */
  architecture: oneOf(["arm64", "x86_64"]).default("arm64"),
  /** Command instead of the image's own, as a list of words. */
  command: command().optional(),
  /** Plain environment variables; never a secret. Default: none. */
  environment: z.record(environmentVariable, z.string()).default({}),
  /** Names of secrets: each gets an empty secret, set with `npm run secrets -- set`, and arrives as an environment variable. Default: none. */
  secrets: distinct(environmentVariable, "names", 0, 50).default([]),
  /** Size of the writable `/tmp` in memory, which counts into `memoryMiB`. Default: 64. */
  tmpMiB: whole(1, 4096, "MiB").default(64),
  /** Disk of the task in GiB; above 20 it costs $0.08 a GiB and month (us-east-1, 2026-11). Default: 20, what Fargate gives. */
  ephemeralStorageGiB: whole(20, 200, "GiB").default(20),
  /** User and group that the container runs as; never root. Default: `1000:1000`. */
  user: text("a numeric user and group other than root, such as 1000:1000", /^[1-9]\d*:[1-9]\d*$/).default("1000:1000"),
  /** Days that logs are kept. Default: the environment's. */
  logRetentionDays: logRetentionDays.optional(),
  /** TCP ports of the internet that tasks may connect to besides 443, such as 587 for mail. Default: none. */
  outboundPorts: distinct(whole(1, 65535), "ports", 0, 20).default([]),
};

/** Parts of an environment that a service asks for by name; each brings its variables and permissions. */
const uses = distinct(oneOf(["images", "mqtt"]), "parts").default([]);

const capacity = z
  .strictObject({
    /** Tasks that always run on on-demand capacity. Default: 1. */
    onDemandBase: whole(0, 1000, "tasks").default(1),
    /** Share of the tasks above the base that run on Spot, 65 to 70 % cheaper, with two minutes' notice. Default: 0. */
    spotPercent: whole(0, 100, "percent").default(0),
  })
  .prefault({});

const scheduledScaling = z.strictObject({
  /** Name of the action. */
  name: slug(20),
  /** `cron(0 6 ? * MON-FRI *)`, in `timezone`. */
  schedule: text("a cron(...), rate(...) or at(...) expression", /^(cron|rate|at)\(.+\)$/),
  /** IANA time zone. Default: UTC. */
  timezone: text("an IANA time zone such as Europe/Berlin", /^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)*$/).default("UTC"),
  minTasks: whole(0, 1000, "tasks"),
  maxTasks: whole(0, 1000, "tasks"),
});

const scaled = {
  ...container,
  /**
   * `images`: IMAGES_BUCKET, IMAGES_BASE_URL and the right to upload. `mqtt`: MQTT_HOST, MQTT_PORT, MQTT_AUTH, MQTT_TOPIC_PREFIX
   * and the server's place on the broker. Default: neither.
   */
  uses,
  capacity,
  /** Tasks that run at least, once an image was released. Default: 1. */
  minTasks: whole(0, 1000, "tasks").default(1),
  /** Tasks that run at most; the same as `minTasks` switches autoscaling off. Default: 4. */
  maxTasks: whole(1, 1000, "tasks").default(4),
  /** Average CPU to scale to, in percent. Default: 60. */
  targetCpuPercent: whole(10, 95, "percent").default(60),
  /** Average memory to scale to, in percent. Default: 75. */
  targetMemoryPercent: whole(10, 95, "percent").default(75),
  /** Changes of `minTasks` and `maxTasks` by the clock, which from the first release on owns both. Default: none. */
  scheduledScaling: z.array(scheduledScaling).max(20).default([]),
  /** Seconds between SIGTERM and SIGKILL. Default: 60. */
  stopTimeoutSec: whole(2, 120, "seconds").default(60),
};

const web = z.strictObject({
  kind: z.literal("web"),
  ...scaled,
  /** Port that the container listens on, fixed once the service exists. Default: 8080. */
  port: whole(1024, 65535).default(8080),
  /** Path that answers 200 when the service can take requests; required, since `/` is wrong more often than right. */
  healthCheckPath: text("a path that starts with /", /^\/[A-Za-z0-9/_.~-]*$/),
  /** Seconds from a task's start in which failing checks do not count. Default: 60. */
  healthCheckGraceSec: whole(0, 3600, "seconds").default(60),
  /**
   * Requests that come here. A service with the host goes before one with a wildcard, and that before one without; among these
   * the longest path wins. Anything that no service takes is answered with 404.
   */
  route: z
    .strictObject({
      /** Host name; needs a domain. Default: any. */
      host: text("a host name such as api.example.com", /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/).optional(),
      /** Path prefix. Default: `/`, everything. */
      path: text(
        "a path prefix that starts with / and does not end with one, or /",
        /^(\/|(\/[A-Za-z0-9_.~-]+)+)$/,
      ).default("/"),
    })
    .prefault({}),
  /** Requests per task and minute to scale to; none for CPU and memory alone. Default: none. */
  targetRequestsPerTask: whole(1, 1_000_000, "requests a minute").optional(),
  /** Seconds that 95 of 100 answers stay below; slower for 15 minutes raises an alarm, where there are 20 in five. Default: 1. */
  latencyP95Sec: above0(60, "seconds").default(1),
  /** Errors among 100 answers; more in 3 of 5 minutes raises an alarm, more for 2 undoes a release; 100 does neither. Default: 5. */
  errorPercent: whole(1, 100, "percent").default(5),
  /** Keep a client on the same task by a cookie, for this many seconds. Default: off. */
  stickySessionSec: whole(1, 604_800, "seconds").optional(),
  /** Seconds that a leaving task may finish requests; not longer than `stopTimeoutSec`. Default: 30. */
  deregistrationDelaySec: whole(0, 120, "seconds").default(30),
});

const worker = z.strictObject({ kind: z.literal("worker"), ...scaled });

const schedule = z.strictObject({
  kind: z.literal("schedule"),
  ...container,
  /** As for services that always run. Default: neither. */
  uses,
  /** When it runs: `cron(0 3 * * ? *)` or `rate(1 hour)`, in `timezone`. */
  schedule: text("a cron(...) or rate(...) expression", /^(cron|rate)\(.+\)$/),
  /** IANA time zone. Default: UTC. */
  timezone: text("an IANA time zone such as Europe/Berlin", /^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)*$/).default("UTC"),
  /** Run on Spot capacity: cheaper, and may be stopped midway. Default: false. */
  spot: flag().default(false),
  /** How often a start that failed is tried again. Default: 2. */
  retries: whole(0, 185).default(2),
});

/** What a container of any kind is made of. */
export type ContainerSettings = z.output<z.ZodObject<typeof container>>;
type Scaled = z.output<z.ZodObject<typeof scaled>>;

/** Rules of everything that runs as a task. */
const containerRules: readonly Rule<ContainerSettings>[] = [
  {
    reads: ["cpu", "memoryMiB"],
    problems: ({ cpu, memoryMiB }) => {
      const sentence = sizeProblem(cpu, memoryMiB);
      return sentence === undefined ? [] : [["memoryMiB", sentence]];
    },
  },
  {
    reads: ["tmpMiB", "memoryMiB"],
    problems: ({ tmpMiB, memoryMiB }) =>
      tmpMiB * 2 > memoryMiB
        ? [["tmpMiB", `must be at most half of memoryMiB (${memoryMiB}), got ${tmpMiB}: /tmp is memory of the task`]]
        : [],
  },
  {
    reads: ["environment"],
    problems: ({ environment }) => reserved(Object.keys(environment)).map((name) => ["environment", taken(name)]),
  },
  {
    reads: ["secrets"],
    problems: ({ secrets }) => reserved(secrets).map((name) => ["secrets", taken(name)]),
  },
  {
    reads: ["environment", "secrets"],
    problems: ({ environment, secrets }) =>
      secrets
        .filter((name) => name in environment)
        .map((name) => ["secrets", `must not hold ${name}, which environment holds too: keep one of them`]),
  },
];

/** Rules of everything that scales. */
const scaledRules: readonly Rule<Scaled>[] = [
  {
    reads: ["minTasks", "maxTasks"],
    problems: ({ minTasks, maxTasks }) =>
      minTasks > maxTasks ? [["maxTasks", `must be at least minTasks (${minTasks}), got ${maxTasks}: raise it`]] : [],
  },
  {
    reads: ["minTasks", "maxTasks", "scheduledScaling"],
    problems: ({ minTasks, maxTasks, scheduledScaling }) =>
      scheduledScaling.length > 0 && minTasks === maxTasks
        ? [["scheduledScaling", `needs autoscaling, got minTasks and maxTasks ${minTasks}: raise maxTasks`]]
        : [],
  },
  {
    reads: ["scheduledScaling"],
    problems: ({ scheduledScaling }) =>
      scheduledScaling
        .filter((action) => action.minTasks > action.maxTasks)
        .map(({ name, minTasks, maxTasks }) => [
          "scheduledScaling",
          `must have maxTasks of at least minTasks (${minTasks}), got ${maxTasks} in ${shown(name)}: raise it`,
        ]),
  },
];

function reserved(names: readonly string[]): string[] {
  return names.filter((name) => (reservedVariables as readonly string[]).includes(name));
}

function taken(name: string): string {
  return `must not hold ${name}, which Slipway sets: rename it`;
}

/** A service of the application: `web` takes requests, `worker` runs without them, `schedule` runs by the clock. */
export const fargateServiceSettings = z.discriminatedUnion("kind", [
  web.check(
    rules<z.output<typeof web>>(...containerRules, ...scaledRules, {
      reads: ["deregistrationDelaySec", "stopTimeoutSec"],
      problems: ({ deregistrationDelaySec, stopTimeoutSec }) =>
        deregistrationDelaySec > stopTimeoutSec
          ? [
              [
                "deregistrationDelaySec",
                `must be at most stopTimeoutSec (${stopTimeoutSec}), got ${deregistrationDelaySec}: a task would be killed while it still answers`,
              ],
            ]
          : [],
    }),
  ),
  worker.check(rules<z.output<typeof worker>>(...containerRules, ...scaledRules)),
  schedule.check(rules<z.output<typeof schedule>>(...containerRules)),
]);

export type FargateServiceInput = z.input<typeof fargateServiceSettings>;
export type WebServiceSettings = z.output<typeof web>;
export type WorkerServiceSettings = z.output<typeof worker>;
export type ScheduleSettings = z.output<typeof schedule>;

/** The task that changes the schema before a release goes out. */
export const migrationSettings = z
  .strictObject({
    ...container,
    /** Command that brings the schema up to date and exits with 0. */
    command: command(),
    /** Run on Spot capacity: cheaper, and may be stopped in the middle of a migration. Default: false. */
    spot: flag().default(false),
    /** Seconds after which a release gives the migration up. Default: 1800. */
    timeoutSec: whole(30, 86_400, "seconds").default(1800),
    /**
     * Image with `sh` and `psql`, for the container that makes the logins of the database. The default comes from the internet,
     * a newer one whenever Amazon has it. Where tasks reach interface endpoints only, or to have a fixed one, name a copy in a
     * private ECR repository. Default: `public.ecr.aws/docker/library/postgres:17-alpine`.
     */
    loginsImage: text(
      "an image with its registry and a tag or digest, such as public.ecr.aws/docker/library/postgres:17-alpine",
      /^[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?(\/[a-z0-9._-]+)+(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})$/,
    ).default("public.ecr.aws/docker/library/postgres:17-alpine"),
  })
  .check(rules<ContainerSettings & { readonly command: string[] }>(...containerRules));

export type MigrationInput = z.input<typeof migrationSettings>;
