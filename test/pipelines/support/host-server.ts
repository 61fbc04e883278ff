import { createServer, type IncomingMessage, type Server } from "node:http";
import { json } from "node:stream/consumers";
import type { AddressInfo } from "node:net";

/** A request that the host has got. */
export interface Asked {
  readonly request: string;
  readonly body?: any;
  readonly headers: IncomingMessage["headers"];
}

/** What the host answers: a status and a body. */
export type Answer = readonly [number, unknown];

/** A host's API on this machine: it answers from a list, and keeps what it was asked. */
export class HostServer {
  readonly asked: Asked[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** `answers` by `GET /path`; a query is left out unless the key has one. Anything else is not found. */
  static async start(answers: Readonly<Record<string, Answer>>): Promise<HostServer> {
    let host: HostServer | undefined = undefined;
    const server = createServer((request, response) => {
      void (async () => {
        const address = request.url ?? "";
        const body = request.method === "GET" ? undefined : await json(request);
        const name = `${request.method} ${address}`;
        host?.asked.push({ request: name, headers: request.headers, ...(body === undefined ? {} : { body }) });
        const [status, said] = answers[name] ?? answers[name.split("?")[0] ?? ""] ?? [404, { message: "Not Found" }];
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(said));
      })();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    host = new HostServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return host;
  }

  /** Requests that have changed something. */
  get changes(): readonly Asked[] {
    return this.asked.filter(({ request }) => !request.startsWith("GET"));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
