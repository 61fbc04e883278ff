import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ECRClient, PutImageCommand } from "@aws-sdk/client-ecr";
import { manifestOf } from "../../../../ci/rehearse/release-images";
import { playedAddresses, playedPrograms } from "./played";
import { takeRole } from "./tokens";

const indexType = "application/vnd.oci.image.index.v1+json";

/** How a program that is played was started. */
export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly stdin: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What it does. */
interface Played {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Put programs on a PATH that ask the server what to do, as the tests play them. */
export function placePrograms(folder: string, server: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of Object.keys(playedPrograms)) {
    const file = path.join(folder, name);
    writeFileSync(file, program(name, server));
    chmodSync(file, 0o755);
  }
}

/**
 * Let load balancers of the emulator answer, which have no address in the world: a file that Node loads before a command, and that
 * sends what is asked of them to the server.
 */
export function placeBalancers(folder: string, server: string): string {
  const file = path.join(folder, "balancers.cjs");
  writeFileSync(
    file,
    `const real = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const { hostname, pathname } = new URL(input.url ?? input);
  const isPlayed = ${JSON.stringify(Object.keys(playedAddresses).map((name) => name.slice(1)))}.some((end) => hostname.endsWith(end));
  return real(isPlayed ? "${server}/balancer" + pathname : input, init);
};
`,
  );
  return file;
}

function program(name: string, server: string): string {
  return `#!${process.execPath}
const { readFileSync } = require("node:fs");
const args = process.argv.slice(2);
const reads = args.includes("--password-stdin") || args[0] === "run";
const body = { program: ${JSON.stringify(name)}, args, stdin: reads ? readFileSync(0, "utf8") : "", env: process.env };
fetch("${server}/program", { method: "POST", body: JSON.stringify(body) })
  .then((answer) => answer.json())
  .then(({ code = 1, stdout = "", stderr = "", message = "" }) => {
    process.stdout.write(stdout);
    process.stderr.write(stderr + message);
    process.exitCode = code;
  });
`;
}

/** What the program does and says. A call that nobody expects fails. */
export async function playProgram(call: ProgramCall, endpoint: string): Promise<Played> {
  if (call.program !== "docker") return said("");
  const [command, verb] = call.args;
  if (command === "buildx" && verb === "version") return said("github.com/docker/buildx v0.0.0\n");
  if (command === "login") {
    return call.stdin === "" ? failed("a login needs a password on standard input") : said("Login Succeeded\n");
  }
  if (command === "buildx" && verb === "build") return build(call, endpoint);
  if (command === "image" && verb === "ls") return said("0123456789ab\n");
  if (command === "save") return said("an image");
  if (command === "run") return call.stdin === "an image" ? said("no findings\n") : failed("there is nothing to scan");
  return failed(`docker ${call.args.join(" ")} is not played: see ${path.basename(__filename)}`);
}

async function build({ args, env }: ProgramCall, endpoint: string): Promise<Played> {
  if (!args.includes("--push")) return said("");
  const image = args.find((arg) => arg.startsWith("--tag="))?.slice("--tag=".length) ?? "";
  const [, account, region = "", repositoryName, imageTag = ""] =
    /^(\d+)\.dkr\.ecr\.([\w-]+)\.amazonaws\.com\/(.+):([\w.-]+)$/.exec(image) ?? [];
  const imageManifest = manifestOf(imageTag, image);
  // a registry knows who pushes by the login; this one by the job's role
  const token = readFileSync(env["AWS_WEB_IDENTITY_TOKEN_FILE"] ?? "", "utf8");
  const credentials = await takeRole(endpoint, env["AWS_ROLE_ARN"] ?? "", token);
  const client = new ECRClient({ region, endpoint, credentials });
  await client.send(
    new PutImageCommand({
      registryId: account,
      repositoryName,
      imageManifest,
      imageManifestMediaType: indexType,
      imageTag,
    }),
  );
  client.destroy();
  const digest = `sha256:${createHash("sha256").update(imageManifest).digest("hex")}`;
  const metadata = args[args.indexOf("--metadata-file") + 1];
  if (metadata !== undefined) writeFileSync(metadata, JSON.stringify({ "containerimage.digest": digest }));
  return said("");
}

const said = (stdout: string): Played => ({ code: 0, stdout, stderr: "" });
const failed = (stderr: string): Played => ({ code: 1, stdout: "", stderr });
