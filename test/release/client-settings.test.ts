import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs";
import { clientSettings } from "../../ci/aws/client-settings";

test("a connection on which nothing comes is given up, and not only complained about", async () => {
  const silent: Server = createServer((socket) => void socket.on("error", () => undefined));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const env = { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };
  const settings = clientSettings(env, "eu-west-1", "ECS");
  expect(settings.requestHandler.requestTimeout).toBe(30_000);
  const requestHandler = { ...settings.requestHandler, requestTimeout: 50 };
  const client = new ECSClient({ ...settings, maxAttempts: 1, requestHandler });
  try {
    await expect(client.send(new ListClustersCommand({}))).rejects.toMatchObject({ name: "TimeoutError" });
  } finally {
    client.destroy();
    silent.close();
  }
});
