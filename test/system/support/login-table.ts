/** What a migration makes, for the statements to be tried on. */
export const migrated = `
  CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);
  INSERT INTO orders (note) VALUES ('first');
  CREATE SEQUENCE numbers;
  CREATE VIEW order_notes AS SELECT note FROM orders;
  CREATE FUNCTION total() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM orders';
  CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE SCHEMA billing;
  CREATE TABLE billing.invoices (id int PRIMARY KEY);
  CREATE TYPE state AS ENUM ('open', 'paid');
`;

/** A statement of a login, and what the server says where it is denied. */
export interface Statement {
  readonly as: "app" | "migrator";
  readonly sql: string;
  readonly denied?: RegExp;
}

const allowed = (as: Statement["as"], ...statements: readonly string[]): Statement[] =>
  statements.map((sql) => ({ as, sql }));
const denied = (as: Statement["as"], reason: RegExp, ...statements: readonly string[]): Statement[] =>
  statements.map((sql) => ({ as, sql, denied: reason }));

const role = /permission denied|must have|must be (superuser|member)/;

/** What `app_<n>` and `migrator_<n>` may do, and what they may not. */
export const statements: readonly Statement[] = [
  ...allowed(
    "app",
    "SELECT * FROM orders",
    "SELECT * FROM orders FOR UPDATE",
    "INSERT INTO orders (note) VALUES ('second')",
    "UPDATE orders SET note = 'changed'",
    "DELETE FROM orders",
    "COPY orders TO STDOUT",
    "SELECT nextval('numbers')",
    "SELECT last_value FROM numbers",
    "SELECT * FROM order_notes",
    "SELECT total()",
    "SELECT 'open'::state",
    "INSERT INTO billing.invoices VALUES (1)",
    "CREATE TEMPORARY TABLE lines (id int)",
    "SELECT lo_create(0)",
    "SELECT pg_advisory_xact_lock(1)",
    "LISTEN orders",
  ),
  ...denied("app", /must be owner of table orders/, "DROP TABLE orders", "ALTER TABLE orders ADD COLUMN paid bool"),
  ...denied("app", /must be owner of table orders/, "CREATE INDEX ON orders (note)", "ALTER TABLE orders OWNER TO app"),
  ...denied("app", /must be owner of table orders/, "ALTER TABLE orders DISABLE TRIGGER ALL"),
  ...denied("app", /permission denied for table orders/, "TRUNCATE orders"),
  ...denied(
    "app",
    /permission denied for table orders/,
    "CREATE TRIGGER t BEFORE INSERT ON orders EXECUTE FUNCTION noted()",
  ),
  ...denied("app", /permission denied for sequence numbers/, "SELECT setval('numbers', 1)"),
  ...denied("app", /permission denied for schema public/, "CREATE TABLE lines (id int)", "CREATE VIEW v AS SELECT 1"),
  ...denied("app", /permission denied for schema public/, "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
  ...denied("app", /permission denied for schema billing/, "CREATE TABLE billing.lines (id int)"),
  ...denied("app", /permission denied for database app/, "CREATE SCHEMA mine", "CREATE PUBLICATION everything"),
  ...denied("app", /must be owner of schema billing/, "DROP SCHEMA billing CASCADE"),
  ...denied("app", /must be owner of function total/, "DROP FUNCTION total()"),
  ...denied("app", /permission denied to create extension/, "CREATE EXTENSION citext"),
  ...denied("app", /permission denied to set role "(migrator|dbadmin)"/, "SET ROLE migrator", "SET ROLE dbadmin"),
  ...denied("app", /permission denied to set role "rds_iam"/, "SET ROLE rds_iam"),
  ...denied(
    "app",
    role,
    "CREATE ROLE other",
    "ALTER ROLE app_1 SUPERUSER",
    "DROP ROLE migrator_1",
    "CREATE DATABASE other",
  ),
  ...denied("app", role, "GRANT migrator TO app_1", "GRANT rds_iam TO app_1", "ALTER ROLE migrator_1 PASSWORD 'mine'"),
  ...denied("app", role, "ALTER DEFAULT PRIVILEGES FOR ROLE migrator GRANT ALL ON TABLES TO app"),
  ...denied("app", role, "REASSIGN OWNED BY migrator TO app", "DROP OWNED BY migrator"),
  ...denied(
    "app",
    role,
    "SELECT rolpassword FROM pg_authid",
    "SELECT pg_read_file('pg_hba.conf')",
    "SELECT pg_reload_conf()",
  ),
  ...denied("app", role, "COPY orders FROM PROGRAM 'true'", "ALTER SYSTEM SET work_mem = '1MB'"),
  ...allowed(
    "migrator",
    "SELECT * FROM orders",
    "INSERT INTO orders (note) VALUES ('second')",
    "CREATE TABLE lines (id int REFERENCES billing.invoices)",
    "ALTER TABLE orders ADD COLUMN paid bool NOT NULL DEFAULT false",
    "DROP TABLE orders CASCADE",
    "TRUNCATE orders",
    "CREATE INDEX ON orders (note)",
    "CREATE TRIGGER t BEFORE INSERT ON orders EXECUTE FUNCTION noted()",
    "CREATE SCHEMA mine",
    "DROP SCHEMA billing CASCADE",
    "ALTER TYPE state ADD VALUE 'lost'",
    "SELECT setval('numbers', 7)",
    "CREATE EXTENSION citext",
    "REVOKE DELETE ON orders FROM app",
    "GRANT TRUNCATE ON orders TO app",
    "SELECT pg_advisory_lock(1)",
  ),
  ...denied("migrator", /must be owner of schema public/, "DROP SCHEMA public CASCADE"),
  ...denied("migrator", /must be owner of database app/, "ALTER DATABASE app SET work_mem = '1MB'"),
  ...denied("migrator", /permission denied to create extension/, "CREATE EXTENSION pageinspect"),
  ...denied(
    "migrator",
    /permission denied to create event trigger/,
    "CREATE EVENT TRIGGER t ON sql_drop EXECUTE FUNCTION noted()",
  ),
  ...denied("migrator", /permission denied to set role "(app|dbadmin)"/, "SET ROLE app", "SET ROLE dbadmin"),
  ...denied(
    "migrator",
    role,
    "CREATE ROLE other",
    "ALTER ROLE app_1 PASSWORD 'mine'",
    "DROP ROLE app_1",
    "CREATE DATABASE other",
  ),
  ...denied(
    "migrator",
    role,
    "GRANT app TO migrator_1",
    "GRANT rds_iam TO migrator_1",
    "ALTER ROLE migrator_1 SUPERUSER",
  ),
  ...denied("migrator", role, "SELECT rolpassword FROM pg_authid", "SELECT pg_read_file('pg_hba.conf')"),
  ...denied("migrator", role, "COPY orders FROM PROGRAM 'true'", "ALTER SYSTEM SET work_mem = '1MB'"),
];
