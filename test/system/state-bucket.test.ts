import { loadConfiguration } from "../../ci/configuration";
import { exitCodes } from "../../ci/exit-codes";
import type { Emulator } from "../../ci/tools/emulator";
import { Machine } from "./support/machine";
import { Slipway } from "./support/slipway";

const { project } = loadConfiguration();
const { account, region } = project.registry;
const bucket = "slipway-test-state";
const key = `${project.name}/registry.tfstate`;

let machine: Machine;
let emulator: Emulator;
let slipway: Slipway;
const inBucket = { SLIPWAY_STATE_BUCKET: `${bucket}@${region}` };

beforeAll(async () => {
  machine = await Machine.open("state-bucket");
  const started = await machine.emulator(account);
  emulator = started.emulator;
  slipway = new Slipway({ emulator, toolbox: machine.toolbox, account, region, directory: started.directory });
  expect((await s3("PUT", "")).status).toBe(200);
});

afterAll(async () => {
  slipway.clean();
  await emulator.stop();
  machine.close();
});

/** A plain request to the emulator's S3, which checks no signature. */
function s3(method: string, object: string, body?: string): Promise<Response> {
  return fetch(`${emulator.url}/${bucket}${object === "" ? "" : `/${object}`}`, {
    method,
    ...(body === undefined ? {} : { body }),
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${account}/20261126/${region}/s3/aws4_request, SignedHeaders=host, Signature=0`,
    },
  });
}

test("the state goes into the bucket, and nobody else can write while somebody holds the lock", async () => {
  expect(await slipway.run("deploy registry --yes", inBucket)).toMatchObject({ code: exitCodes.ok });
  const state = (await (await s3("GET", key)).json()) as { readonly resources: readonly unknown[] };
  expect(state.resources.length).toBeGreaterThan(0);
  expect((await s3("GET", `${key}.tflock`)).status).toBe(404);

  const lock = {
    ID: "1",
    Operation: "OperationTypeApply",
    Who: "somebody@elsewhere",
    Version: "1.11.4",
    Created: "2026-11-26T00:00:00Z",
  };
  expect((await s3("PUT", `${key}.tflock`, JSON.stringify(lock))).status).toBe(200);
  const refused = await slipway.run("plan registry", inBucket);
  expect(refused.code).toBe(exitCodes.failed);
  expect(refused.said).toMatch(/state lock/i);
  expect(refused.said).toContain("somebody@elsewhere");

  expect((await s3("DELETE", `${key}.tflock`)).status).toBe(204);
  expect(await slipway.run("plan registry", inBucket)).toMatchObject({ code: exitCodes.ok });
});

test("destroy works on the same state, and leaves nothing but the bucket", async () => {
  const destroyed = await slipway.run("destroy registry --confirm registry", {
    ...inBucket,
    SLIPWAY_LIFETIME: "temporary",
  });
  expect(destroyed).toMatchObject({ code: exitCodes.ok });
  const left = (await emulator.inventory()).map(({ service, id }) => `${service} ${id}`);
  expect(left).toEqual([`s3 ${bucket}`]);
});
