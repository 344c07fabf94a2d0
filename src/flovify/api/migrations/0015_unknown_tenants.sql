-- Accounts of which something is kept here and that auth does not know, since when.
-- Safe to run twice; by hand: psql -1 -f 0015_unknown_tenants.sql

CREATE TABLE IF NOT EXISTS api.unknown_tenants (
    tenant_id  uuid PRIMARY KEY,
    first_seen timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON api.unknown_tenants TO flovify_api;

SELECT api.record_migration(15, '0015_unknown_tenants.sql', '0.1.14');
