import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What befalls the calls of a command, from one of them on. */
export interface Trouble {
  /** Number of the call, from 0. */
  readonly call: number;
  /**
   * `refused`: neither it nor any later call arrives. `unheard`: it is carried out and its answer is lost, and no later call arrives.
   * `lost once`: its answer is lost together with the connection, and what comes after it, such as its repetition, is served.
   * A function is called before the call is served, and all are served.
   */
  readonly what: "refused" | "unheard" | "lost once" | (() => void);
}

/** A call as it arrives. */
export interface ArrivedCall {
  /** Its name; of calls that have none, only their method. */
  readonly action: string;
  /** Method and path, which name the calls of some services. */
  readonly request: string;
  readonly body: string;
}

/** A call that was carried out. */
export interface ServedCall extends ArrivedCall {
  readonly answer: string;
}

/** Stands between a command and the emulator: counts calls, and troubles one of them. */
export class Proxy {
  calls = 0;
  trouble: Trouble | undefined;
  /** Whether a call gets through; one that does not fails at once. */
  lets: (call: ArrivedCall) => boolean = () => true;
  /** Called after each call that was carried out, before its answer is given. `unheard` loses the answer for good. */
  served: (call: ServedCall) => Promise<"unheard" | void> = () => Promise.resolve();

  private constructor(
    private readonly server: Server,
    private readonly target: string,
  ) {}

  static async start(target: string): Promise<Proxy> {
    const server = createServer((request, response) => {
      proxy.serve(request, response).catch(() => response.destroy());
    });
    const proxy = new Proxy(server, target);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const number = this.calls;
    this.calls += 1;
    const { call = Infinity, what = "refused" } = this.trouble ?? {};
    const isDead = what === "refused" ? number >= call : what === "unheard" && number > call;
    if (isDead) return fail(response);
    if (typeof what === "function" && number === call) what();

    const { method = "GET", url = "/" } = request;
    const arrived = { action: actionOf(request, body), request: `${method} ${url}`, body: body.toString("utf8") };
    if (!this.lets(arrived)) return fail(response);
    const headers = Object.entries(request.headers).filter(([name]) => !unforwarded.has(name));
    const answer = await fetch(`${this.target}${url}`, {
      method,
      headers: headers.map(([name, value]): [string, string] => [name, String(value)]),
      ...(body.length === 0 ? {} : { body }),
    });
    const answered = Buffer.from(await answer.arrayBuffer());
    const fate = await this.served({ ...arrived, answer: answered.toString("utf8") });
    if (fate === "unheard" || (number === call && what === "unheard")) return fail(response);
    if (number === call && what === "lost once") {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(answered);
  }
}

const unforwarded = new Set(["host", "connection", "content-length", "expect", "transfer-encoding"]);

/** An answer that no SDK takes for a reason to try again. */
function fail(response: ServerResponse): void {
  response.writeHead(400, { "content-type": "application/x-amz-json-1.1" });
  response.end(JSON.stringify({ __type: "NobodyThere", message: "the line is dead" }));
}

function actionOf(request: IncomingMessage, body: Buffer): string {
  const target = request.headers["x-amz-target"];
  if (typeof target === "string") return target.split(".").at(-1) ?? "";
  return new URLSearchParams(body.toString("utf8")).get("Action") ?? `${request.method ?? ""} object`;
}
