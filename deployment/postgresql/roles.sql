-- The three roles of the service on PostgreSQL, and its database. Run once, as a superuser:
--
--   psql -v owner_password="$OWNER" -v app_password="$APP" -v system_password="$SYSTEM" -f deployment/postgresql/roles.sql
--
-- then give the service
--   ANOMALY_DETECTION_DATABASE_URL            postgresql://anom_app:...@host/anom     an ordinary role
--   ANOMALY_DETECTION_DATABASE_SYSTEM_URL     postgresql://anom_system:...@host/anom  bypasses row level security
--   ANOMALY_DETECTION_DATABASE_MIGRATION_URL  postgresql://anom_owner:...@host/anom   owns the tables; db migrate only
-- and run: anomaly_detection db migrate
\set ON_ERROR_STOP on

CREATE ROLE anom_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE anom_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app_password';
CREATE ROLE anom_system LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS PASSWORD :'system_password';

CREATE DATABASE anom OWNER anom_owner;
REVOKE ALL ON DATABASE anom FROM PUBLIC;
GRANT CONNECT ON DATABASE anom TO anom_app, anom_system;

\connect anom
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO anom_owner;
