-- The schema of the api service: its role, its migration history and registry, its periodic tasks.
-- Safe to run twice; by hand: psql -1 -f 0001_schema.sql

CREATE SCHEMA IF NOT EXISTS api;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'flovify_api') THEN
        CREATE ROLE flovify_api NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;  -- roles belong to the whole server: another database's migration made it at this very moment
END
$$;

REVOKE ALL ON SCHEMA api FROM PUBLIC;
GRANT USAGE ON SCHEMA api TO flovify_api;
ALTER DEFAULT PRIVILEGES IN SCHEMA api GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO flovify_api;
ALTER DEFAULT PRIVILEGES IN SCHEMA api GRANT USAGE, SELECT ON SEQUENCES TO flovify_api;
ALTER DEFAULT PRIVILEGES IN SCHEMA api GRANT EXECUTE ON FUNCTIONS TO flovify_api;

CREATE TABLE IF NOT EXISTS api.migration_history (
    schema_name text NOT NULL,
    file_seq    int NOT NULL,
    file_name   text NOT NULL,
    checksum    text,
    applied_at  timestamptz NOT NULL DEFAULT now(),
    applied_by  text NOT NULL DEFAULT current_user,
    PRIMARY KEY (schema_name, file_seq)
);

-- oldest_code: the oldest registry version a program must know to run on this database.
CREATE TABLE IF NOT EXISTS api.schema_registry (
    service     text PRIMARY KEY,
    version     text NOT NULL,
    oldest_code text NOT NULL DEFAULT '0.1.0',
    updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS api.schema_registry_history (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    service    text NOT NULL,
    version    text NOT NULL,
    file_name  text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- Every file ends by calling this. The registry's version only goes forward, so an old file run again changes nothing.
CREATE OR REPLACE FUNCTION api.record_migration(file_seq int, file_name text, version text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api.migration_history AS history (schema_name, file_seq, file_name)
    VALUES ('api', record_migration.file_seq, record_migration.file_name)
    ON CONFLICT DO NOTHING;

    INSERT INTO api.schema_registry AS registry (service, version)
    VALUES ('api', record_migration.version)
    ON CONFLICT (service) DO UPDATE
       SET version = excluded.version, updated_at = now()
     WHERE string_to_array(registry.version, '.')::int[] < string_to_array(excluded.version, '.')::int[];

    IF FOUND THEN
        INSERT INTO api.schema_registry_history (service, version, file_name)
        VALUES ('api', record_migration.version, record_migration.file_name);
    END IF;
END
$$;

-- Work that is due every so often; whoever finds a row due takes its lease (see flovify.common.periodic).
CREATE TABLE IF NOT EXISTS api.periodic_tasks (
    name             text PRIMARY KEY,
    due_at           timestamptz NOT NULL DEFAULT now(),
    lease_owner      text,
    lease_until      timestamptz,
    fence            bigint NOT NULL DEFAULT 0,
    last_started_at  timestamptz,
    last_finished_at timestamptz,
    last_error       text
);

SELECT api.record_migration(1, '0001_schema.sql', '0.1.0');
