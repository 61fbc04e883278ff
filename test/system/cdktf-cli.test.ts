import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import { loadConfiguration } from "../../ci/configuration";
import { emulatorVariables } from "../../ci/terraform/endpoint";
import { awsVariables, neutral } from "../../ci/rehearse/variables";
import type { Emulator } from "../../ci/tools/emulator";
import { Machine } from "./support/machine";
import { processVariables, root } from "./support/slipway";

/** The last version whose native part loads on every Node that this project takes. */
const cli = "cdktf-cli@0.21.0";
const { project } = loadConfiguration();

let machine: Machine;
let emulator: Emulator;
let copy: string;
let env: Record<string, string>;

beforeAll(async () => {
  machine = await Machine.open("cdktf-cli");
  const account = project.accounts["dev"] ?? "";
  const started = await machine.emulator(account);
  emulator = started.emulator;
  // a copy of the project: its state must not meet that of a real environment
  copy = path.join(machine.directory, "project");
  mkdirSync(copy);
  for (const name of ["stacks", "constructs", "environments", "ci", "cdktf.json", "package.json", "tsconfig.json"]) {
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  }
  symlinkSync(path.join(root, "node_modules"), path.join(copy, "node_modules"));
  const aws = awsVariables({ url: emulator.url, account, region: project.region, directory: started.directory });
  env = {
    ...neutral(processVariables()),
    ...aws,
    ...emulatorVariables(aws),
    ...machine.toolbox.providerEnv,
    TERRAFORM_BINARY_NAME: machine.toolbox.engine.path,
    SLIPWAY_AWS_PROVIDER_VERSION: machine.toolbox.providerVersion,
    CHECKPOINT_DISABLE: "1",
    DISABLE_VERSION_CHECK: "1",
    CDKTF_DISABLE_PLUGIN_CACHE_ENV: "1",
    CI: "1",
    FORCE_COLOR: "0",
  };
});

afterAll(async () => {
  await emulator.stop();
  machine.close();
});

/** One command of cdktf-cli, which npx fetches; it is not in the project's own tree. */
function cdktf(...args: string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync("npx", ["--yes", cli, ...args], {
    cwd: copy,
    env,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, output: `${stdout}\n${stderr}` };
}

test("cdktf deploy and cdktf destroy work as well as our own commands", async () => {
  // without the flag the CLI asks the registry for a lock, mirror or not
  const deployed = cdktf("deploy", "dev", "--auto-approve", "--skip-provider-lock");
  expect(deployed.output).toContain("load_balancer_url");
  expect(deployed.status).toBe(0);
  const state = JSON.parse(readFileSync(path.join(copy, ".state", "dev.tfstate"), "utf8")) as {
    readonly resources: readonly unknown[];
  };
  expect(state.resources.length).toBeGreaterThan(40);

  const destroyed = cdktf("destroy", "dev", "--auto-approve", "--skip-provider-lock");
  expect({ status: destroyed.status, output: destroyed.status === 0 ? "" : destroyed.output }).toEqual({
    status: 0,
    output: "",
  });
  const left = (await emulator.inventory()).filter(({ type }) => type !== "task-definition");
  expect(left).toEqual([]);
  expect(await emulator.unknownCalls()).toEqual([]);
});
