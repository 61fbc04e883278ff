import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** An error as AWS answers it. */
export class AwsFault extends Error {
  constructor(
    name: string,
    message = name,
    readonly status = 400,
  ) {
    super(message);
    this.name = name;
  }
}

/** The call was carried out, and its answer never arrives. */
export class LostAnswer extends Error {}

/** What answers the calls: an account, as far as it is played. */
export interface Answering {
  /** @throws AwsFault or LostAnswer */
  answer(action: string, input: Readonly<Record<string, unknown>>): object;
  /** Content of a layer or of an image's configuration. */
  layer(digest: string): string | undefined;
}

type Protocol = "json" | "query" | "ec2" | "rest";

interface Asked {
  readonly protocol: Protocol;
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * AWS on a loopback port, for the real SDK: it speaks what each of its clients sends. JSON 1.0 and 1.1 of most, the query protocol of
 * STS and IAM, EC2's own, and REST with JSON of EventBridge Scheduler.
 */
export class AwsServer {
  private world: Answering | undefined;

  private constructor(private readonly server: Server) {
    server.on("request", (request: IncomingMessage, response: ServerResponse) => void this.handle(request, response));
  }

  static async start(): Promise<AwsServer> {
    const server = createServer();
    const fake = new AwsServer(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From now on calls are about this one. */
  show(world: Answering): void {
    this.world = world;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const layer = /^\/layers\/(.+)$/.exec(request.url ?? "")?.[1];
    if (layer !== undefined) {
      const content = this.world?.layer(layer);
      response.writeHead(content === undefined ? 404 : 200).end(content);
      return;
    }
    const asked = askedOf(request, body);
    try {
      if (this.world === undefined) throw new AwsFault("NoWorld");
      send(response, asked, this.world.answer(asked.action, asked.input));
    } catch (error) {
      if (error instanceof LostAnswer) request.socket.destroy();
      // what is no fault of the call is one of the fake, and must not look like AWS
      else sendFault(response, asked, error instanceof AwsFault ? error : new AwsFault("FakeIsBroken", String(error)));
    }
  }
}

function askedOf({ headers, method = "", url = "" }: IncomingMessage, body: string): Asked {
  const target = headers["x-amz-target"];
  if (typeof target === "string") {
    return { protocol: "json", action: target.slice(target.lastIndexOf(".") + 1), input: parsed(body) };
  }
  if (headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true) {
    const input = Object.fromEntries(new URLSearchParams(body));
    return { protocol: input["Version"] === "2016-11-15" ? "ec2" : "query", action: input["Action"] ?? "", input };
  }
  const { pathname, searchParams } = new URL(url, "http://localhost");
  const [, collection, name] = pathname.split("/");
  const action = collection === "schedules" ? { GET: "GetSchedule", PUT: "UpdateSchedule" }[method] : undefined;
  const group = searchParams.get("groupName");
  return {
    protocol: "rest",
    action: action ?? `${method} ${pathname}`,
    input: { ...parsed(body), Name: name, ...(group === null ? {} : { GroupName: group }) },
  };
}

function parsed(body: string): Record<string, unknown> {
  return body === "" ? {} : (JSON.parse(body) as Record<string, unknown>);
}

function send(response: ServerResponse, { protocol, action }: Asked, answer: object): void {
  if (protocol === "ec2")
    return sendXml(response, 200, `<${action}Response>${xml(answer, "item")}</${action}Response>`);
  if (protocol === "query") {
    const result = `<${action}Result>${xml(answer, "member")}</${action}Result>`;
    return sendXml(response, 200, `<${action}Response>${result}</${action}Response>`);
  }
  response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(answer));
}

function sendFault(response: ServerResponse, { protocol }: Asked, { name, message, status }: AwsFault): void {
  const error = `<Error>${xml({ Type: "Sender", Code: name, Message: message }, "member")}</Error>`;
  if (protocol === "ec2") return sendXml(response, status, `<Response><Errors>${error}</Errors></Response>`);
  if (protocol === "query") return sendXml(response, status, `<ErrorResponse>${error}</ErrorResponse>`);
  response
    .writeHead(status, { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": name })
    .end(JSON.stringify({ __type: name, message }));
}

function sendXml(response: ServerResponse, status: number, content: string): void {
  response.writeHead(status, { "content-type": "text/xml" }).end(content);
}

/** Elements named as the keys; what is in a list is an element named `item`. */
function xml(value: unknown, item: string): string {
  if (Array.isArray(value)) return value.map((one) => `<${item}>${xml(one, item)}</${item}>`).join("");
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([name, one]) => `<${name}>${xml(one, item)}</${name}>`)
      .join("");
  }
  return String(value).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
