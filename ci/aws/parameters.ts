import {
  DeleteParameterCommand,
  GetParameterCommand,
  paginateGetParametersByPath,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
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

/** Texts of all parameters below a path, by their names. */
export async function parametersBelow(
  env: Readonly<Record<string, string>>,
  region: string,
  path: string,
): Promise<ReadonlyMap<string, string>> {
  const client = new SSMClient(clientSettings(env, region, "SSM"));
  const values = new Map<string, string>();
  try {
    for await (const { Parameters: page = [] } of paginateGetParametersByPath(
      { client },
      { Path: path, Recursive: true },
    )) {
      for (const { Name: name, Value: value } of page) if (name !== undefined) values.set(name, value ?? "");
    }
    return values;
  } finally {
    client.destroy();
  }
}

/** Parameters that commands read and write themselves: marks and locks, as plain text. */
export class Marks {
  private readonly client: SSMClient;

  constructor(env: Readonly<Record<string, string>>, region: string) {
    this.client = new SSMClient(clientSettings(env, region, "SSM"));
  }

  /** None when there is no such parameter. */
  async read(name: string): Promise<string | undefined> {
    try {
      const { Parameter: parameter } = await this.client.send(new GetParameterCommand({ Name: name }));
      return parameter?.Value;
    } catch (error) {
      if (errorName(error) === "ParameterNotFound") return undefined;
      throw error;
    }
  }

  /** Gives false, and changes nothing, when there is one of this name: of two who create it one succeeds. */
  async create(name: string, value: string): Promise<boolean> {
    try {
      await this.client.send(new PutParameterCommand({ Name: name, Value: value, Type: "String", Overwrite: false }));
      return true;
    } catch (error) {
      // the second is said to one of two who create it at the same moment
      if (["ParameterAlreadyExists", "TooManyUpdates"].includes(errorName(error))) return false;
      throw error;
    }
  }

  /** Change one that exists. */
  async write(name: string, value: string): Promise<void> {
    await this.client.send(new PutParameterCommand({ Name: name, Value: value, Type: "String", Overwrite: true }));
  }

  /** That there is none is as good. */
  async delete(name: string): Promise<void> {
    try {
      await this.client.send(new DeleteParameterCommand({ Name: name }));
    } catch (error) {
      if (errorName(error) !== "ParameterNotFound") throw error;
    }
  }
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(`SSM parameter ${name} is not JSON: deploy the environment, which writes it anew`);
  }
}
