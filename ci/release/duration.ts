import { CommandError, exitCodes } from "../exit-codes";

const unitsMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Milliseconds of `90s`, `15m`, `2h` or `1d`.
 *
 * @throws CommandError for anything else
 */
export function durationMs(option: string, text: string): number {
  const [, number, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (number === undefined || unit === undefined) {
    throw new CommandError(`${option} must be a number and s, m, h or d, such as 15m, got ${text}`, exitCodes.usage);
  }
  return Number(number) * unitsMs[unit as keyof typeof unitsMs];
}
