import type { ChildProcess } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { loadConfiguration } from "../../ci/configuration";
import { exitCodes } from "../../ci/exit-codes";
import { Machine } from "./support/machine";
import { type Ended, Slipway, until } from "./support/slipway";

type Signal = "SIGINT" | "SIGTERM";

/** What happened in one environment. */
interface Story {
  readonly interruptedDeploy: Ended;
  readonly deploy: Ended;
  /** The databases that the interrupted deploy left, and those after the next one. */
  readonly databases: readonly [readonly string[], readonly string[]];
  readonly interruptedDestroy: Ended;
  readonly destroy: Ended;
  readonly left: readonly string[];
  readonly unknownCalls: readonly unknown[];
}

const { project } = loadConfiguration();
const lowered = { SLIPWAY_LIFETIME: "temporary" };
let machine: Machine;

beforeAll(async () => {
  machine = await Machine.open("interrupts");
});

afterAll(() => machine.close());

// a database is minutes of waiting and no work: two environments side by side take the time of one
describe.each<{ dev: Signal; stage: Signal }>([
  { dev: "SIGINT", stage: "SIGTERM" },
  { dev: "SIGTERM", stage: "SIGINT" },
])("with $dev in dev, which is temporary, and $stage in stage, which is permanent,", ({ dev, stage }) => {
  let stories: { readonly dev: Story; readonly stage: Story };

  beforeAll(async () => {
    const [ofDev, ofStage] = await Promise.all([play("dev", dev), play("stage", stage)]);
    stories = { dev: ofDev, stage: ofStage };
  });

  describe.each(["dev", "stage"] as const)("%s", (environment) => {
    test("stops a deploy in an orderly way, and says how to go on", () => {
      const { code, said } = stories[environment].interruptedDeploy;
      expect(said).toContain("stopping: Terraform finishes what it has begun and saves the state");
      expect(said).toContain(`to go on from here: \`npm run deploy -- ${environment} --yes\``);
      expect(code).toBe(exitCodes.interrupted);
    });

    test("goes on with the database that was begun", () => {
      const { deploy, databases } = stories[environment];
      expect(deploy.said).toMatch(/aws_db_instance\.\S+ is taken over as it is \(untainted\)/);
      expectDone(deploy);
      expect(databases[0]).toHaveLength(1);
      expect(databases[1]).toEqual(databases[0]);
    });

    test("stops a destroy in an orderly way", () => {
      const { code, said } = stories[environment].interruptedDestroy;
      expect(said).toContain("stopping: Terraform finishes what it has begun and saves the state");
      expect(code).toBe(exitCodes.interrupted);
    });

    test("destroys the rest, and nothing is left", () => {
      const { destroy, left, unknownCalls } = stories[environment];
      expectDone(destroy);
      expect(left).toEqual([]);
      expect(unknownCalls).toEqual([]);
    });
  });
});

/** Deploy and destroy an environment, each interrupted in the middle and then run again. */
async function play(environment: "dev" | "stage", signal: Signal): Promise<Story> {
  const account = project.accounts[environment] ?? "";
  const { emulator, directory } = await machine.emulator(account);
  const slipway = new Slipway({ emulator, toolbox: machine.toolbox, account, region: project.region, directory });
  const hasDatabase = async (): Promise<boolean> => (await slipway.databaseIds()).length > 0;
  try {
    const interruptedDeploy = await slipway.run(`deploy ${environment} --yes`, {}, async (child) => {
      await until(child, "the database was begun", hasDatabase);
      await interrupt(child, signal);
    });
    const before = await slipway.databaseIds();
    const deploy = await slipway.run(`deploy ${environment} --yes`);
    const after = await slipway.databaseIds();
    const destroying = `destroy ${environment} --confirm ${environment}`;
    const interruptedDestroy = await slipway.run(destroying, lowered, async (child) => {
      await until(child, "the database was deleted", async () => !(await hasDatabase()));
      await interrupt(child, signal);
    });
    const destroy = await slipway.run(destroying, lowered);
    const left = (await emulator.inventory()).map(({ service, type, id }) => `${service} ${type} ${id}`);
    const unknownCalls = await emulator.unknownCalls();
    return { interruptedDeploy, deploy, databases: [before, after], interruptedDestroy, destroy, left, unknownCalls };
  } finally {
    // while the port is still its own, of which the folder has its name
    slipway.clean();
    await emulator.stop();
  }
}

/** The command went through; if not, what it said is part of the failure. */
function expectDone({ code, said }: Ended): void {
  expect(code === exitCodes.ok ? "" : said).toBe("");
}

/** And an impatient Ctrl-C after it, which must not make it worse. */
async function interrupt(child: ChildProcess, signal: Signal): Promise<void> {
  child.kill(signal);
  await pause(1000);
  child.kill("SIGINT");
}
