import { serverClientPrefix } from "../../constructs/mqtt/iot-policies";
import { CommandError, exitCodes } from "../exit-codes";

/** What AWS allows in the name of a thing, and in a client id. */
const longest = 128;

/** Of a device: the name of its thing, its client id and its part of every topic. Names of things are those of the whole account. */
export function thingName(environment: string, id: string): string {
  return `${environment}-${id}`;
}

/** The id that a person gave, from the name of its thing. */
export function deviceId(environment: string, thing: string): string {
  return thing.slice(environment.length + 1);
}

/** @throws CommandError with the rule, when an id cannot be part of a topic on both engines, or is a service's */
export function checkDeviceId(environment: string, id: string): void {
  const most = longest - environment.length - 1;
  if (thingName(environment, id).startsWith(serverClientPrefix(environment))) {
    throw new CommandError(
      `the id of a device must not start with server-, which is how services call themselves, got "${id}": choose another`,
      exitCodes.usage,
    );
  }
  if (/^[A-Za-z0-9_-]+$/.test(id) && id.length <= most) return;
  throw new CommandError(
    `the id of a device must be 1 to ${most} letters, digits, _ or -, got "${id}": choose another`,
    exitCodes.usage,
  );
}
