-- The queue: events taken in and not yet settled, and who holds which mailbox.
-- Safe to run twice; by hand: psql -1 -f 0003_inbox.sql

-- id is a UUIDv7, so its order is the order of arrival. `attempts` counts takes; a take that failed for reasons outside
-- the message gives its count back. `taken_at` is set by a take and cleared by every orderly end of it: a row that
-- still has it when it is taken again was in the hands of a worker that died.
CREATE TABLE IF NOT EXISTS api.inbox (
    id                  uuid PRIMARY KEY,
    tenant_id           uuid NOT NULL,
    provider            text NOT NULL,
    event_key           text NOT NULL,
    state               text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'dead')),
    subscription_row_id uuid NOT NULL,
    subscription_id     text,
    kind                text NOT NULL CHECK (kind IN ('change', 'lifecycle', 'unknown')),
    change_type         text,
    message_id          text,
    correlation_id      uuid NOT NULL,
    received_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts            int NOT NULL DEFAULT 0,
    replays             int NOT NULL DEFAULT 0,
    taken_at            timestamptz,
    last_error_kind     text,
    last_error          text,
    last_error_at       timestamptz,
    reason              text,
    died_at             timestamptz,
    item                jsonb,
    UNIQUE (provider, event_key)
) WITH (
    -- Room for the take's update on the same page, and statistics that follow a table which fills and empties.
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.05,
    autovacuum_analyze_threshold = 500
);

-- Oldest due event first, and the due events of one mailbox.
CREATE INDEX IF NOT EXISTS idx_inbox_due ON api.inbox (due_at, tenant_id) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS idx_inbox_tenant_due ON api.inbox (tenant_id, due_at) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS idx_inbox_dead ON api.inbox (id) WHERE state = 'dead';

-- One row a mailbox. `fence` grows with each take and each removal, never shrinks, and rows are never deleted: whoever
-- finishes with another fence than the row's has lost the mailbox. Leases are in the database's time.
CREATE TABLE IF NOT EXISTS api.mailbox_leases (
    tenant_id     uuid PRIMARY KEY,
    owner         text,
    lease_until   timestamptz,
    fence         bigint NOT NULL DEFAULT 0,
    blocked_until timestamptz,
    block_reason  text,
    failures      int NOT NULL DEFAULT 0
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

-- For operators with psql: what could not be done, and why.
CREATE OR REPLACE VIEW api.dead_letters AS
SELECT id, tenant_id, provider, event_key, subscription_row_id, kind, change_type, message_id, correlation_id,
       received_at, died_at, reason, attempts, replays, last_error_kind, last_error, last_error_at, item
  FROM api.inbox
 WHERE state = 'dead';

SELECT api.record_migration(3, '0003_inbox.sql', '0.1.2');
