import type { EnvironmentInput } from "../../environments/environment";
import { project as shipped } from "./shipped";
import type { ProjectInput } from "../../environments/project-schema";

/** The shipped project with everything that it leaves out: a zone, a second repository, a second account. */
export const project = {
  ...shipped,
  accounts: { variants: "444444444444" },
  publicZone: { id: "Z0123456789ABCDEFGHIJ", name: "example.com" },
  repositories: ["app", "reports"],
  alerts: {
    emails: ["alerts@example.com"],
    https: ["https://events.example.com/slipway"],
    slack: { workspaceId: "T012AB3C4", channelId: "C012AB3C4" },
  },
} as const satisfies ProjectInput;

/** An environment for tests only: the other choice of every union, so that nothing ships unrehearsed. */
export const variants = {
  name: "variants",
  lifetime: "temporary",
  production: false,
  domain: { name: "variants.example.com" },
  network: {
    cidr: "10.40.0.0/18",
    zones: ["a", "b", "c"],
    nat: { kind: "per-az" },
    interfaceEndpoints: ["ecr.api", "ecr.dkr", "logs", "secretsmanager"],
    flowLogs: { none: true, because: "the shipped environments rehearse flow logs" },
  },
  database: {
    version: "16",
    instanceClass: "t4g.medium",
    storageGiB: 30,
    maxStorageGiB: 30,
    multiAz: true,
    backupRetentionDays: 14,
    minorUpgrades: false,
    performanceInsights: false,
    monitoringIntervalSec: 60,
    masterPassword: "write-only",
    readReplicas: ["reports"],
    otherGenerations: [2],
    restore: { generation: 2, instance: "slipway-variants-db-1", at: "latest" },
    credentialRotation: 2,
    encryptionKey: "customer",
    parameters: { work_mem: "8192" },
  },
  loadBalancer: {
    accessLogs: { none: true, because: "the shipped environments rehearse access logs" },
    idleTimeoutSec: 300,
    allowedCidrs: ["192.0.2.0/24"],
  },
  images: {
    access: "cdn",
    uploadOrigins: ["https://variants.example.com"],
    versioning: true,
    expireDays: 400,
    priceClass: "all",
    accessLogs: { none: true, because: "the shipped environments rehearse access logs" },
  },
  mqtt: {
    engine: "activemq",
    deployment: "active-standby",
    instanceType: "mq.m5.large",
    clients: [
      { name: "meter", publish: ["devices/variants-meter/telemetry"], subscribe: ["devices/variants-meter/cmd/req"] },
      { name: "dashboard", subscribe: ["devices/+/telemetry", "status/#"] },
    ],
    allowedCidrs: ["10.8.0.0/16"],
  },
  monthlyBudgetUsd: 900,
  services: {
    site: {
      kind: "web",
      healthCheckPath: "/healthz",
      uses: ["images", "mqtt"],
      architecture: "x86_64",
      minTasks: 1,
      maxTasks: 6,
      capacity: { onDemandBase: 1, spotPercent: 50 },
      targetRequestsPerTask: 600,
      stickySessionSec: 3600,
      environment: { LOG_LEVEL: "info" },
      secrets: ["STRIPE_KEY"],
      scheduledScaling: [
        { name: "morning", schedule: "cron(0 6 ? * MON-FRI *)", timezone: "Europe/Berlin", minTasks: 2, maxTasks: 6 },
        { name: "evening", schedule: "cron(0 20 ? * * *)", timezone: "Europe/Berlin", minTasks: 1, maxTasks: 2 },
      ],
    },
    admin: {
      kind: "web",
      healthCheckPath: "/healthz",
      route: { host: "admin.variants.example.com", path: "/console" },
      minTasks: 1,
      maxTasks: 1,
      cpu: 1024,
      memoryMiB: 2048,
      ephemeralStorageGiB: 30,
    },
    mailer: { kind: "worker", minTasks: 2, secrets: ["SMTP_PASSWORD", "STRIPE_KEY"], command: ["node", "worker.js"] },
    reports: {
      kind: "schedule",
      repository: "reports",
      schedule: "cron(0 3 * * ? *)",
      timezone: "Europe/Berlin",
      spot: true,
    },
  },
  migrations: { none: true, because: "the shipped environments rehearse migrations" },
  logRetentionDays: 3,
  exec: true,
  containerInsights: "enhanced",
} as const satisfies EnvironmentInput;
