import { pipelineSettings, roleVariable } from "../../ci/pipelines/settings";

test("the variables of the pipelines are named alike on both hosts, and only for roles that there are", () => {
  const github = {
    ...{ owner: "acme", ownerId: "11", repository: "shop", repositoryId: "22" },
    ...{ environments: true, legacySubject: false },
  };
  const arn = "arn:aws:iam::123456789012:role/shop-stage-plan";
  const roles = { "stage-plan": arn, "registry-release": "arn:r", "unknown-plan": "arn:u" };
  expect(pipelineSettings({ pipelines: { github } }, ["dev", "stage"], roles)).toEqual([
    { name: "SLIPWAY_AWS", value: "true" },
    { name: "SLIPWAY_GITHUB_ENVIRONMENTS", value: "true" },
    { name: "SLIPWAY_ROLE_REGISTRY_RELEASE", value: "arn:r" },
    { name: "SLIPWAY_ROLE_STAGE_PLAN", value: arn },
  ]);
});

test.each([
  [{ pipelines: { none: true as const, because: "by hand" } }],
  [{ pipelines: { gitlab: { host: "gitlab.com", project: "acme/shop" } } }],
])("without GitHub, its environments are off (%j)", (project) => {
  expect(pipelineSettings(project, [], {})).toContainEqual({ name: "SLIPWAY_GITHUB_ENVIRONMENTS", value: "false" });
});

test("a name with a hyphen becomes a variable", () => {
  expect(roleVariable("eu-prod", "apply")).toBe("SLIPWAY_ROLE_EU_PROD_APPLY");
});
