import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Ended, PsqlSession, runProgram } from "./programs";

/** Where Debian's packages put the server's programs, by major version. */
const HOME = "/usr/lib/postgresql";
const PROGRAMS = ["initdb", "postgres"] as const;
/** Both on the PATH. */
const [PSQL, OPENSSL] = ["psql", "openssl"] as const;
const START_TIMEOUT_MS = 30_000;
/** The superuser, called as RDS calls its own; it comes in by the socket alone. */
const SUPERUSER = "rdsadmin";
/** User and group of nobody on Linux. */
const NOBODY = 65_534;
const PSQL_ARGUMENTS = ["-XAtqw"] as const;

/**
 * Whoever the server and the programs of a container run as: PostgreSQL refuses root, and containers have none. Only root can
 * become somebody else; everybody else is nobody special already.
 */
export const unprivileged: { readonly uid?: number; readonly gid?: number } =
  process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Who may come in how: a member of rds_iam by what stands for a token here, and never with a password, as on RDS. */
const HBA = `local all ${SUPERUSER} trust
hostssl all dbadmin 127.0.0.1/32 scram-sha-256
hostssl all +rds_iam 127.0.0.1/32 trust
hostssl all all 127.0.0.1/32 scram-sha-256
`;

/** Folder of the newest server here; that of `SLIPWAY_POSTGRES_BIN` where it is elsewhere. */
function binaries(): string | undefined {
  const versions = existsSync(HOME) ? readdirSync(HOME).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...[process.env["SLIPWAY_POSTGRES_BIN"]].flatMap((folder) => folder ?? []),
    ...versions.map((version) => `${HOME}/${version}/bin`),
  ];
  return folders.find((folder) => PROGRAMS.every((program) => existsSync(`${folder}/${program}`)));
}

/** Why no server can be started here, with the way to get it; undefined when one can. */
export function missingPostgres(): string | undefined {
  const way = "install Debian's packages with apt-get install -y postgresql openssl";
  if (binaries() === undefined) return `there are no ${PROGRAMS.join(" and ")} below ${HOME}: ${way}`;
  for (const [program, argument] of [
    [PSQL, "--version"],
    [OPENSSL, "version"],
  ] as const) {
    try {
      execFileSync(program, [argument], { stdio: "ignore" });
    } catch {
      return `there is no ${program} on the PATH: ${way}`;
    }
  }
  return undefined;
}

export interface Login {
  readonly user: string;
  /** Default: none. */
  readonly password?: string;
  /** Default: `app`. */
  readonly database?: string;
}

/** A real PostgreSQL on the loopback address that takes TLS alone, as RDS does, and logs every statement. */
export class Postgres {
  private said = "";

  private constructor(
    /** A folder of the server's own that the programs of a test may write to. */
    public readonly directory: string,
    public readonly port: number,
    /** What the server's certificate is signed with, PEM. */
    public readonly certificate: string,
    private readonly child: ChildProcess,
  ) {
    const hear = (chunk: Buffer): void => {
      this.said += chunk.toString("utf8");
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
  }

  /** Make a server with nothing in it, and start it. */
  static async start(): Promise<Postgres> {
    const bin = binaries();
    if (bin === undefined) throw new Error(missingPostgres());
    const directory = mkdtempSync(path.join(tmpdir(), "slipway-postgres-"));
    const data = path.join(directory, "data");
    mkdirSync(data, { mode: 0o700 });
    for (const folder of [directory, data]) giveAway(folder);
    execFileSync(
      `${bin}/initdb`,
      ["-D", data, "-U", SUPERUSER, "-A", "trust", "--locale=C", "-E", "UTF8", "--no-sync"],
      {
        cwd: directory,
        stdio: ["ignore", "ignore", "pipe"],
        ...unprivileged,
      },
    );
    const certificate = makeCertificate(directory, data);
    writeFileSync(path.join(data, "pg_hba.conf"), HBA);
    const port = await freePort();
    const settings = {
      port,
      listen_addresses: "127.0.0.1",
      unix_socket_directories: directory,
      ssl: "on",
      fsync: "off",
      log_statement: "all",
      log_connections: "on",
    };
    const child = spawn(
      `${bin}/postgres`,
      ["-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
      { cwd: directory, stdio: ["ignore", "pipe", "pipe"], ...unprivileged },
    );
    const server = new Postgres(directory, port, certificate, child);
    try {
      await server.ready();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  /** What the server logged so far. */
  get log(): string {
    return this.said;
  }

  /** Run SQL as the superuser; returns rows, their fields apart by `|`. */
  async admin(sql: string, database = "postgres"): Promise<string> {
    const { code, stdout, stderr } = await this.psql(sql, {
      PGHOST: this.directory,
      PGUSER: SUPERUSER,
      PGDATABASE: database,
    });
    if (code !== 0) throw new Error(`${sql}: ${stderr}`);
    return stdout.trim();
  }

  /** Run SQL as somebody; several statements are one transaction. */
  async as(login: Login, sql: string): Promise<Ended> {
    return this.psql(sql, this.surroundingsOf(login));
  }

  /** Open a session that stays. */
  session(login: Login): PsqlSession {
    return PsqlSession.start(PSQL_ARGUMENTS, { env: this.environment(this.surroundingsOf(login)) });
  }

  async close(): Promise<void> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      // at once: there is nothing to keep
      child.kill("SIGQUIT");
      await ended;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  private surroundingsOf({ user, password = "", database = "app" }: Login): Record<string, string> {
    return {
      PGHOST: "localhost",
      PGUSER: user,
      PGPASSWORD: password,
      PGDATABASE: database,
      PGSSLMODE: "verify-full",
      PGSSLROOTCERT: path.join(this.directory, "ca.pem"),
    };
  }

  private environment(surroundings: Readonly<Record<string, string>>): Record<string, string> {
    return { PATH: process.env["PATH"] ?? "", LC_ALL: "C", PGPORT: String(this.port), ...surroundings };
  }

  private async psql(sql: string, surroundings: Readonly<Record<string, string>>): Promise<Ended> {
    return runProgram(PSQL, [...PSQL_ARGUMENTS, "-c", sql], { env: this.environment(surroundings) });
  }

  private async ready(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!this.said.includes("database system is ready to accept connections")) {
      if (this.child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`the server did not start:\n${this.said}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** A key for localhost, where the server reads it; returns its certificate. */
function makeCertificate(directory: string, data: string): string {
  const [key, certificate] = [path.join(data, "server.key"), path.join(data, "server.crt")];
  execFileSync(
    OPENSSL,
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
      ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  for (const file of [key, certificate]) giveAway(file);
  copyFileSync(certificate, path.join(directory, "ca.pem"));
  return readFileSync(certificate, "utf8");
}

function giveAway(file: string): void {
  if (unprivileged.uid !== undefined) chownSync(file, NOBODY, NOBODY);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
