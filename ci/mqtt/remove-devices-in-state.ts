import type { Target } from "../configuration";
import type { StateResource } from "../terraform/json";
import { type DeviceSession, deviceWork } from "./device-work";
import { removeDevices } from "./remove-device";
import type { DeviceWork } from "./things";

/**
 * Devices are no resources of Terraform, and hold the policy and the type of thing that it is about to delete: remove those of an
 * environment. Which they are is read in the state, which knows them until they are deleted. Gives the names of their things.
 */
export async function removeDevicesInState(
  session: DeviceSession,
  { stack, region }: Pick<Target, "stack" | "region">,
  resources: readonly StateResource[],
  workOn: (thingType: string) => DeviceWork = (thingType) => deviceWork(session, region, thingType),
): Promise<readonly string[]> {
  const { report } = session;
  const namesOf = (type: string): string[] =>
    resources.flatMap(({ type: found, values }) => (found === type ? [String(values["name"])] : []));
  const policies = namesOf("aws_iot_policy");
  const gone: string[] = [];
  for (const thingType of namesOf("aws_iot_thing_type")) {
    const { removed, stripped } = await report.step("remove devices", () =>
      removeDevices(workOn(thingType), stack, policies),
    );
    gone.push(...removed);
    for (const target of stripped) report.warn(`${target} is no device of ${stack}: it stays, without a policy`);
  }
  if (gone.length > 0) report.line(`removed ${gone.length} devices: ${gone.join(", ")}`);
  return gone;
}
