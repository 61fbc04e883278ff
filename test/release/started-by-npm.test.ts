import { execFile } from "node:child_process";
import path from "node:path";
import { loadConfiguration } from "../../ci/configuration";
import { AwsServer } from "./fake/server";
import { World } from "./fake/world";

const root = path.resolve(__dirname, "../..");
const { project, environments } = loadConfiguration();
const [environment = ""] = Object.keys(environments);

let server: AwsServer;
beforeAll(async () => {
  server = await AwsServer.start();
});
afterAll(() => server.stop());

/** The program as package.json starts it: it finds its parts in another way than tests do. */
function started(args: readonly string[]): Promise<{ readonly code: number; readonly err: string }> {
  const env = {
    PATH: process.env["PATH"],
    AWS_ENDPOINT_URL: server.url,
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
  };
  return new Promise((resolve) => {
    execFile(process.execPath, ["--require", "tsx/cjs", "ci/main.ts", ...args], { cwd: root, env }, (error, _, err) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, err }),
    );
  });
}

test.each([
  ["release", ["release", environment, "--image", "build-b", "--dry-run"]],
  ["rollback", ["rollback", environment]],
  ["status", ["status", environment]],
])(
  "%s starts",
  async (_, args) => {
    const world = new World();
    // nothing is deployed, also where a fork is called as the account that is played
    world.settings.parameters.clear();
    world.settings.account = project.accounts[environment] ?? "";
    server.show(world);
    const { code, err } = await started(args);
    expect(err).toContain(
      `${environment} is not deployed yet (/${project.name}/${environment}/release is empty): npm run deploy -- ${environment}`,
    );
    expect(code).toBe(1);
  },
  60_000,
);
