import type { ProjectInput } from "./project-schema";

/** Edit this first. */
export const project = {
  name: "slipway",
  region: "us-east-1",
  // placeholders: the rehearsal takes them, plan and deploy refuse them
  accounts: { dev: "111111111111", stage: "222222222222", prod: "333333333333" },
  registry: { account: "333333333333", region: "us-east-1" },
  publicZone: { none: true },
  repositories: ["app"],
  alerts: { emails: ["alerts@example.com"] },
  stateBucket: { none: true },
} as const satisfies ProjectInput;
