import * as z from "zod";
import { fargateServiceSettings, migrationSettings } from "../constructs/settings/fargate-service";
import { imageBucketSettings } from "../constructs/settings/image-bucket";
import { loadBalancerSettings } from "../constructs/settings/load-balancer";
import { mqttBrokerSettings } from "../constructs/settings/mqtt-broker";
import { networkSettings } from "../constructs/settings/network";
import { postgresDatabaseSettings } from "../constructs/settings/postgres-database";
import { declined, distinct, flag, logRetentionDays, oneOf, slug, text, whole } from "../constructs/shared/fields";

const taskPermission = z.strictObject({
  actions: distinct(
    text(
      "an action of a service such as bedrock:InvokeModel, and none of IAM or the organisation",
      /^(?!iam:|organizations:|account:)[a-z0-9-]+:[A-Za-z]*\*?$/,
    ),
    "actions",
    1,
    20,
  ),
  resources: distinct(text('an ARN, or "*"', /^(\*|arn:aws:[^\s]+)$/), "ARNs", 1, 20),
});

/** Everything that may differ between environments: plain data, no clock, no token, no `process.env`. */
export const environmentSchema = z.strictObject({
  /** Part of every name and path. Changing it replaces everything. */
  name: slug(10),

  /**
   * What protects data. `permanent`: deletion protection, `prevent_destroy`, a final snapshot, buckets and repositories that
   * refuse to be emptied. `temporary`: none of these, so that `destroy` leaves nothing.
   */
  lifetime: oneOf(["permanent", "temporary"]),

  /** Customers depend on it: a service that runs on Spot alone is refused. */
  production: flag(),

  /** The name under which the load balancer answers; needs the project's public zone. Without one it speaks plain HTTP. */
  domain: z.union([
    z.strictObject({ name: text("a domain name such as dev.example.com", /^[a-z0-9-]+(\.[a-z0-9-]+)+$/) }),
    declined,
  ]),

  network: networkSettings,
  database: postgresDatabaseSettings.prefault({}),
  loadBalancer: loadBalancerSettings.prefault({}),

  /** Where pictures are kept and served from, or the reason for having none. */
  images: z.union([imageBucketSettings, declined]),

  /** Where devices and services talk over MQTT, or the reason for having no broker. */
  mqtt: z.union([mqttBrokerSettings, declined]),

  /**
   * What the environment may cost in a month, in US dollars: an e-mail when half, 80 % and all of it is spent, and when the
   * forecast is above it. It stops nothing.
   */
  monthlyBudgetUsd: whole(1, 1_000_000, "US dollars"),

  /** What the application consists of, by name. */
  services: z.record(slug(20), fargateServiceSettings),

  /**
   * The task that makes the logins of the database and changes the schema before a release goes out, or the reason for having
   * none: the logins are then made by hand, see docs/database.md.
   */
  migrations: z.union([migrationSettings, declined]),

  /**
   * What tasks use that Slipway does not make, such as a model or a table: added to what the boundary of the environment's roles
   * lets through, by `npm run bootstrap`. It gives nothing by itself. Default: nothing.
   */
  taskPermissions: z.array(taskPermission).max(10).default([]),

  /** Days that logs of services are kept. $0.50 per GB taken in, $0.03 per GB and month kept (us-east-1, 2026-11). Default: 30. */
  logRetentionDays: logRetentionDays.default(30),

  /** Open a shell in a running task with `ecs execute-command`. A convenience for development, a door in production. Default: false. */
  exec: flag().default(false),

  /** Metrics per task and container: `enabled` and `enhanced` cost $0.07 to $0.30 a metric (us-east-1, 2026-11). Default: `disabled`. */
  containerInsights: oneOf(["disabled", "enabled", "enhanced"]).default("disabled"),
});

/** As a person writes it. */
export type EnvironmentInput = z.input<typeof environmentSchema>;
/** As the stacks read it, with defaults. */
export type Environment = z.output<typeof environmentSchema>;
