-- Deleting an account's mail: an order that the worker carries out, with how far it is.
-- Safe to run twice; by hand: psql -1 -f 0020_removal_orders.sql

-- What was stored up to `through` goes; a worker takes the next batch under the row's lock and counts it in the same
-- transaction. total: messages at the start, NULL until they were counted. last_error: of the last try, NULL after one
-- that went well. label: the account's address, empty where whoever ordered did not know it.
CREATE TABLE IF NOT EXISTS api.removal_orders (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id   uuid NOT NULL,
    label       text NOT NULL DEFAULT '',
    ordered_by  text NOT NULL,
    ordered_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    through     timestamptz NOT NULL DEFAULT clock_timestamp(),
    total       bigint,
    deleted     bigint NOT NULL DEFAULT 0,
    finished_at timestamptz,
    last_error  text
);
CREATE UNIQUE INDEX IF NOT EXISTS idx_removal_orders_open ON api.removal_orders (tenant_id) WHERE finished_at IS NULL;
CREATE INDEX IF NOT EXISTS idx_removal_orders_finished ON api.removal_orders (finished_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON api.removal_orders TO flovify_api;

SELECT api.record_migration(20, '0020_removal_orders.sql', '0.1.19');
