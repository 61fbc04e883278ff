import { type Clock, systemClock } from "../clock";

/** The longest that anything waits between two looks: the emulator needs a second for what takes AWS minutes. */
const longestMs = 300;

/** The machine's time, with shorter waits. */
export const rehearsalClock: Clock = {
  now: () => systemClock.now(),
  sleep: (ms) => systemClock.sleep(Math.min(ms, longestMs)),
};
