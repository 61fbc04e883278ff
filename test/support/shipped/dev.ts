import type { EnvironmentInput } from "../../../environments/environment";

/** One person's playground: the cheapest that still is the same architecture. */
export const dev = {
  name: "dev",
  lifetime: "temporary",
  production: false,
  domain: { none: true, because: "nobody outside the team opens it" },
  network: { cidr: "10.10.0.0/16", nat: { kind: "none" } },
  database: { instanceClass: "t4g.micro", backupRetentionDays: 1 },
  // `cdn` instead keeps the bucket private: objects are read through CloudFront alone
  images: { access: "public" },
  mqtt: { engine: "iot-core" },
  monthlyBudgetUsd: 60,
  services: {
    api: {
      kind: "web",
      healthCheckPath: "/healthz",
      uses: ["images", "mqtt"],
      maxTasks: 2,
      capacity: { onDemandBase: 0, spotPercent: 100 },
    },
  },
  migrations: { command: ["npm", "run", "migrate"], spot: true },
  logRetentionDays: 7,
  exec: true,
} as const satisfies EnvironmentInput;
