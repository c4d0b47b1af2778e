-- Two roles, run once by a superuser inside the product's (empty) database; safe to run again.
-- grid_owner owns the tables and migrates them. grid_app is the web's and the workers' role: it reads and
-- writes rows, but cannot alter, truncate or drop a table; the events application takes more away from it.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'grid_owner') THEN
        CREATE ROLE grid_owner LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'grid_app') THEN
        CREATE ROLE grid_app LOGIN;
    END IF;
    EXECUTE format('ALTER DATABASE %I OWNER TO grid_owner', current_database());
END
$$;

-- No personal data in the server's log: neither the refused statement nor the row it would have written.
ALTER ROLE grid_owner SET log_min_error_statement = 'panic';
ALTER ROLE grid_owner SET log_error_verbosity = 'terse';
ALTER ROLE grid_app SET log_min_error_statement = 'panic';
ALTER ROLE grid_app SET log_error_verbosity = 'terse';

ALTER DEFAULT PRIVILEGES FOR ROLE grid_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO grid_app;
ALTER DEFAULT PRIVILEGES FOR ROLE grid_owner GRANT USAGE, SELECT ON SEQUENCES TO grid_app;
