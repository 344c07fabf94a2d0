-- Keys by which programs use the api. Of a key only its hash is kept, and its first letters to tell it by.
-- Safe to run twice; by hand: psql -1 -f 0015_api_keys.sql
CREATE TABLE IF NOT EXISTS auth.api_keys (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    key_hash     bytea NOT NULL UNIQUE,
    shown        text NOT NULL,
    name         text NOT NULL,
    scopes       text[] NOT NULL,
    -- NULL: of all accounts.
    tenant_ids   uuid[],
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    revoked_by   text
);

SELECT auth.record_migration(15, '0015_api_keys.sql', '0.1.12');
