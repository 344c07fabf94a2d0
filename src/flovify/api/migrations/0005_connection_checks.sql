-- Checks of a connection that are under way: what the webhook must know to recognise their notifications.
-- Safe to run twice; by hand: psql -1 -f 0005_connection_checks.sql

-- A row lives as long as its check. At most one a tenant, so that two checks do not stand in each other's way.
CREATE TABLE IF NOT EXISTS api.connection_checks (
    id                uuid PRIMARY KEY,
    tenant_id         uuid NOT NULL UNIQUE,
    client_state_hash bytea NOT NULL,
    subscription_id   text,
    created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    notified_at       timestamptz
);

GRANT SELECT, INSERT, UPDATE, DELETE ON api.connection_checks TO flovify_api;

SELECT api.record_migration(5, '0005_connection_checks.sql', '0.1.4');
