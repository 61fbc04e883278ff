import type { AwsServer } from "./server";
import { type Ran, runOn, Terminal } from "./run-release";
import type { State, World } from "./world";

/** One line of the table: what is found, what is typed, and what has to come of it. */
export interface Scenario {
  readonly name: string;
  /** The account that is found. Default: release 1, image A, runs and is proven. */
  readonly world?: () => World;
  /** What goes wrong, and when. */
  readonly given?: (world: World, terminal: Terminal) => void;
  /** A command that has ended before, and is not judged. */
  readonly before?: string;
  /** How long after that. Default: 0. */
  readonly pauseSec?: number;
  /** What happens after that. */
  readonly between?: (world: World) => void;
  /** Default: `release dev --image build-b`. */
  readonly line?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly isTTY?: boolean;
  readonly code: number;
  /** Every call that changes something, in its order. */
  readonly writes: readonly string[];
  /** What runs and is remembered afterwards. */
  readonly state: State;
  /** Sentences that it says on stderr or stdout, or parts of them. */
  readonly says: readonly string[];
  /** What else has to be true. */
  readonly also?: (world: World, ran: Ran) => void;
}

export interface Played {
  readonly ran: Ran;
  readonly world: World;
  readonly writes: readonly string[];
}

/** Play a scenario on a server; gives what came of it. */
export async function play(server: AwsServer, scenario: Scenario, start: () => World): Promise<Played> {
  const {
    world: found = start,
    given,
    before,
    pauseSec = 0,
    between,
    line = "release dev --image build-b",
    env = {},
    isTTY = false,
  } = scenario;
  const world = found();
  const first = new Terminal();
  given?.(world, first);
  if (before !== undefined) {
    await runOn(server, world, first, before, { env });
    world.logIn();
    await world.clock.sleep(pauseSec * 1000);
    between?.(world);
  }
  const earlier = world.journal.writes.length;
  const terminal = before === undefined ? first : new Terminal();
  const ran = await runOn(server, world, terminal, line, { env, isTTY });
  return { ran, world, writes: ordered(world.journal.writes.slice(earlier)) };
}

/** Tags are set all at once, and arrive in whatever order. */
export function ordered(writes: readonly string[]): string[] {
  const isTag = (text: string): boolean => text.startsWith("TagResource ");
  const tags = writes.filter(isTag).sort();
  return writes.map((text) => (isTag(text) ? (tags.shift() ?? text) : text));
}
