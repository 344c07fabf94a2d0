-- The schema of the auth service, its migration bookkeeping, and the role that may use it.
CREATE SCHEMA IF NOT EXISTS auth;

CREATE TABLE IF NOT EXISTS auth.migration_history (
    schema_name text NOT NULL,
    file_seq    int NOT NULL,
    file_name   text NOT NULL,
    checksum    text,
    applied_at  timestamptz NOT NULL DEFAULT now(),
    applied_by  text NOT NULL DEFAULT current_user,
    PRIMARY KEY (schema_name, file_seq)
);

-- oldest_code is the lowest version whose code may still run on this database.
CREATE TABLE IF NOT EXISTS auth.schema_registry (
    service     text PRIMARY KEY,
    version     text NOT NULL,
    oldest_code text NOT NULL DEFAULT '0.0.1',
    updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS auth.schema_registry_history (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    service    text NOT NULL,
    version    text NOT NULL,
    file_name  text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- Records a file once and raises the version, never lowers it, so that any file may be run again at any time.
CREATE OR REPLACE FUNCTION auth.record_migration(seq int, name text, new_version text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO auth.migration_history (schema_name, file_seq, file_name)
    VALUES ('auth', seq, name) ON CONFLICT DO NOTHING;
    INSERT INTO auth.schema_registry AS registry (service, version) VALUES ('auth', new_version)
    ON CONFLICT (service) DO UPDATE SET version = excluded.version, updated_at = now()
    WHERE string_to_array(registry.version, '.')::int[] < string_to_array(excluded.version, '.')::int[];
    IF FOUND THEN
        INSERT INTO auth.schema_registry_history (service, version, file_name) VALUES ('auth', new_version, name);
    END IF;
END
$$;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'flovify_auth') THEN
        CREATE ROLE flovify_auth NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;

REVOKE ALL ON SCHEMA auth FROM PUBLIC;
GRANT USAGE ON SCHEMA auth TO flovify_auth;
GRANT SELECT ON auth.migration_history, auth.schema_registry, auth.schema_registry_history TO flovify_auth;
ALTER DEFAULT PRIVILEGES IN SCHEMA auth GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO flovify_auth;
ALTER DEFAULT PRIVILEGES IN SCHEMA auth GRANT USAGE, SELECT ON SEQUENCES TO flovify_auth;

SELECT auth.record_migration(1, '0001_schema.sql', '0.0.1');
