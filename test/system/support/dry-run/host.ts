import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type Answer, type Api, notFound } from "./api";
import { GitHubApi } from "./github-api";
import { GitLabApi } from "./gitlab-api";
import { playProgram, type ProgramCall } from "./programs";
import { type Claims, lives, tokenOf } from "./tokens";
import { Tracker } from "./tracker";

export interface HostNames {
  /** `owner/name` on GitHub. */
  readonly repository: string;
  /** Id of the project on GitLab. */
  readonly project: string;
}

/** GitHub, GitLab and the programs that are played, on one server of this process. */
export class Host {
  readonly onGitHub = new Tracker();
  readonly onGitLab = new Tracker();
  readonly gitHub: GitHubApi;
  /** What the played programs were started with. */
  readonly programs: ProgramCall[] = [];
  /** Paths that load balancers were asked for. */
  readonly smoked: string[] = [];
  private readonly identities = new Map<string, Claims>();
  private readonly apis: Readonly<Record<string, Api>>;

  private constructor(
    private readonly server: Server,
    readonly url: string,
    names: HostNames,
    endpoint: string,
  ) {
    this.gitHub = new GitHubApi(names.repository, this.onGitHub);
    const gitLab = new GitLabApi(names.project, this.onGitLab);
    this.apis = {
      github: (question) => this.gitHub.answer(question),
      gitlab: (question) => gitLab.answer(question),
      balancer: ({ path }) => {
        this.smoked.push(path);
        return [200, {}];
      },
      identity: ({ query, token }) => {
        const claims = this.identities.get(token);
        return claims === undefined
          ? [401, { message: "no identity" }]
          : [200, { value: tokenOf(claims, query.get("audience") ?? "", lives.gitHub) }];
      },
      program: async ({ body }) => {
        const call = body as ProgramCall;
        // the surroundings of a call may hold what must not be printed
        this.programs.push({ ...call, env: {} });
        return [200, await playProgram(call, endpoint)];
      },
    };
  }

  static async start(names: HostNames, endpoint: string): Promise<Host> {
    let host: Host | undefined = undefined;
    const server = createServer((request, response) => {
      void (async () => {
        const [status, body] = await (host?.answer(request) ?? notFound);
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
      })();
    });
    // this process can be busy for longer than an idle connection is kept
    server.keepAliveTimeout = 0;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    host = new Host(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`, names, endpoint);
    return host;
  }

  /** With what a job on GitHub asks for its identity. */
  identityFor(claims: Claims): string {
    const bearer = `identity-${randomUUID()}`;
    this.identities.set(bearer, claims);
    return bearer;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage): Promise<Answer> {
    const { pathname, searchParams: query } = new URL(request.url ?? "/", this.url);
    const [, name = "", ...rest] = pathname.split("/");
    const said = await text(request);
    const token = request.headers["private-token"] ?? request.headers.authorization?.replace(/^Bearer /, "") ?? "";
    try {
      const answer = await this.apis[name]?.({
        method: request.method ?? "GET",
        path: `/${rest.join("/")}`,
        query,
        body: said === "" ? undefined : JSON.parse(said),
        token: String(token),
      });
      return answer ?? notFound;
    } catch (error) {
      return [500, { message: error instanceof Error ? error.message : String(error) }];
    }
  }
}
