import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

/** Where Debian's package `activemq` puts the broker; `lib` below it holds what the broker needs, with one binding for logs. */
const HOME = "/usr/share/activemq";
/** MQTT's packets, of `libmqtt-client-java`: the transport is in the broker's package, but fails on its first connection alone. */
const CODEC = "/usr/share/java/mqtt-client.jar";
/** Both of the Java that comes with the packages. */
const [JAVA, KEYTOOL] = ["java", "keytool"] as const;
const KEY_STORE_PASSWORD = "only-for-this-test";
const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 60_000;

/** Why no broker can be started here, with the way to get it; undefined when one can. */
export function missingBroker(): string | undefined {
  const way = "install Debian's packages with apt-get install -y activemq libmqtt-client-java, they bring Java along";
  for (const file of [`${HOME}/bin/activemq.jar`, CODEC]) {
    if (!existsSync(file)) return `there is no ${file}: ${way}`;
  }
  try {
    execFileSync(JAVA, ["-version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return `there is no java on the PATH: ${way}`;
  }
}

/** A login of the broker, as Amazon MQ's API takes it. */
export interface BrokerUser {
  readonly username: string;
  readonly password: string;
  readonly groups: readonly string[];
}

export interface BrokerOptions {
  /** The broker's configuration, as Amazon MQ takes it. */
  readonly configuration: string;
  readonly users: readonly BrokerUser[];
}

/** A real ActiveMQ on the loopback address, which keeps its messages in a folder of its own from one start to the next. */
export class ActiveMq {
  private process: ChildProcess | undefined;
  private said = "";

  private constructor(
    private readonly directory: string,
    /** MQTT without TLS. */
    public readonly port: number,
    public readonly tlsPort: number,
    /** Certificate of the broker, PEM. */
    public readonly certificate: string,
  ) {}

  /** Prepare and start a broker. */
  static async start({ configuration, users }: BrokerOptions): Promise<ActiveMq> {
    const directory = mkdtempSync(path.join(tmpdir(), "slipway-activemq-"));
    const [port, tlsPort] = [await freePort(), await freePort()];
    for (const folder of ["conf", "data", "tmp"]) mkdirSync(path.join(directory, folder));
    const certificate = makeKeyStore(directory);
    writeFileSync(
      path.join(directory, "conf", "activemq.xml"),
      beans(configuration, users, { directory, port, tlsPort }),
    );
    writeFileSync(path.join(directory, "conf", "log4j.properties"), LOG);
    const broker = new ActiveMq(directory, port, tlsPort, certificate);
    try {
      await broker.up();
    } catch (error) {
      await broker.close();
      throw error;
    }
    return broker;
  }

  /** What the broker logged so far. */
  get log(): string {
    return this.said;
  }

  /** Start the broker with what it kept. */
  async up(): Promise<void> {
    const { directory } = this;
    const started = spawn(
      JAVA,
      [
        // starts in half the time, which matters more here than how fast it becomes
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Xmx384m",
        `-Djava.io.tmpdir=${directory}/tmp`,
        `-Dactivemq.classpath=${CODEC}`,
        `-Dactivemq.home=${HOME}`,
        `-Dactivemq.base=${directory}`,
        `-Dactivemq.conf=${directory}/conf`,
        `-Dactivemq.data=${directory}/data`,
        `-Dlog4j.configuration=file:${directory}/conf/log4j.properties`,
        "-jar",
        `${HOME}/bin/activemq.jar`,
        "start",
        `xbean:file:${directory}/conf/activemq.xml`,
      ],
      { cwd: directory, stdio: ["ignore", "pipe", "pipe"] },
    );
    this.process = started;
    const from = this.said.length;
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string): void => reject(new Error(`${why}:\n${this.said.slice(from).slice(-4000)}`));
      const deadline = setTimeout(() => fail("the broker did not start within three minutes"), START_TIMEOUT_MS);
      const hear = (chunk: Buffer): void => {
        this.said += chunk.toString("utf8");
        if (/Apache ActiveMQ \S+ \(.*\) started/.test(this.said.slice(from))) {
          clearTimeout(deadline);
          resolve();
        }
      };
      started.stdout.on("data", hear);
      started.stderr.on("data", hear);
      started.once("error", (error) => fail(error.message));
      started.once("exit", (code) => {
        clearTimeout(deadline);
        fail(`the broker ended with ${code}`);
      });
    });
  }

  /** End the broker; what it keeps stays. */
  async down(): Promise<void> {
    const running = this.process;
    this.process = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => running.once("exit", () => resolve()));
    running.kill("SIGTERM");
    const deadline = setTimeout(() => running.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(deadline);
  }

  /** End the broker and take its folder away. */
  async close(): Promise<void> {
    await this.down();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const LOG = `log4j.rootLogger=WARN, out
log4j.logger.org.apache.activemq.broker.BrokerService=INFO
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%p %c{1} %m%n
`;

/** With the schemas, which come out of the jars, so that the configuration is held against ActiveMQ's own. */
const BEANS = `<beans xmlns="http://www.springframework.org/schema/beans" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.springframework.org/schema/beans http://www.springframework.org/schema/beans/spring-beans.xsd
    http://activemq.apache.org/schema/core http://activemq.apache.org/schema/core/activemq-core.xsd">`;

/** The configuration with what Amazon MQ adds by itself: the users, the ports and a store. */
function beans(
  configuration: string,
  users: readonly BrokerUser[],
  { directory, port, tlsPort }: { readonly directory: string; readonly port: number; readonly tlsPort: number },
): string {
  const logins = users.map(
    ({ username, password, groups }) =>
      `<authenticationUser username="${username}" password="${password}" groups="${groups.join(",")}"/>`,
  );
  const store = `file:${directory}/conf/broker.p12`;
  const broker = configuration
    .replace(/^<\?xml.*\?>\n/, "")
    .replace("<broker ", `<broker brokerName="test" dataDirectory="${directory}/data" useJmx="false" `)
    .replace(
      "<plugins>",
      `<plugins><simpleAuthenticationPlugin><users>${logins.join("")}</users></simpleAuthenticationPlugin>`,
    )
    .replace(
      "</broker>",
      `<persistenceAdapter><kahaDB directory="${directory}/data/kahadb" journalMaxFileLength="4mb" preallocationStrategy="sparse_file"/></persistenceAdapter>
<sslContext><sslContext keyStore="${store}" keyStoreType="PKCS12" keyStorePassword="${KEY_STORE_PASSWORD}"/></sslContext>
<transportConnectors>
<transportConnector name="mqtt" uri="mqtt://127.0.0.1:${port}"/>
<transportConnector name="mqtt+ssl" uri="mqtt+ssl://127.0.0.1:${tlsPort}"/>
</transportConnectors></broker>`,
    );
  return `${BEANS}${broker}</beans>`;
}

/** A key for the loopback address, as the broker reads it; returns its certificate. */
function makeKeyStore(directory: string): string {
  const store = ["-keystore", `${directory}/conf/broker.p12`, "-storetype", "PKCS12", "-alias", "broker"];
  const password = ["-storepass", KEY_STORE_PASSWORD];
  const keytool = (...args: string[]): Buffer => execFileSync(KEYTOOL, args, { stdio: ["ignore", "pipe", "pipe"] });
  keytool(
    ...["-genkeypair", ...store, ...password, "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2"],
    ...["-dname", "CN=localhost", "-ext", "SAN=ip:127.0.0.1,dns:localhost"],
  );
  keytool("-exportcert", "-rfc", ...store, ...password, "-file", `${directory}/conf/broker.pem`);
  return readFileSync(`${directory}/conf/broker.pem`, "utf8");
}

/** Below the ports that are given to whoever asks for any: it stays free until the broker is up, and while it is started again. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
