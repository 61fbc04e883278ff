/**
 * What the container `logins` runs: POSIX sh and psql, without a password in an argument, in a statement or in the log.
 *
 * It reads: PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD of the administrator; DATABASE_CA; LOGINS, the names of the logins
 * to have, such as `app_2 app_3 migrator_2 migrator_3`; and for each of them its password, such as APP_2_PASSWORD.
 *
 * The administrator of RDS is no superuser, and from PostgreSQL 16 on it needs to be a member of what it gives away. So it grants
 * itself every role but one: whoever is a member of `rds_iam`, over however many roles, is let in by a token alone.
 */
export const databaseLoginsScript = String.raw`set -eu
umask 077
# the only place that can be written to
HOME=$(mktemp -d)
export HOME LC_ALL=C
fail() {
  printf 'logins: %s\n' "$1" >&2
  exit 1
}
password_of() {
  eval "printf '%s' \"\${$(printf '%s_PASSWORD' "$1" | tr a-z A-Z):-}\""
}

for login in $LOGINS; do
  [ -n "$(password_of "$login")" ] || fail "the secret of $login has no password: deploy again, or set its key password"
done
[ -n "$PGPASSWORD" ] || fail "the administrator's secret has no password"
printf '%s' "$DATABASE_CA" >"$HOME/ca.pem"
export PGSSLMODE=verify-full PGSSLROOTCERT="$HOME/ca.pem" PGCONNECT_TIMEOUT=10 PGAPPNAME=slipway-logins
# what a migration has made must not be taken for a function of the server's: the administrator would run it
export PGOPTIONS='-c search_path=pg_catalog,pg_temp -c client_min_messages=warning -c lock_timeout=10s -c statement_timeout=30s'

statements() {
  cat <<'SQL'
SET password_encryption = 'scram-sha-256';
SET slipway.logins TO :'logins';

-- one run at a time; it ends with this session, whatever becomes of it
SET lock_timeout = '25s';
DO $$
BEGIN
  -- the number is SLIPWAY on a telephone's keys
  PERFORM pg_advisory_lock(7547929);
EXCEPTION WHEN lock_not_available THEN
  RAISE EXCEPTION 'another task has been making the logins for 25 seconds: wait until it has ended, then release again';
END $$;
SET lock_timeout = '10s';

BEGIN;
DO $$
DECLARE
  owner text;
  login text;
  -- from 16 on, who makes a role may always give it away; before, it must be said, or an upgrade takes it
  giving text := CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'WITH ADMIN OPTION' ELSE '' END;
BEGIN
  FOREACH owner IN ARRAY ARRAY['app', 'migrator'] LOOP
    IF to_regrole(owner) IS NULL THEN EXECUTE format('CREATE ROLE %I', owner); END IF;
    EXECUTE format('ALTER ROLE %I NOLOGIN NOCREATEDB NOCREATEROLE', owner);
    EXECUTE format('GRANT %I TO CURRENT_USER %s', owner, giving);
  END LOOP;
  FOREACH login IN ARRAY string_to_array(current_setting('slipway.logins'), ' ') LOOP
    owner := split_part(login, '_', 1);
    IF to_regrole(login) IS NULL THEN EXECUTE format('CREATE ROLE %I', login); END IF;
    EXECUTE format('ALTER ROLE %I LOGIN INHERIT NOCREATEDB NOCREATEROLE', login);
    EXECUTE format('GRANT %I TO %I', owner, login);
    EXECUTE format('GRANT %I TO CURRENT_USER %s', login, giving);
    -- what it makes belongs to the role, so that the next login has it too
    EXECUTE format('ALTER ROLE %I SET role = %L', login, owner);
  END LOOP;
END $$;

DO $$
BEGIN
  IF to_regrole('app_iam') IS NULL THEN
    -- from 16 on, who makes a role is a member of it and cannot leave it: so another one makes it, and goes
    CREATE ROLE slipway_maker CREATEROLE;
    GRANT slipway_maker TO CURRENT_USER;
    SET LOCAL ROLE slipway_maker;
    CREATE ROLE app_iam LOGIN;
    ALTER ROLE app_iam SET role = 'app';
    RESET ROLE;
    DROP ROLE slipway_maker;
  END IF;
  IF EXISTS (SELECT FROM pg_auth_members WHERE roleid = to_regrole('app_iam') AND member = to_regrole(quote_ident(current_user))) THEN
    RAISE EXCEPTION '% is a member of app_iam and could no longer log in with a password: DROP ROLE app_iam, then release again', current_user;
  END IF;
  GRANT app TO app_iam;
  IF to_regrole('rds_iam') IS NOT NULL THEN GRANT rds_iam TO app_iam; END IF;
END $$;

REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"DBNAME" TO app;
GRANT CONNECT, TEMPORARY, CREATE ON DATABASE :"DBNAME" TO migrator;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO app;
GRANT USAGE, CREATE ON SCHEMA public TO migrator;
-- for what migrations make from now on, in whatever schema
ALTER DEFAULT PRIVILEGES FOR ROLE migrator GRANT USAGE ON SCHEMAS TO app;
ALTER DEFAULT PRIVILEGES FOR ROLE migrator GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app;
ALTER DEFAULT PRIVILEGES FOR ROLE migrator GRANT USAGE, SELECT ON SEQUENCES TO app;
DO $$
BEGIN
  -- who does not own something gets a warning, where others get an error
  IF NOT has_schema_privilege('migrator', 'public', 'CREATE') OR NOT has_schema_privilege('app', 'public', 'USAGE') THEN
    RAISE EXCEPTION '% may not give rights on schema public: let its owner % grant USAGE to app, and USAGE and CREATE to migrator',
      current_user, (SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'public');
  END IF;
  IF NOT has_database_privilege('migrator', current_database(), 'CREATE') THEN
    RAISE EXCEPTION '% may not give rights on database %: let its owner grant CREATE to migrator', current_user, current_database();
  END IF;
END $$;
SQL
  for login in $LOGINS; do
    # psql makes the verifier itself; the server never sees the password
    printf '%s\n' "\\password $login" "$(password_of "$login")" "$(password_of "$login")"
  done
  cat <<'SQL'
COMMIT;

-- what runs may still use one, after a release that was taken back: sessions are never ended here
CREATE TEMPORARY VIEW outdated AS
  SELECT rolname AS login, split_part(rolname, '_', 1) AS owner,
    (SELECT count(*) FROM pg_stat_activity WHERE usename = rolname) AS sessions
  FROM pg_roles
  WHERE rolname ~ '^(app|migrator)_[0-9]{1,9}$'
    AND split_part(rolname, '_', 2)::int < (
      SELECT min(split_part(kept, '_', 2)::int) FROM unnest(string_to_array(current_setting('slipway.logins'), ' ')) AS kept
    );
CREATE TEMPORARY TABLE leaving AS SELECT login, owner FROM outdated WHERE sessions = 0;
-- committed before they go, so that nobody comes in meanwhile
SELECT format('ALTER ROLE %I NOLOGIN', login), format('GRANT %I TO CURRENT_USER', login) FROM leaving \gexec
DO $$
DECLARE
  came_in name;
BEGIN
  -- between the look and the lock
  FOR came_in IN SELECT login FROM leaving JOIN outdated USING (login) WHERE sessions > 0 LOOP
    EXECUTE format('ALTER ROLE %I LOGIN', came_in);
    DELETE FROM leaving WHERE login = came_in;
  END LOOP;
END $$;
SELECT format('logins: warning: %s is outdated, and stays while it is used (sessions: %s): the next release without any removes it', login, sessions)
  FROM outdated WHERE NOT EXISTS (SELECT FROM leaving WHERE leaving.login = outdated.login) ORDER BY login;
SELECT format('logins: removing %s', login) FROM leaving ORDER BY login;
DO $$
DECLARE
  gone record;
  reason text;
BEGIN
  FOR gone IN SELECT * FROM leaving ORDER BY login LOOP
    EXECUTE format('REASSIGN OWNED BY %I TO %I', gone.login, gone.owner);
    EXECUTE format('DROP OWNED BY %I', gone.login);
    BEGIN
      EXECUTE format('DROP ROLE %I', gone.login);
    EXCEPTION WHEN dependent_objects_still_exist THEN
      GET STACKED DIAGNOSTICS reason = PG_EXCEPTION_DETAIL;
      RAISE EXCEPTION '% cannot be removed (%): run REASSIGN OWNED BY % TO % and DROP OWNED BY % there, then release again',
        gone.login, reason, gone.login, gone.owner, gone.login;
    END;
  END LOOP;
END $$;
SQL
}

status=0
statements | psql -XqAtw -v ON_ERROR_STOP=1 -v "logins=$LOGINS" 2>"$HOME/messages" || status=$?
grep -Ev '^(Enter (new password for user .*|it again): *)?$' "$HOME/messages" >&2 || true
case $status in
  0) ;;
  3) fail "the logins of $PGDATABASE on $PGHOST are not as they must be, see the error above; nothing was migrated" ;;
  *) fail "$PGUSER has no connection to $PGDATABASE on $PGHOST, see the error above; nothing was migrated" ;;
esac

for login in $LOGINS; do
  PGUSER=$login PGPASSWORD=$(password_of "$login") psql -XqAtw -c 'SELECT 1' >/dev/null ||
    fail "$login was made, but cannot log in, see the error above; nothing was migrated"
done
printf 'logins: %s and app_iam are ready\n' "$LOGINS"
`;
