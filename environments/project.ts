import type { ProjectInput } from "./project-schema";

/** Edit this first. */
export const project = {
  name: "slipway",
  region: "us-east-1",
  // twelve equal digits are a placeholder: the rehearsal takes it, plan and deploy refuse it
  accounts: { dev: "111111111111", stage: "222222222222", prod: "333333333333" },
  registry: { account: "333333333333", region: "us-east-1" },
  publicZone: { none: true },
  repositories: ["app"],
  alerts: { emails: ["alerts@example.com"] },
  stateBucket: { none: true },
  pipelines: {
    github: { owner: "example", ownerId: "1", repository: "example", repositoryId: "1", environments: false },
    gitlab: { project: "example/example" },
  },
} as const satisfies ProjectInput;
