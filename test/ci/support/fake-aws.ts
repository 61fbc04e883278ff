import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What the fake was asked. */
export interface AwsCall {
  readonly action: string;
  readonly body: string;
}

/** XML as text, JSON as a value. An `<Error>` in the one and a `__type` in the other make it an error. */
export type Answer = (call: AwsCall) => unknown;

/** An answer in the words of HTTP, for services that are asked by method and path. */
export class Plain {
  constructor(
    readonly status: number,
    readonly body = "",
  ) {}
}

/** A loopback server that answers calls of the AWS SDK by the name of their action; it fails those that nobody prepared. */
export class FakeAws {
  readonly calls: AwsCall[] = [];
  private constructor(
    private readonly server: Server,
    private readonly answers: Map<string, Answer>,
  ) {}

  static async start(): Promise<FakeAws> {
    const answers = new Map<string, Answer>();
    const server = createServer((request, response) => {
      void callOf(request).then((call) => {
        fake.calls.push(call);
        const [path = ""] = (request.url ?? "").split("&x-id=");
        const asked = answers.get(`${request.method ?? ""} ${path}`) ?? answers.get(call.action);
        const answer = asked?.(call);
        if (answer instanceof Plain) {
          response.writeHead(answer.status, { "content-type": "text/xml" });
          response.end(answer.body);
          return;
        }
        const isXml = typeof answer === "string";
        const isError = isXml
          ? answer.includes("<Error>")
          : answer === undefined || Object(answer)["__type"] !== undefined;
        response.statusCode = isError ? 400 : 200;
        response.setHeader("content-type", isXml ? "text/xml" : "application/x-amz-json-1.1");
        response.end(isXml ? answer : JSON.stringify(answer ?? { __type: `Unprepared${call.action}` }));
      });
    });
    const fake = new FakeAws(server, answers);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** `action` is that of the call, or `<method> <path>` of a call that has none. */
  answer(action: string, answer: Answer): void {
    this.answers.set(action, answer);
  }

  /** Credentials are those of this account. */
  accountIs(account: string): void {
    this.answer(
      "GetCallerIdentity",
      () =>
        `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
    );
  }

  /** Names of the actions that were asked for, in their order. */
  get actions(): string[] {
    return this.calls.map(({ action }) => action);
  }

  reset(): void {
    this.calls.length = 0;
    this.answers.clear();
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function callOf(request: IncomingMessage): Promise<AwsCall> {
  const body = await text(request);
  const target = request.headers["x-amz-target"];
  const action = typeof target === "string" ? target.split(".").at(-1) : new URLSearchParams(body).get("Action");
  return { action: action ?? "", body };
}
