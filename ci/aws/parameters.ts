import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { CommandError } from "../exit-codes";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

/**
 * What Terraform wrote into an SSM parameter for the commands, such as `/slipway/dev/images`: JSON, parsed and not yet checked.
 * Gives undefined when there is no such parameter, which means that the environment has no such thing or is not deployed.
 *
 * @throws CommandError when the parameter is not JSON
 */
export async function readParameter(
  env: Readonly<Record<string, string>>,
  region: string,
  name: string,
): Promise<unknown> {
  const client = new SSMClient(clientSettings(env, region, "SSM"));
  try {
    const { Parameter: parameter } = await client.send(new GetParameterCommand({ Name: name }));
    return parse(name, parameter?.Value ?? "");
  } catch (error) {
    if (errorName(error) === "ParameterNotFound") return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(`SSM parameter ${name} is not JSON: deploy the environment, which writes it anew`);
  }
}
