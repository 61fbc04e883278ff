import { readFileSync } from "node:fs";
import { join } from "node:path";
import { migrated, statements } from "./support/login-table";
import {
  ADMINISTRATOR,
  loginsContainer,
  passwordOf,
  runLogins,
  type LoginsContainer,
} from "./support/logins-container";
import { missingPostgres, Postgres, type Login } from "./support/postgres";
import type { PsqlSession } from "./support/programs";

const missing = missingPostgres();
/** The container after no rotation, one, and two. */
const [first, second, third] = [loginsContainer(1), loginsContainer(2), loginsContainer(3)];
jest.setTimeout(600_000);

let server: Postgres;
const sessions: PsqlSession[] = [];

const login = (user: string): Login => ({ user, password: passwordOf(user) });
const admin = login(ADMINISTRATOR);
/** By what stands for a token. */
const iam: Login = { user: "app_iam" };

/** An instance as RDS hands it over: an administrator that is no superuser, with a database of its own. */
async function reset({ iamRole = true }: { readonly iamRole?: boolean } = {}): Promise<void> {
  for (const database of ["app", "reports"]) await server.admin(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  const roles = await server.admin("SELECT rolname FROM pg_roles WHERE rolname !~ '^(pg_.*|rdsadmin)$'");
  if (roles !== "") await server.admin(`DROP ROLE ${roles.split("\n").join(", ")}`);
  await server.admin(`CREATE ROLE ${ADMINISTRATOR} LOGIN CREATEDB CREATEROLE PASSWORD '${passwordOf(ADMINISTRATOR)}'`);
  await server.admin(`CREATE DATABASE app OWNER ${ADMINISTRATOR}`);
  if (!iamRole) return;
  await server.admin("CREATE ROLE rds_iam");
  // up to 15, who may make roles may give them
  if (Number(await server.admin("SHOW server_version_num")) >= 160_000) {
    await server.admin(`GRANT rds_iam TO ${ADMINISTRATOR} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
  }
}

/** Run the container; it must succeed, without a word of what is wrong. */
async function run(container: LoginsContainer): Promise<string> {
  const { code, stdout, stderr } = await runLogins(server, container);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

/** Run SQL as somebody who may. */
async function may(who: Login, sql: string): Promise<string> {
  const { code, stdout, stderr } = await server.as(who, sql);
  expect({ sql, code, stderr }).toEqual({ sql, code: 0, stderr: "" });
  return stdout.trim();
}

function open(who: Login): PsqlSession {
  const session = server.session(who);
  sessions.push(session);
  return session;
}

/** Wait until the server has noticed that the last session of these is gone. */
async function unused(...users: readonly string[]): Promise<void> {
  const names = users.map((user) => `'${user}'`).join(", ");
  while ((await server.admin(`SELECT count(*) FROM pg_stat_activity WHERE usename IN (${names})`)) !== "0") continue;
}

/** What is said of a login that is too old, and used. */
function stays(user: string, count: number): string {
  return `logins: warning: ${user} is outdated, and stays while it is used (sessions: ${count}): the next release without any removes it\n`;
}

/** All that the container is there for: roles, memberships, settings and rights; verifiers have a new salt each time. */
async function catalogue(): Promise<string> {
  return server.admin(
    `SELECT concat_ws(' ', 'role', rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolconfig)
       FROM pg_roles WHERE rolname !~ '^pg_'
     UNION ALL SELECT concat_ws(' ', 'member', roleid::regrole, member::regrole, grantor::regrole, admin_option) FROM pg_auth_members
     UNION ALL SELECT concat_ws(' ', 'schema', nspname, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_t'
     UNION ALL SELECT concat_ws(' ', 'database', datname, datacl) FROM pg_database
     UNION ALL SELECT concat_ws(' ', 'default', defaclrole::regrole, defaclobjtype, defaclacl) FROM pg_default_acl
     ORDER BY 1`,
    "app",
  );
}

if (missing === undefined) {
  beforeAll(async () => {
    server = await Postgres.start();
  });
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()));
  });
  afterAll(() => server.close());
  describe("logins on a new instance", describeFirstRun);
  describe("statements", describeStatements);
  describe("rotations", describeRotations);
  describe("several runs at once", describeConcurrency);
  describe("a run that fails", describeFailures);
} else {
  test("a server is here, or nobody said that it must be", () => {
    process.stderr.write(`\nSKIPPED: the logins were not made on a real PostgreSQL: ${missing}\n`);
    expect({ required: process.env["SLIPWAY_REQUIRE_POSTGRES"] ?? "", missing }).toEqual({ required: "", missing });
  });
}

function describeFirstRun(): void {
  beforeEach(() => reset());

  test("are made with no more rights than they need", async () => {
    expect(await run(first)).toBe("logins: app_1 migrator_1 and app_iam are ready\n");
    const roles = await server.admin(
      `SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,
         (SELECT string_agg(roleid::regrole::text, ',' ORDER BY roleid::regrole::text) FROM pg_auth_members WHERE member = r.oid)
       FROM pg_roles r WHERE rolname ~ '^(app|migrator|slipway)' ORDER BY rolname`,
    );
    expect(roles.split("\n")).toEqual([
      "app|f|f|f|f|f|f|",
      "app_1|t|f|f|f|f|f|app",
      "app_iam|t|f|f|f|f|f|app,rds_iam",
      "migrator|f|f|f|f|f|f|",
      "migrator_1|t|f|f|f|f|f|migrator",
    ]);
    const verifiers = await server.admin(
      "SELECT rolname, rolpassword ~ '^SCRAM-SHA-256\\$4096:' FROM pg_authid WHERE rolname ~ '^(app|migrator)' ORDER BY 1",
    );
    expect(verifiers.split("\n")).toEqual(["app|", "app_1|t", "app_iam|", "migrator|", "migrator_1|t"]);
  });

  test("are the administrator's to change, also after an upgrade to a version that asks for more", async () => {
    await run(first);
    const mayGive = await server.admin(
      `SELECT roleid::regrole, bool_or(admin_option) FROM pg_auth_members
       WHERE member = '${ADMINISTRATOR}'::regrole AND roleid::regrole::text <> 'rds_iam' GROUP BY 1 ORDER BY roleid::regrole::text`,
    );
    expect(mayGive.split("\n")).toEqual(["app|t", "app_1|t", "migrator|t", "migrator_1|t"]);
  });

  test("a second run in a row changes nothing", async () => {
    await run(first);
    const once = await catalogue();
    await run(first);
    expect(await catalogue()).toBe(once);
  });

  test("nothing that a migration has made is run by the administrator", async () => {
    await run(first);
    const planted = (schema: string, signature: string, returns: string): string =>
      `CREATE FUNCTION ${schema}.${signature} RETURNS ${returns} LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'planted'; END $$`;
    await may(login("migrator_1"), `CREATE SCHEMA ${ADMINISTRATOR}`);
    for (const schema of ["public", ADMINISTRATOR]) {
      await may(login("migrator_1"), planted(schema, "format(text, text)", "text"));
      await may(login("migrator_1"), planted(schema, "format(text, name)", "text"));
      await may(login("migrator_1"), planted(schema, "split_part(name, text, int)", "text"));
      await may(login("migrator_1"), planted(schema, "to_regrole(name)", "regrole"));
    }
    expect((await server.as(login("migrator_1"), "SELECT public.format('a'::text, 'b'::text)")).stderr).toContain(
      "planted",
    );
    // making, rotating and removing logins
    for (const container of [first, second, third]) await run(container);
  });

  test("a run mends what somebody changed", async () => {
    await run(first);
    const once = await catalogue();
    await may(admin, "ALTER ROLE app_1 PASSWORD 'another' NOLOGIN CREATEDB");
    await may(admin, "REVOKE app FROM app_1; ALTER ROLE migrator_1 RESET role; GRANT ALL ON SCHEMA public TO PUBLIC");
    await run(first);
    expect(await catalogue()).toBe(once);
    expect(await may(login("app_1"), "SELECT 1")).toBe("1");
  });

  test("the log of the server holds every statement and no password", async () => {
    const from = server.log.length;
    const { stdout, stderr } = await runLogins(server, third);
    const log = server.log.slice(from);
    expect(log).toMatch(/ALTER (USER|ROLE) app_3 PASSWORD 'SCRAM-SHA-256\$/);
    expect(log).toContain("CREATE ROLE");
    const users = [ADMINISTRATOR, "app_2", "app_3", "migrator_2", "migrator_3"];
    for (const said of [log, stdout, stderr]) {
      expect(users.filter((user) => said.includes(passwordOf(user)))).toEqual([]);
    }
  });

  test("what they make belongs to their role, also when a pool has cleaned the session", async () => {
    await run(first);
    const owner = "SELECT current_user, session_user";
    const session = open(login("migrator_1"));
    await session.ask("DISCARD ALL");
    expect(await session.ask(owner)).toBe("migrator|migrator_1");
    expect(await may(login("app_1"), owner)).toBe("app|app_1");
    expect(await may(iam, owner)).toBe("app|app_iam");
  });

  test("the one of IAM comes in by its token alone, and the administrator by its password as before", async () => {
    await run(first);
    await may(login("migrator_1"), migrated);
    expect(await may(iam, "SELECT note FROM orders")).toBe("first");
    // a member of a member of rds_iam is let in by a token alone as well
    expect(await server.admin(`SELECT pg_has_role('${ADMINISTRATOR}', 'app_iam', 'MEMBER')`)).toBe("f");
    for (const user of ["app_1", "migrator_1"]) {
      expect(await server.admin(`SELECT pg_has_role('${user}', 'rds_iam', 'MEMBER')`)).toBe("f");
    }
  });

  test("an administrator who is a member of the one of IAM is warned before it is locked out", async () => {
    await server.admin(`CREATE ROLE app_iam LOGIN; GRANT app_iam TO ${ADMINISTRATOR}`);
    const { code, stderr } = await runLogins(server, first);
    expect(code).toBe(1);
    expect(stderr).toContain("dbadmin is a member of app_iam and could no longer log in with a password");
    expect(await server.admin("SELECT pg_has_role('app_iam', 'rds_iam', 'MEMBER')")).toBe("f");
  });

  test("a server without IAM has the login, and nobody comes in by it", async () => {
    await reset({ iamRole: false });
    await run(first);
    expect((await server.as(iam, "SELECT 1")).stderr).toContain("no password supplied");
  });

  test("nobody else comes in, nor finds anything to look at", async () => {
    await server.admin("CREATE ROLE stranger LOGIN PASSWORD 'stranger'");
    await run(first);
    const { code, stderr } = await server.as({ user: "stranger", password: "stranger" }, "SELECT 1");
    expect(code).toBe(2);
    expect(stderr).toContain('permission denied for database "app"');
    expect(await server.admin("SELECT has_schema_privilege('stranger', 'public', 'USAGE')", "app")).toBe("f");
  });
}

function describeStatements(): void {
  let tried: Readonly<Record<"app" | "migrator", PsqlSession>>;
  beforeAll(async () => {
    await reset();
    await run(first);
    await may(login("migrator_1"), migrated);
    tried = { app: server.session(login("app_1")), migrator: server.session(login("migrator_1")) };
  });
  afterAll(async () => {
    await Promise.all(Object.values(tried).map((session) => session.close()));
    const counts = (["app", "migrator"] as const).map((as) => {
      const all = statements.filter((row) => row.as === as);
      return `${all.length} of ${as} (${all.filter(({ denied }) => denied === undefined).length} allowed)`;
    });
    process.stderr.write(`\nstatements tried on a real PostgreSQL: ${counts.join(", ")}\n`);
  });

  test.each(statements.map((row) => ({ ...row, outcome: row.denied === undefined ? "allowed" : "denied" })))(
    "$as: $sql is $outcome",
    async ({ as, sql, denied }) => {
      const session = tried[as];
      // some are refused in a transaction before anybody looks at rights
      const alone = /^(CREATE DATABASE|ALTER SYSTEM|ALTER TYPE)/.test(sql);
      if (!alone) await session.ask("BEGIN");
      const answer = await session.ask(sql);
      if (!alone) await session.ask("ROLLBACK");
      if (denied === undefined) expect(answer).not.toContain("ERROR");
      else expect(answer).toMatch(denied);
    },
  );
}

function describeRotations(): void {
  beforeEach(async () => {
    await reset();
    await run(first);
    await may(login("migrator_1"), migrated);
  });

  test("the login before keeps working beside the new one, and neither opens with the other's password", async () => {
    expect(await run(second)).toBe("logins: app_1 app_2 migrator_1 migrator_2 and app_iam are ready\n");
    for (const user of ["app_1", "app_2"]) expect(await may(login(user), "SELECT note FROM orders")).toBe("first");
    const { stderr } = await server.as({ user: "app_2", password: passwordOf("app_1") }, "SELECT 1");
    expect(stderr).toContain('password authentication failed for user "app_2"');
  });

  test("sessions of the login before stay", async () => {
    const session = open(login("app_1"));
    await session.ask("BEGIN; UPDATE orders SET note = 'kept'");
    await run(second);
    await session.ask("COMMIT");
    expect(await may(login("app_2"), "SELECT note FROM orders")).toBe("kept");
  });

  test("tables that are migrated later are there for every login, and for the migrator after the next", async () => {
    await run(second);
    await may(login("migrator_2"), "CREATE TABLE later (id int); ALTER TABLE orders ADD COLUMN paid bool");
    await may(login("migrator_2"), "CREATE SCHEMA stock; CREATE TABLE stock.items (id serial)");
    for (const who of [login("app_1"), login("app_2"), iam]) {
      await may(
        who,
        "INSERT INTO later VALUES (1); UPDATE orders SET paid = true; INSERT INTO stock.items DEFAULT VALUES",
      );
    }
    await run(third);
    await may(login("migrator_3"), "DROP TABLE later; ALTER TABLE stock.items ADD COLUMN name text");
    await may(login("app_3"), "INSERT INTO stock.items (name) VALUES ('added')");
  });

  test("what a migration took away from the application stays away", async () => {
    await may(login("migrator_1"), "REVOKE DELETE ON orders FROM app");
    await run(second);
    expect((await server.as(login("app_2"), "DELETE FROM orders")).stderr).toContain(
      "permission denied for table orders",
    );
  });

  test("two rotations on, a login that nothing uses goes, and what it owned stays", async () => {
    await run(second);
    const kept = open(login("app_2"));
    const large = await may(login("app_1"), "SET ROLE NONE; SELECT lo_from_bytea(0, 'kept')");
    await may(admin, "GRANT CREATE ON SCHEMA public TO migrator_1");
    await may(login("migrator_1"), "SET ROLE NONE; CREATE TABLE stray (id int)");
    await kept.ask("SELECT 1");
    await unused("app_1", "migrator_1");

    expect(await run(third)).toBe(
      "logins: removing app_1\nlogins: removing migrator_1\nlogins: app_2 app_3 migrator_2 migrator_3 and app_iam are ready\n",
    );
    expect(await kept.ask("SELECT 1")).toBe("1");
    expect(await may(login("app_3"), `SELECT convert_from(lo_get(${large}), 'UTF8')`)).toBe("kept");
    await may(login("migrator_3"), "ALTER TABLE stray ADD COLUMN name text");
    expect(await server.admin("SELECT count(*) FROM pg_roles WHERE rolname IN ('app_1', 'migrator_1')")).toBe("0");
    expect(await run(third)).not.toContain("removing");
  });

  test("a login that is still used stays as it is, with its sessions, until a run finds none", async () => {
    await run(second);
    const session = open(login("app_1"));
    await session.ask("BEGIN; UPDATE orders SET note = 'still here'");
    await unused("migrator_1");

    const from = server.log.length;
    expect(await run(third)).toBe(
      `${stays("app_1", 1)}logins: removing migrator_1\nlogins: app_2 app_3 migrator_2 migrator_3 and app_iam are ready\n`,
    );
    // not even for a moment
    expect(server.log.slice(from)).not.toContain("ALTER ROLE app_1 NOLOGIN");
    expect(server.log.slice(from)).toContain("ALTER ROLE migrator_1 NOLOGIN");
    await session.ask("COMMIT");
    // a pool opens more
    expect(await may(login("app_1"), "SELECT note FROM orders")).toBe("still here");
    await session.close();
    await unused("app_1");
    expect(await run(third)).toContain("logins: removing app_1\n");
    expect((await server.as(login("app_1"), "SELECT 1")).stderr).toContain("password authentication failed");
  });

  test("a login that is used just when it is about to go is let in again", async () => {
    await run(second);
    const session = open(login("app_1"));
    await session.ask("SELECT 1");
    await unused("migrator_1");
    // the first look comes too early to see it
    const early = { ...third, line: third.line.map((word) => word.replace("outdated WHERE sessions = 0", "outdated")) };
    expect(early.line).not.toEqual(third.line);
    expect(await run(early)).toContain(`${stays("app_1", 1)}logins: removing migrator_1\n`);
    expect(await session.ask("SELECT note FROM orders")).toBe("first");
    expect(await may(login("app_1"), "SELECT note FROM orders")).toBe("first");
  });

  test("the statements of the runbook shut a login that leaked, and the next run removes it", async () => {
    await run(second);
    const [stranger, kept] = [open(login("app_1")), open(login("app_2"))];
    for (const session of [stranger, kept]) await session.ask("SELECT 1");
    await run(third);
    const runbook = readFileSync(join(__dirname, "../../docs/secret-rotation.md"), "utf8");
    const [, sql] = /```sql\n(.+?)```/s.exec(runbook) ?? [];
    expect(sql).toContain("app_1");
    await may(admin, String(sql).replace(/^ +/gm, ""));
    expect(await stranger.ask("SELECT 1")).toContain("terminating connection due to administrator command");
    expect((await server.as(login("app_1"), "SELECT 1")).stderr).toContain("is not permitted to log in");
    expect(await kept.ask("SELECT 1")).toBe("1");
    await unused("app_1");
    expect(await run(third)).toContain("logins: removing app_1\n");
  });

  test("a login with a higher number stays: a rotation that was taken back may still be in use", async () => {
    await run(third);
    await run(second);
    expect(await may(login("app_3"), "SELECT note FROM orders")).toBe("first");
  });

  test("a login that owns something elsewhere is locked out, and whoever releases is told where", async () => {
    await server.admin("CREATE DATABASE reports");
    await server.admin("CREATE TABLE monthly (id int); ALTER TABLE monthly OWNER TO app_1", "reports");
    const { code, stderr } = await runLogins(server, third);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "app_1 cannot be removed (1 object in database reports): run REASSIGN OWNED BY app_1 TO app",
    );
    expect((await server.as(login("app_1"), "SELECT 1")).stderr).toContain("is not permitted to log in");
  });
}

function describeConcurrency(): void {
  beforeEach(() => reset());

  test("all succeed, one after the other", async () => {
    const ends = await Promise.all([first, first, first, first].map((container) => runLogins(server, container)));
    expect(ends.map(({ code, stderr }) => ({ code, stderr }))).toEqual(ends.map(() => ({ code: 0, stderr: "" })));
  });

  test("one waits for another that has the lock, and has done nothing till then", async () => {
    const holder = open(admin);
    await holder.ask("SELECT pg_advisory_lock(7547929)");
    const running = runLogins(server, first);
    const waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    while ((await server.admin(waiting)) === "0") continue;
    expect(await server.admin("SELECT count(*) FROM pg_roles WHERE rolname ~ '^app'")).toBe("0");
    await holder.close();
    expect(await running).toMatchObject({ code: 0, stderr: "" });
  });

  test("one that waits for too long says for whom", async () => {
    await open(admin).ask("SELECT pg_advisory_lock(7547929)");
    // patience is all that differs from the container
    const hasty = {
      ...first,
      line: first.line.map((word) => word.replace("lock_timeout = '25s'", "lock_timeout = '50ms'")),
    };
    expect(hasty.line).not.toEqual(first.line);
    const { code, stderr } = await runLogins(server, hasty);
    expect(code).toBe(1);
    expect(stderr).toContain("another task has been making the logins for 25 seconds");
  });
}

function describeFailures(): void {
  const unchanged = async (): Promise<void> => {
    expect(await server.admin("SELECT count(*) FROM pg_roles WHERE rolname ~ '^(app|migrator|slipway)'")).toBe("0");
  };
  beforeEach(() => reset());

  test.each([
    [
      "a wrong password of the administrator",
      { PGPASSWORD: "wrong" },
      'password authentication failed for user "dbadmin"',
    ],
    ["a database that is not there", { PGDATABASE: "missing" }, 'database "missing" does not exist'],
    ["a server that is not there", { PGPORT: "1" }, "Connection refused"],
    ["a name that the certificate is not for", { PGHOST: "127.0.0.1" }, "does not match host name"],
  ])("%s", async (_, overrides, reason) => {
    const { code, stdout, stderr } = await runLogins(server, first, overrides);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(reason);
    expect(stderr).toMatch(
      /^logins: dbadmin has no connection to \w+ on [\w.]+, see the error above; nothing was migrated$/m,
    );
    await unchanged();
  });

  test("a certificate that is not the server's", async () => {
    const other = loginsContainer(1).environment["DATABASE_CA"] ?? "";
    const { code, stderr } = await runLogins(server, first, { DATABASE_CA: other });
    expect(code).toBe(1);
    expect(stderr).toContain("certificate verify failed");
  });

  test.each([
    ["APP_1_PASSWORD", "logins: the secret of app_1 has no password: deploy again, or set its key password\n"],
    ["PGPASSWORD", "logins: the administrator's secret has no password\n"],
  ])("no value in %s", async (name, sentence) => {
    expect(await runLogins(server, first, { [name]: "" })).toEqual({ code: 1, stdout: "", stderr: sentence });
    await unchanged();
  });

  test("an administrator who may not make roles", async () => {
    await server.admin(`ALTER ROLE ${ADMINISTRATOR} NOCREATEROLE`);
    const { code, stderr } = await runLogins(server, first);
    expect(code).toBe(1);
    expect(stderr).toContain("permission denied to create role");
    expect(stderr).toContain("logins: the logins of app on localhost are not as they must be, see the error above");
    await unchanged();
  });

  test("a schema public that the administrator has no say in", async () => {
    await server.admin("ALTER SCHEMA public OWNER TO rdsadmin", "app");
    const { code, stderr } = await runLogins(server, first);
    expect(code).toBe(1);
    expect(stderr).toContain("dbadmin may not give rights on schema public: let its owner rdsadmin grant USAGE to app");
    await unchanged();
  });

  test("a login that is made and not let in", async () => {
    await run(first);
    await server.admin("ALTER ROLE migrator_1 VALID UNTIL '2001-01-01'");
    const { code, stderr } = await runLogins(server, first);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "logins: migrator_1 was made, but cannot log in, see the error above; nothing was migrated",
    );
  });
}
