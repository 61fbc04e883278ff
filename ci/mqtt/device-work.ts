import { Iot } from "../aws/iot";
import type { Session } from "../session";
import type { DeviceWork } from "./things";

/** What of a session it takes. */
export type DeviceSession = Pick<Session, "surroundings" | "report" | "interrupts">;

/** How a command works on devices. */
export function deviceWork(
  { surroundings, report, interrupts }: DeviceSession,
  region: string,
  thingType: string,
): DeviceWork {
  return {
    iot: new Iot(surroundings.env, region),
    thingType,
    next: (what) => {
      interrupts.check();
      report.progress(what);
    },
    pause: (ms) => interrupts.pause(ms),
    warn: (text) => report.warn(text),
  };
}
