import * as z from "zod";
import { dbInstanceClass, dbInstanceFamilies } from "../shared/db-instance-class";
import { distinct, flag, oneOf, rules, shown, slug, text, whole, wholeOf, logRetentionDays } from "../shared/fields";

const identifier = text("the identifier of an RDS snapshot or instance", /^[a-zA-Z](-?[a-zA-Z0-9:])*$/);

/** Where a new instance takes its data from; it acts when the instance is created, and never again. */
const restore = z.union([
  z.strictObject({
    /** Which generation is created from it. */
    generation: whole(1, 99),
    /** Identifier (of an own snapshot) or ARN (of a shared one). */
    snapshot: text(
      "a snapshot identifier or ARN",
      /^(arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:snapshot:)?[a-zA-Z][a-zA-Z0-9:-]*$/,
    ),
  }),
  z.strictObject({
    generation: whole(1, 99),
    /** Identifier of the instance whose backups are used. */
    instance: identifier,
    /** A moment within the backups of that instance, or the newest one there is. */
    at: text('"latest" or a moment such as 2026-11-26T08:00:00Z', /^(latest|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/),
  }),
]);

/** Parameters that are not the caller's to set, with what to do instead. */
const SET_ELSEWHERE: Readonly<Record<string, string>> = {
  "rds.force_ssl": "TLS is always forced, remove it",
  log_min_duration_statement: "use slowStatementMs",
};

/** A PostgreSQL instance on RDS. Prices: us-east-1, 2026-11. */
export const postgresDatabaseSettings = z
  .strictObject({
    /**
     * Major version. Raising it is an upgrade in place with downtime, and cannot be undone. Deploy it with `--apply-now`, in a
     * quiet hour: an upgrade that waits for its window leaves the parameters of the version before for a later deploy to remove.
     * Default: `"17"`.
     */
    version: oneOf(["14", "15", "16", "17", "18"]).default("17"),

    /** Instance class without `db.`: t4g.micro $11.68, t4g.small $23.36, t4g.medium $47.45 a month. Changing it restarts. Default: `t4g.micro`. */
    instanceClass: text(
      "an RDS instance class without db., such as t4g.micro",
      /^(?!db\.)[a-z][a-z0-9-]*\.[a-z0-9]+$/,
    ).default("t4g.micro"),

    /** Name of the database inside the instance. Fixed once the instance exists; a restored one has that of its source. Default: `app`. */
    databaseName: text(
      "a PostgreSQL name of lower-case letters, digits and underscores, at most 63 characters",
      /^[a-z_][a-z0-9_]{0,62}$/,
    ).default("app"),

    /** gp3 disk at the start, $0.115 a GiB and month ($0.23 with `multiAz`). It can grow, never shrink; a restored one starts as its source. Default: 20. */
    storageGiB: whole(20, 65536, "GiB").default(20),

    /** How far the disk may grow by itself; the same as `storageGiB`, raised to what it has grown to, switches that off. Default: 100. */
    maxStorageGiB: whole(20, 65536, "GiB").default(100),

    /** A standby in another zone that takes over within a minute or two; doubles the price. Switched on in place. Default: false. */
    multiAz: flag().default(false),

    /** Days that one can go back to any second of. Backups beyond the size of the database cost $0.095 a GiB. Default: 7. */
    backupRetentionDays: whole(0, 35, "days").default(7),

    /** Daily window for the backup, UTC. Default: 03:00-04:00. */
    backupWindow: text("a window such as 03:00-04:00", /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/).default(
      "03:00-04:00",
    ),

    /** Weekly window for changes that need a restart, UTC, apart from the backup's. Default: sun:04:30-sun:05:30. */
    maintenanceWindow: text(
      "a window such as sun:04:30-sun:05:30",
      /^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d$/,
    ).default("sun:04:30-sun:05:30"),

    /** Let RDS install minor versions in the maintenance window. Default: true. */
    minorUpgrades: flag().default(true),

    /** Performance Insights with seven days of history, which is free. Default: true. */
    performanceInsights: flag().default(true),

    /** Seconds between operating-system measurements; 0 for none; below 60 the log volume costs. Default: 0. */
    monitoringIntervalSec: wholeOf([0, 1, 5, 10, 15, 30, 60], "seconds").default(0),

    /** Days that PostgreSQL's and its upgrades' logs are kept. Default: 14. */
    logRetentionDays: logRetentionDays.default(14),

    /** Statements slower than this are logged, in ms; 0 logs all, with the passwords that stand in them. Default: 1000. */
    slowStatementMs: whole(0, 3_600_000, "ms").default(1000),

    /**
     * Who makes the master password; it is for administration and migrations only, and never in the state.
     * - `rds`: RDS makes it and rotates it every seven days.
     * - `write-only`: made at deploy, stored in a secret; `masterPasswordVersion` rotates it. Needed with replicas, which AWS
     *   refuses on a source with an RDS-managed password.
     * Default: `rds`.
     */
    masterPassword: oneOf(["rds", "write-only"]).default("rds"),

    /** Raise it by one to rotate a `write-only` master password. Default: 1. */
    masterPasswordVersion: whole(1, 9999).default(1),

    /** Names of read replicas; each costs as much as the primary without Multi-AZ. Default: none. */
    readReplicas: distinct(slug(12), "names", 0, 5).default([]),

    /**
     * Which instance the application uses. A restore onto a live database goes beside it: add the next number to
     * `otherGenerations`, then make it the `generation`, then remove the old one. Default: 1.
     */
    generation: whole(1, 99).default(1),

    /** Instances that exist beside the one in use. Each costs as much. Default: none. */
    otherGenerations: distinct(whole(1, 99), "generations", 0, 3).default([]),

    /**
     * Generations out of use whose guards are down in a permanent environment. Deploy it, then take the number out of here and
     * out of `otherGenerations`: the instance goes and leaves its final snapshot. Default: none.
     */
    unguardedGenerations: distinct(whole(1, 99), "generations", 0, 3).default([]),

    /**
     * Take the data of one generation from a snapshot or a point in time. The source must have the same major version, the same
     * `databaseName` and the same key. Later removal of the setting changes nothing.
     */
    restore: restore.optional(),

    /** Raise it by one to rotate the application's login: `app_<n>` is made, `app_<n-1>` stays until the next rotation. Default: 1. */
    credentialRotation: whole(1, 9999).default(1),

    /** Customer-managed key ($1 a month) or the account's own RDS key, which is free. Fixed once the instance exists; a restored one keeps that of its source. Destroying the environment destroys the key, and with it every snapshot. Default: `aws`. */
    encryptionKey: oneOf(["aws", "customer"]).default("aws"),

    /** PostgreSQL parameters by name, besides those Slipway sets (forced TLS, logging). Static ones wait for a restart. Default: none. */
    parameters: z.record(z.string(), z.string()).default({}),
  })
  .check(
    rules(
      {
        reads: ["instanceClass"],
        problems: ({ instanceClass }) =>
          dbInstanceClass(instanceClass) === undefined
            ? [
                [
                  "instanceClass",
                  `must be a class whose memory is known, of ${dbInstanceFamilies.join(", ")}, got ${shown(instanceClass)}: correct it, or add its family to constructs/shared/db-instance-class.ts`,
                ],
              ]
            : [],
      },
      {
        reads: ["storageGiB", "maxStorageGiB"],
        problems: ({ storageGiB, maxStorageGiB }) => {
          if (maxStorageGiB === storageGiB || maxStorageGiB >= storageGiB * 1.1) return [];
          const rule = `must be storageGiB (${storageGiB}), or at least 10 % more, got ${maxStorageGiB}`;
          return [
            [
              "maxStorageGiB",
              `${rule}: use ${storageGiB} to stop growth, or ${Math.ceil(storageGiB * 1.1)} and more to allow it`,
            ],
          ];
        },
      },
      {
        reads: ["readReplicas", "masterPassword"],
        problems: ({ readReplicas, masterPassword }) =>
          readReplicas.length > 0 && masterPassword === "rds"
            ? [
                [
                  "readReplicas",
                  `cannot stand beside masterPassword "rds", got ${shown(readReplicas)}: AWS refuses replicas of such a source, set masterPassword to "write-only"`,
                ],
              ]
            : [],
      },
      {
        reads: ["readReplicas", "backupRetentionDays"],
        problems: ({ readReplicas, backupRetentionDays }) =>
          readReplicas.length > 0 && backupRetentionDays === 0
            ? [["readReplicas", "need backups of their source, got backupRetentionDays 0: set it to 1 or more"]]
            : [],
      },
      {
        reads: ["generation", "otherGenerations"],
        problems: ({ generation, otherGenerations }) =>
          otherGenerations.includes(generation)
            ? [
                [
                  "otherGenerations",
                  `must not hold the generation in use (${generation}), got ${shown(otherGenerations)}: remove it`,
                ],
              ]
            : [],
      },
      {
        reads: ["unguardedGenerations", "otherGenerations"],
        problems: ({ unguardedGenerations, otherGenerations }) =>
          unguardedGenerations.every((generation) => otherGenerations.includes(generation))
            ? []
            : [
                [
                  "unguardedGenerations",
                  `must be generations out of use, got ${shown(unguardedGenerations)}: take them from otherGenerations (${shown(otherGenerations)})`,
                ],
              ],
      },
      {
        reads: ["restore", "generation", "otherGenerations"],
        problems: ({ restore, generation, otherGenerations }) =>
          restore === undefined || [generation, ...otherGenerations].includes(restore.generation)
            ? []
            : [
                [
                  "restore.generation",
                  `must be a generation that exists, got ${restore.generation}: add it to otherGenerations`,
                ],
              ],
      },
      {
        reads: ["parameters"],
        problems: ({ parameters }) =>
          Object.entries(SET_ELSEWHERE)
            .filter(([name]) => name in parameters)
            .map(([name, fix]) => ["parameters", `must not set ${name}, got ${shown(parameters[name])}: ${fix}`]),
      },
    ),
  );

export type PostgresDatabaseSettings = z.output<typeof postgresDatabaseSettings>;
export type PostgresDatabaseInput = z.input<typeof postgresDatabaseSettings>;
