import type { EnvironmentInput } from "../../../environments/environment";

/** What customers use. `per-az` and `multiAz: true` are the two words between this and high availability. */
export const prod = {
  name: "prod",
  lifetime: "permanent",
  production: true,
  domain: { none: true, because: "set a name here once project.ts has a public zone" },
  network: {
    cidr: "10.30.0.0/16",
    nat: { kind: "single" },
    flowLogs: { traffic: "REJECT", retentionDays: 90 },
  },
  database: { instanceClass: "t4g.small", backupRetentionDays: 14 },
  // `cdn` instead keeps the bucket private: objects are read through CloudFront alone
  images: { access: "public" },
  mqtt: { engine: "iot-core" },
  monthlyBudgetUsd: 250,
  services: {
    api: {
      kind: "web",
      healthCheckPath: "/healthz",
      uses: ["images", "mqtt"],
      minTasks: 2,
      maxTasks: 8,
      capacity: { onDemandBase: 2 },
    },
  },
  migrations: { command: ["npm", "run", "migrate"] },
} as const satisfies EnvironmentInput;
