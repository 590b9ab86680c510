-- One service's database and its two roles; run by psql as a superuser, may be run again. Variables of psql: service, owner; of the
-- environment: SERVICE_PASSWORD, OWNER_PASSWORD. The owner makes and changes the tables (migrate, rebuilds); the service's own role
-- reads and writes rows. Which rows of which table it may, `<service> migrate` grants (SHAO_SERVING_ROLE): it knows the tables.
\getenv password SERVICE_PASSWORD
\getenv owner_password OWNER_PASSWORD
-- Passwords are in the statements below: not for the server's log, whatever it is told to write.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
SELECT format('CREATE ROLE %I', role) FROM (VALUES (:'service'), (:'owner')) AS v(role)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec
SELECT format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD %L', role, pass)
  FROM (VALUES (:'service', :'password'), (:'owner', :'owner_password')) AS v(role, pass) \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'service', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'service') \gexec
SELECT format('ALTER DATABASE %I OWNER TO %I', :'service', :'owner') \gexec
-- Nobody else connects, not even another service of ours; and no temporary tables, in whose names a function could be misled.
-- At once with what is granted again: it runs at every start of the set, also while the services work.
BEGIN;
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC, %I', :'service', :'service') \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', :'service', :'service') \gexec
SELECT format('GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %I TO %I', :'service', :'owner') \gexec
COMMIT;
\connect :service
BEGIN;
-- Of an installation in which the service's role owned everything.
SELECT format('REASSIGN OWNED BY %I TO %I', :'service', :'owner') \gexec
SELECT format('ALTER SCHEMA public OWNER TO %I', :'owner') \gexec
SELECT format('REVOKE ALL ON SCHEMA public FROM PUBLIC, %I', :'service') \gexec
SELECT format('GRANT USAGE ON SCHEMA public TO %I', :'service') \gexec
-- Large objects belong to no table and would escape every grant.
SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', oid::regprocedure) FROM pg_proc
 WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_put', 'lowrite') \gexec
COMMIT;
