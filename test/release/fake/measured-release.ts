import { longestGapSec } from "./journal";
import { runOn, Terminal } from "./run-release";
import { AwsServer } from "./server";
import { World } from "./world";

/** One release from its first to its last line, on an account that is played and a clock that never waits; prints what was measured. */
async function main(): Promise<void> {
  const server = await AwsServer.start();
  const world = World.released();
  const { code, err } = await runOn(server, world, new Terminal(), "release dev --image build-b");
  await server.stop();
  if (code !== 0) throw new Error(`the release has ended with ${code}:\n${err}`);
  const { calls } = world.journal;
  process.stdout.write(JSON.stringify({ calls: calls.length, longestGapSec: longestGapSec(calls) }));
}

void main();
