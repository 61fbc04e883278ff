import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { keepIdentity, writeIdentity } from "../../ci/pipelines/identity";
import { HostServer } from "./support/host-server";

let host: HostServer;
const folder = mkdtempSync(path.join(tmpdir(), "slipway-identity-"));
const file = path.join(folder, "token");
const tokenFor = (seconds: number): string => {
  const said = Buffer.from(JSON.stringify({ exp: Date.now() / 1000 + seconds })).toString("base64url");
  return `e30.${said}.`;
};

beforeAll(async () => {
  host = await HostServer.start({ "GET /identity": [200, { value: "the next" }] });
});
afterEach(() => {
  rmSync(file, { force: true });
  host.asked.length = 0;
});
afterAll(async () => {
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
});

const gitHub = (): Record<string, string> => ({
  AWS_WEB_IDENTITY_TOKEN_FILE: file,
  ACTIONS_ID_TOKEN_REQUEST_URL: `${host.url}/identity?api-version=2.0`,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: "bearer",
});

test("an identity that has run out is renewed while a command works, for the audience that AWS wants", async () => {
  writeIdentity(file, tokenFor(-1));
  const done = new AbortController();
  const kept = keepIdentity(gitHub(), done.signal);
  while (readFileSync(file, "utf8") !== "the next") await pause(5);
  done.abort();
  await kept;
  expect(host.asked.map(({ request }) => request)).toEqual([
    "GET /identity?api-version=2.0&audience=sts.amazonaws.com",
  ]);
});

test("one that lives on is left alone, and nothing goes on after the command", async () => {
  const token = tokenFor(3600);
  writeFileSync(file, token);
  const done = new AbortController();
  const kept = keepIdentity(gitHub(), done.signal);
  done.abort();
  await kept;
  expect(readFileSync(file, "utf8")).toBe(token);
  expect(host.asked).toEqual([]);
});

test.each([
  ["before `pipeline identity` has written one", (env: Record<string, string>) => env],
  [
    "on GitLab, which gives it once",
    (env: Record<string, string>) => {
      writeFileSync(file, tokenFor(-1));
      return { AWS_WEB_IDENTITY_TOKEN_FILE: env["AWS_WEB_IDENTITY_TOKEN_FILE"] ?? "", SLIPWAY_ID_TOKEN: "token" };
    },
  ],
])("nothing is renewed %s", async (_, variables) => {
  await keepIdentity(variables(gitHub()), new AbortController().signal);
  expect(host.asked).toEqual([]);
});
