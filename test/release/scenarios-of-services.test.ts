import { longestGapSec } from "./fake/journal";
import { runOn, Terminal } from "./fake/run-release";
import { ordered } from "./fake/scenario";
import { AwsServer } from "./fake/server";
import { World } from "./fake/world";
import { released, succeed } from "./scenarios/parts";
import { runTable } from "./scenarios/run-table";
import { fromServices } from "./scenarios/table";

runTable(fromServices);

test("two releases at once: one goes out, the other is told who is at it", async () => {
  const server = await AwsServer.start();
  try {
    const world = World.released();
    const line = "release dev --image build-b";
    const both = await Promise.all([
      runOn(server, world, new Terminal(), line, { env: { USER: "ann" } }),
      runOn(server, world, new Terminal(), line, { env: { USER: "bob" } }),
    ]);
    const [won, lost] = [...both].sort((a, b) => a.code - b.code);
    expect([won?.code, lost?.code]).toEqual([0, 31]);
    expect(lost?.err).toMatch(/another release of dev is running, by (ann|bob) since /);
    expect(ordered(world.journal.writes)).toEqual(ordered(succeed));
    expect(world.state).toEqual(released);
  } finally {
    await server.stop();
  }
});

test.each([
  ["a release", "release dev --image build-b", "succeeds"],
  ["a migration that hangs", "release dev --image build-b", "hangs"],
  ["a deployment that is stuck", "release dev --image build-b --timeout 1", "stuck"],
] as const)("%s is looked at at least every five seconds", async (_, line, what) => {
  const server = await AwsServer.start();
  try {
    const world = World.released();
    if (what === "hangs") world.tasks.script.push({ seconds: Infinity });
    if (what === "stuck") world.services.get("web").script.push("stuck");
    await runOn(server, world, new Terminal(), line);
    expect(longestGapSec(world.journal.calls)).toBeLessThanOrEqual(5);
    expect(world.journal.calls.length).toBeGreaterThan(100);
  } finally {
    await server.stop();
  }
});
