/** CPU sizes of a Fargate task, in units of which a vCPU has 1024. */
export const cpuSizes = [256, 512, 1024, 2048, 4096, 8192, 16384] as const;

/** Memory that Fargate offers for each CPU size, in MiB. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html */
const memoryByCpu: Readonly<Record<number, readonly number[]>> = {
  256: [512, 1024, 2048],
  512: steps(1024, 4096, 1024),
  1024: steps(2048, 8192, 1024),
  2048: steps(4096, 16384, 1024),
  4096: steps(8192, 30720, 1024),
  8192: steps(16384, 61440, 4096),
  16384: steps(32768, 122880, 8192),
};

function steps(from: number, to: number, by: number): number[] {
  return Array.from({ length: (to - from) / by + 1 }, (_, i) => from + i * by);
}

/** The sentence for a pair that Fargate does not have, if it does not. */
export function sizeProblem(cpu: number, memoryMiB: number): string | undefined {
  const offered = memoryByCpu[cpu] ?? [];
  if (offered.includes(memoryMiB)) return undefined;
  const [first = 0, second = 0] = offered;
  const use = offered.length > 4 ? `${first} to ${offered.at(-1)} in steps of ${second - first}` : offered.join(", ");
  return `must be a size that Fargate offers with cpu ${cpu}, got ${memoryMiB}: use ${use}`;
}
