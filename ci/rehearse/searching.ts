import { registryStack } from "../configuration";
import { type Detail, insistOnNone, type Scene } from "./scene";
import { haystacksOf, leaksIn, secretTexts } from "./secret-scan";

/** No value of any secret stands in a state, in its backup, in a plan or in the plan's JSON. */
export async function lookForSecrets({ bench, emulator, plans, subject }: Scene, detail: Detail): Promise<void> {
  const secrets = secretTexts(await emulator.secretValues());
  // finding nothing means nothing while there is nothing to be found
  insistOnNone(secrets.length === 0 ? ["the emulator holds no secret value that could be looked for"] : []);
  const states = [subject.name, registryStack]
    .map((stack) => bench.stateFile(stack))
    .flatMap((file) => [...haystacksOf(file), ...haystacksOf(`${file}.backup`)]);
  const places = [...states, ...plans];
  const leaks = await leaksIn(places, secrets);
  insistOnNone(leaks.map((name) => `a secret value stands in ${name}`));
  detail(`${secrets.length} values, none in ${places.length} files and parts of files`);
}
