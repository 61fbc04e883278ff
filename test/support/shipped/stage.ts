import type { EnvironmentInput } from "../../../environments/environment";

/** Where a release proves itself: production's shape, on cheaper capacity. */
export const stage = {
  name: "stage",
  lifetime: "permanent",
  production: false,
  domain: { none: true, because: "set a name here once project.ts has a public zone" },
  network: { cidr: "10.20.0.0/16", nat: { kind: "instance" } },
  database: { instanceClass: "t4g.micro" },
  // `cdn` instead keeps the bucket private: objects are read through CloudFront alone
  images: { access: "public" },
  mqtt: { engine: "iot-core" },
  monthlyBudgetUsd: 120,
  services: {
    api: {
      kind: "web",
      healthCheckPath: "/healthz",
      uses: ["images", "mqtt"],
      cpu: 512,
      memoryMiB: 1024,
      capacity: { onDemandBase: 0, spotPercent: 100 },
    },
  },
  migrations: { command: ["npm", "run", "migrate"] },
  logRetentionDays: 14,
} as const satisfies EnvironmentInput;
