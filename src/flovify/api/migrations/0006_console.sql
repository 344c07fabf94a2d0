-- What the console shows and does: the audit log, workers' signs of life, what happened to subscriptions, and indexes
-- for its figures.
-- Safe to run twice; by hand: psql -1 -f 0006_console.sql

-- Who did what. Rows can be added and read, never changed by the service. subject is an id or another name of the thing.
CREATE TABLE IF NOT EXISTS api.audit_log (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor          text NOT NULL,
    actor_kind     text NOT NULL CHECK (actor_kind IN ('user', 'command line', 'system')),
    action         text NOT NULL,
    subject        text NOT NULL,
    subject_kind   text NOT NULL,
    outcome        text NOT NULL CHECK (outcome IN ('success', 'failure', 'denied')),
    address        text,
    details        jsonb NOT NULL DEFAULT '{}',
    correlation_id text
);
CREATE INDEX IF NOT EXISTS idx_audit_log_at ON api.audit_log (at);
CREATE INDEX IF NOT EXISTS idx_audit_log_subject ON api.audit_log (subject, id);
GRANT SELECT, INSERT ON api.audit_log TO flovify_api;
REVOKE UPDATE, DELETE, TRUNCATE ON api.audit_log FROM flovify_api;

-- One row a worker process; one that is not heard of for half a minute counts as gone.
CREATE TABLE IF NOT EXISTS api.workers (
    name         text PRIMARY KEY,
    started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    clock_at     timestamptz NOT NULL,
    version      text NOT NULL,
    in_flight    int NOT NULL
) WITH (fillfactor = 50);

-- What happened to a subscription, in order. It outlives the subscription, hence no reference. A failure that repeats
-- itself is one row with its number of attempts; `at` is the last one then.
CREATE TABLE IF NOT EXISTS api.subscription_events (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_row_id uuid NOT NULL,
    tenant_id           uuid NOT NULL,
    at                  timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind                text NOT NULL,
    outcome             text NOT NULL,
    detail              text NOT NULL DEFAULT '',
    attempts            int NOT NULL DEFAULT 1
);
CREATE INDEX IF NOT EXISTS idx_subscription_events_row ON api.subscription_events (subscription_row_id, id);
CREATE INDEX IF NOT EXISTS idx_subscription_events_at ON api.subscription_events (at);

-- validation_ms: how long the create call took, in which the provider calls our webhook back. lost_at: since when the
-- provider has it no more.
ALTER TABLE api.webhook_subscriptions
    ADD COLUMN IF NOT EXISTS renewals int NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS validation_ms int,
    ADD COLUMN IF NOT EXISTS lost_at timestamptz;

-- The last outcome of checks that are made now and then, by name.
CREATE TABLE IF NOT EXISTS api.health_checks (
    name   text PRIMARY KEY,
    ok     boolean NOT NULL,
    detail text NOT NULL,
    at     timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What was broken on purpose at the stand-in for Microsoft, and what it takes to undo it.
CREATE TABLE IF NOT EXISTS api.sandbox_breakages (
    id         uuid PRIMARY KEY,
    kind       text NOT NULL,
    tenant_id  uuid,
    since      timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor      text NOT NULL,
    undo       jsonb NOT NULL DEFAULT '{}'
);

GRANT SELECT, INSERT, UPDATE, DELETE
   ON api.workers, api.subscription_events, api.health_checks, api.sandbox_breakages TO flovify_api;

-- Figures of a period are read from the indexes alone; that needs a visibility map which follows the inserts.
CREATE INDEX IF NOT EXISTS idx_messages_stored ON api.messages (tenant_id, stored_at) WHERE content_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS idx_webhook_events_figures
    ON api.webhook_events (processed_at) INCLUDE (outcome, received_at, tenant_id);
DROP INDEX IF EXISTS api.idx_webhook_events_processed_at;
CREATE INDEX IF NOT EXISTS idx_webhook_events_subscription ON api.webhook_events (subscription_row_id, id);
CREATE INDEX IF NOT EXISTS idx_webhook_events_lifecycle
    ON api.webhook_events (subscription_row_id, id) WHERE kind = 'lifecycle';
ALTER TABLE api.webhook_events SET (autovacuum_vacuum_insert_scale_factor = 0.02);
ALTER TABLE api.messages SET (autovacuum_vacuum_insert_scale_factor = 0.02);

SELECT api.record_migration(6, '0006_console.sql', '0.1.5');
