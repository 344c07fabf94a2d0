-- Subscriptions at the provider, and the ledger of settled events.
-- Safe to run twice; by hand: psql -1 -f 0002_webhook_subscriptions.sql

-- A row is written before the provider is asked, so that a notification which overtakes the answer is known;
-- subscription_id is NULL until then. The secrets themselves are nowhere, only their keyed hashes.
CREATE TABLE IF NOT EXISTS api.webhook_subscriptions (
    id                         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id                  uuid NOT NULL,
    provider                   text NOT NULL,
    subscription_id            text,
    resource                   text NOT NULL,
    change_types               text[] NOT NULL,
    history_id                 text,
    expires_at                 timestamptz NOT NULL,
    created_at                 timestamptz NOT NULL DEFAULT now(),
    last_renewed_at            timestamptz,
    status                     text NOT NULL DEFAULT 'creating' CHECK (status IN ('creating', 'active', 'failed')),
    client_state_hash          bytea,
    previous_client_state_hash bytea,
    notification_url           text NOT NULL DEFAULT '',
    lifecycle_url              text,
    external_user_id           text NOT NULL DEFAULT '',
    external_tenant_id         text NOT NULL DEFAULT '',
    last_error                 text,
    last_error_at              timestamptz,
    renewal_failures           int NOT NULL DEFAULT 0,
    next_renewal_at            timestamptz,
    updated_at                 timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, subscription_id)
);

-- One row for each asked combination makes creation idempotent however many ask at once.
CREATE UNIQUE INDEX IF NOT EXISTS idx_webhook_subscriptions_asked
    ON api.webhook_subscriptions (tenant_id, provider, resource, change_types);
CREATE INDEX IF NOT EXISTS idx_webhook_subs_tenant_id ON api.webhook_subscriptions (tenant_id);
CREATE INDEX IF NOT EXISTS idx_webhook_subs_expires_at ON api.webhook_subscriptions (expires_at);

-- Intakes keep subscriptions in memory; this tells them which one to read again.
CREATE OR REPLACE FUNCTION api.announce_subscription() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('flovify_subscriptions', coalesce(NEW.id, OLD.id)::text);
    RETURN NULL;
END
$$;

DROP TRIGGER IF EXISTS announce_subscription ON api.webhook_subscriptions;
CREATE TRIGGER announce_subscription
    AFTER INSERT OR DELETE
       OR UPDATE OF tenant_id, subscription_id, client_state_hash, previous_client_state_hash, external_tenant_id
    ON api.webhook_subscriptions
    FOR EACH ROW EXECUTE FUNCTION api.announce_subscription();

-- The ledger: one row a settled event, written in the transaction that has its effects. An event whose key stands here
-- is never worked on again. id is the one the event had in the inbox; item is the notification without its clientState.
CREATE TABLE IF NOT EXISTS api.webhook_events (
    id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id           uuid NOT NULL,
    provider            text NOT NULL,
    event_key           text NOT NULL,
    message_id          text,
    processed_at        timestamptz NOT NULL DEFAULT now(),
    correlation_id      uuid NOT NULL,
    subscription_row_id uuid,
    kind                text NOT NULL DEFAULT 'change',
    change_type         text,
    outcome             text NOT NULL DEFAULT 'stored',
    reason              text,
    attempts            int NOT NULL DEFAULT 1,
    replays             int NOT NULL DEFAULT 0,
    received_at         timestamptz NOT NULL DEFAULT now(),
    item                jsonb,
    UNIQUE (provider, event_key)
);

CREATE INDEX IF NOT EXISTS idx_webhook_events_tenant_id ON api.webhook_events (tenant_id, id);
CREATE INDEX IF NOT EXISTS idx_webhook_events_processed_at ON api.webhook_events (processed_at);

SELECT api.record_migration(2, '0002_webhook_subscriptions.sql', '0.1.1');
