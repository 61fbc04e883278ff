import { readFileSync } from "node:fs";
import * as z from "zod";
import type { RegistryLogin } from "../aws/registry-login";
import { CommandError } from "../exit-codes";
import { runProgram } from "../tools/program";
import type { BuilderWork } from "./builder";

/** How much of what a program said is repeated when it has failed. */
const lastLines = 20;

/** Run a builder's program under a name; what it says is shown as it comes. */
export async function runStep(
  { program, env, interrupts, report }: BuilderWork,
  name: string,
  args: readonly string[],
): Promise<void> {
  const { code, stderr, stdout } = await report.step(name, () =>
    runProgram(program, args, { env, interrupts, line: (text) => report.line(text) }),
  );
  if (code === 0) return;
  throw new CommandError(
    `${name} has failed (exit code ${code}): ${lastOf(`${stdout}\n${stderr}`) ?? "it has not said why"}`,
  );
}

/** Log in with the password on standard input, where no other process of the machine sees it. */
export async function logInBy({ program, env, interrupts, report }: BuilderWork, login: RegistryLogin): Promise<void> {
  const { server, user, password } = login;
  const { code, stdout, stderr } = await report.step(`log in to ${server}`, () =>
    runProgram(program, ["login", "--username", user, "--password-stdin", server], {
      env,
      interrupts,
      input: password.reveal(),
    }),
  );
  if (code === 0) return;
  const said = password.removeFrom(`${stdout}\n${stderr}`).trim().split("\n").slice(-lastLines).join("\n");
  throw new CommandError(`the login to ${server} was refused: ${said}`);
}

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const metadata = z.object({ "containerimage.digest": digest });

/** The digest in the metadata that BuildKit's clients write, if they did. */
export function digestOfMetadata(file: string): string | undefined {
  return metadata.safeParse(parsed(read(file))).data?.["containerimage.digest"];
}

/** The digest in a file that holds nothing else, if there is one. */
export function digestOfFile(file: string): string | undefined {
  return digest.safeParse(read(file).trim()).data;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lastOf(text: string): string | undefined {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .at(-1);
}
