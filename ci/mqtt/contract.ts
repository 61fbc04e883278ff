import * as z from "zod";
import {
  type ActiveMqContract,
  type IotContract,
  type MqttContract,
  mqttContractName,
} from "../../constructs/shared/mqtt-contract-v1";
import { readParameter } from "../aws/parameters";
import { registryStack, type Target, unknownName } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import { openTarget, type Session } from "../session";

const filled = z.string().min(1);
const broker = { version: z.literal(1), host: filled, port: z.number(), topicPrefix: filled };
const schema = z.discriminatedUnion("engine", [
  z.object({ ...broker, engine: z.literal("iot-core"), thingType: filled, policy: filled }),
  z.object({
    ...broker,
    engine: z.literal("activemq"),
    brokerId: filled,
    clients: z.array(filled).min(1),
    secretPrefix: filled,
    logs: z.object({ audit: z.boolean(), general: z.boolean() }),
  }),
]) satisfies z.ZodType<MqttContract>;

/** An environment and its broker. */
export interface OpenBroker<Contract extends MqttContract> {
  readonly target: Target;
  readonly broker: Contract;
}

/**
 * The environment that a person named, whose devices have certificates.
 *
 * @throws CommandError when it has no broker, is not deployed, or has the other engine
 */
export async function openIotCore(session: Session, environment: string): Promise<OpenBroker<IotContract>> {
  const { target, broker: found } = await openBroker(session, environment);
  if (found.engine === "iot-core") return { target, broker: found };
  throw new CommandError(
    `${environment} runs on activemq, whose devices are clients of environments/${environment}.ts: add { name, publish, subscribe } to mqtt.clients, deploy, and \`npm run mqtt -- sync ${environment}\` makes the login`,
    exitCodes.usage,
  );
}

/**
 * The environment that a person named, whose clients have passwords.
 *
 * @throws CommandError when it has no broker, is not deployed, or has the other engine
 */
export async function openActiveMq(session: Session, environment: string): Promise<OpenBroker<ActiveMqContract>> {
  const { target, broker: found } = await openBroker(session, environment);
  if (found.engine === "activemq") return { target, broker: found };
  throw new CommandError(
    `${environment} runs on iot-core, where there are no passwords: services sign with their role, and \`npm run mqtt -- device add ${environment} <id>\` gives a device its certificate`,
    exitCodes.usage,
  );
}

async function openBroker(session: Session, environment: string): Promise<OpenBroker<MqttContract>> {
  refuseWithoutBroker(session, environment);
  const target = await openTarget(session, environment);
  const name = mqttContractName(`/${target.project}/${environment}`);
  const found = await session.report.step(`read ${name}`, () =>
    session.interrupts.race(readContract(session.surroundings.env, target)),
  );
  if (found !== undefined) return { target, broker: found };
  throw new CommandError(`${environment} has no broker yet (${name} is not there): npm run deploy -- ${environment}`);
}

/** What the last deploy wrote of an environment's broker; none when there is no such thing. */
export async function readContract(
  env: Readonly<Record<string, string>>,
  { project, stack, region }: Target,
): Promise<MqttContract | undefined> {
  const name = mqttContractName(`/${project}/${stack}`);
  const found = await readParameter(env, region, name);
  if (found === undefined) return undefined;
  const { success, data } = schema.safeParse(found);
  if (success) return data;
  throw new CommandError(
    `${name} is not of the version that this command reads: npm run deploy -- ${stack} writes it anew`,
  );
}

function refuseWithoutBroker({ configuration: { environments } }: Session, environment: string): void {
  if (environment === registryStack) {
    throw new CommandError(`${registryStack} has no broker: name an environment`, exitCodes.usage);
  }
  const found = environments[environment];
  if (found === undefined) {
    throw new CommandError(unknownName("environment", environment, Object.keys(environments)), exitCodes.usage);
  }
  if ("none" in found.mqtt) {
    throw new CommandError(
      `${environment} has no broker: set mqtt in environments/${environment}.ts and deploy`,
      exitCodes.usage,
    );
  }
}
