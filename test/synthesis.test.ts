import { readdirSync } from "node:fs";
import { runOptions } from "../stacks/synthesize";
import { providerRange } from "../stacks/terraform-settings";
import type { Json } from "./support/synth";
import { filesOf, root, synthesizeBy } from "./support/synthesis";

const run = (variables: Readonly<Record<string, string>> = {}) =>
  synthesizeBy("test/support/shipped-app.ts", variables);

// without any variable
const one = run();

test("needs no credentials, and writes a file per stack that knows nothing of this machine", () => {
  expect({ status: one.status, stderr: one.stderr }).toEqual({ status: 0, stderr: "" });
  expect(Object.keys(filesOf(one))).toEqual([
    "bootstrap-111111111111",
    "bootstrap-222222222222",
    "bootstrap-333333333333",
    "dev",
    "prod",
    "registry",
    "stage",
  ]);
  expect(JSON.stringify(filesOf(one))).not.toContain(root);
});

test("the variables of a run reach the output", () => {
  const synthesis = run({
    SLIPWAY_AWS_PROVIDER_VERSION: "6.60.0",
    SLIPWAY_STATE_BUCKET: "shop-state@eu-west-1",
    SLIPWAY_ENVIRONMENTS: "prod",
    SLIPWAY_LIFETIME: "temporary",
    SLIPWAY_APPLY_NOW: "1",
  });
  expect(synthesis.status).toBe(0);
  const files = filesOf(synthesis);
  expect(Object.keys(files)).toEqual(["prod", "registry"]);
  const prod = JSON.parse(files["prod"]!) as Json;
  expect(prod["terraform"]).toMatchObject({
    required_version: ">= 1.11.0",
    required_providers: { aws: { source: "hashicorp/aws", version: "6.60.0" } },
    backend: {
      s3: { bucket: "shop-state", key: "slipway/prod.tfstate", region: "eu-west-1", encrypt: true, use_lockfile: true },
    },
  });
  const instances = Object.values(prod["resource"]["aws_db_instance"] as Json) as Json[];
  expect(instances).not.toHaveLength(0);
  for (const instance of instances)
    expect(instance).toMatchObject({ apply_immediately: true, deletion_protection: false });
});

test("without them the state is a local file and the provider a range", () => {
  const prod = JSON.parse(filesOf(one)["prod"]!) as Json;
  expect(prod["terraform"]).toMatchObject({
    required_providers: { aws: { version: providerRange } },
    backend: { local: { path: "../../../.state/prod.tfstate" } },
  });
  expect((prod["provider"]["aws"] as Json[])[0]).toMatchObject({
    region: "us-east-1",
    allowed_account_ids: ["333333333333"],
  });
});

test.each([
  ["SLIPWAY_LIFETIME", "short", 'SLIPWAY_LIFETIME:\n  - must be "permanent" or "temporary", got "short"'],
  [
    "SLIPWAY_AWS_PROVIDER_VERSION",
    "~> 6",
    'SLIPWAY_AWS_PROVIDER_VERSION:\n  - must be an exact version such as 6.58.0, got "~> 6"',
  ],
  ["SLIPWAY_STATE_BUCKET", "bucket", 'SLIPWAY_STATE_BUCKET:\n  - must be empty or <bucket>@<region>, got "bucket"'],
])("%s=%s is refused", (name, value, message) => {
  expect(() => runOptions({ [name]: value })).toThrow(message);
});

test("a mistake leaves with exit code 1 and every sentence, and writes nothing", () => {
  const { status, stderr, outdir } = run({ SLIPWAY_LIFETIME: "short" });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: 'SLIPWAY_LIFETIME:\n  - must be "permanent" or "temporary", got "short"\n',
  });
  expect(readdirSync(outdir)).toEqual([]);
});
