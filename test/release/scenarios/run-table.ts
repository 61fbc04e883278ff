import { ordered, play } from "../fake/scenario";
import { AwsServer } from "../fake/server";
import { World } from "../fake/world";
import type { ScenarioTable } from "./table";

/** What is in the secrets that the tasks read. */
const values = ["sk_live_never_shown", "never-shown"];

/** Every scenario is a test: its exit code, what it wrote, what runs afterwards, and what it said. */
export function runTable(table: ScenarioTable): void {
  let server: AwsServer;
  beforeAll(async () => {
    // the SDK's word on the version of Node, on stderr, is not what is tested
    process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
    server = await AwsServer.start();
  });
  afterAll(() => server.stop());

  describe.each(table)("%s", (_, scenarios) => {
    test.each(scenarios)("$name", async (scenario) => {
      const { ran, world, writes } = await play(server, scenario, () => World.released());
      const { code, state, says, also } = scenario;
      const said = ran.err + ran.out;
      // what it said is told with whatever differs
      expect({ code: ran.code, writes, state: world.state, said }).toEqual({
        code,
        writes: ordered(scenario.writes),
        state,
        said,
      });
      for (const sentence of says) expect(said).toContain(sentence);
      for (const value of values) expect(said).not.toContain(value);
      also?.(world, ran);
    });
  });
}
