-- What the console shows of messages: the way of each, what was discarded, replays, and a log of changes to follow live.
-- Safe to run twice; by hand: psql -1 -f 0007_message_console.sql

-- The list of messages is in the order of receiving; a message without that time counts from when it was stored.
CREATE INDEX IF NOT EXISTS idx_messages_received
    ON api.messages ((coalesce(received_at, stored_at)) DESC, id DESC) WHERE content_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS idx_messages_tenant_received
    ON api.messages (tenant_id, (coalesce(received_at, stored_at)) DESC, id DESC) WHERE content_at IS NOT NULL;

-- When a worker took the event, and when it had the message; NULL for events settled before this file, and for those
-- that need no fetching. Both in the database's time.
ALTER TABLE api.webhook_events
    ADD COLUMN IF NOT EXISTS taken_at timestamptz,
    ADD COLUMN IF NOT EXISTS fetched_at timestamptz;
-- The events of one message. Ids are long; a hash keeps the index small and cheap to add to.
CREATE INDEX IF NOT EXISTS idx_webhook_events_message ON api.webhook_events USING hash (message_id);
CREATE INDEX IF NOT EXISTS idx_inbox_dead_tenant ON api.inbox (tenant_id, id) WHERE state = 'dead';

-- What went wrong on the way of an event, and how it ended after something did. An event that is stored at its first try
-- has no row. `times` counts waits of one kind in a row.
CREATE TABLE IF NOT EXISTS api.event_attempts (
    event_id     uuid NOT NULL,
    number       int NOT NULL,
    tenant_id    uuid NOT NULL,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    stage        text NOT NULL,
    outcome      text NOT NULL CHECK (outcome IN ('retry', 'waited', 'dead', 'replayed', 'done')),
    error_kind   text,
    error        text,
    status       int,
    request_id   text,
    wait_seconds real,
    times        int NOT NULL DEFAULT 1,
    PRIMARY KEY (event_id, number)
);
CREATE INDEX IF NOT EXISTS idx_event_attempts_tenant ON api.event_attempts (tenant_id);

-- Dead letters given up for good: settled in the ledger as `discarded`, and here what it takes to restore them.
CREATE TABLE IF NOT EXISTS api.discarded_dead_letters (
    id                  uuid PRIMARY KEY,
    tenant_id           uuid NOT NULL,
    subscription_row_id uuid NOT NULL,
    subscription_id     text,
    died_at             timestamptz NOT NULL,
    reason              text NOT NULL,
    last_error_kind     text,
    last_error          text,
    last_error_at       timestamptz,
    discarded_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    discarded_by        text NOT NULL,
    discard_reason      text NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_discarded_dead_letters_at ON api.discarded_dead_letters (discarded_at, id);
CREATE INDEX IF NOT EXISTS idx_discarded_dead_letters_tenant ON api.discarded_dead_letters (tenant_id);

-- Many dead letters done again, some a second. A worker takes the next step of a replay under the row's lock, when
-- next_step_at has come; so any worker carries on where another died. `key` makes starting one idempotent.
CREATE TABLE IF NOT EXISTS api.replays (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    key          text NOT NULL UNIQUE,
    state        text NOT NULL CHECK (state IN ('running', 'paused', 'cancelled', 'finished')),
    dry_run      boolean NOT NULL DEFAULT false,
    filter       jsonb NOT NULL,
    per_second   int NOT NULL,
    total        int NOT NULL DEFAULT 0,
    done         int NOT NULL DEFAULT 0,
    failed_again int NOT NULL DEFAULT 0,
    skipped      int NOT NULL DEFAULT 0,
    waiting      int NOT NULL DEFAULT 0,
    started_by   text NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at  timestamptz,
    next_step_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS idx_replays_started_at ON api.replays (started_at, id);
CREATE INDEX IF NOT EXISTS idx_replays_due ON api.replays (next_step_at) WHERE finished_at IS NULL;

-- pending: not yet put back; waiting: in the queue; the others are ends. `replays` is the event's own count once it was
-- put back: a dead letter with that count has died again, one with a lower count was not put back by this replay.
CREATE TABLE IF NOT EXISTS api.replay_items (
    replay_id  uuid NOT NULL REFERENCES api.replays (id) ON DELETE CASCADE,
    event_id   uuid NOT NULL,
    tenant_id  uuid NOT NULL,
    state      text NOT NULL CHECK (state IN ('planned', 'pending', 'waiting', 'done', 'failed_again', 'skipped')),
    reason     text NOT NULL,
    outcome    text,
    replays    int NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (replay_id, event_id)
) WITH (fillfactor = 70);
CREATE INDEX IF NOT EXISTS idx_replay_items_open
    ON api.replay_items (replay_id, state, event_id) WHERE state IN ('pending', 'waiting');

-- What changed, for those who look at it. A change is noted in the outbox by the transaction that makes it; a reader
-- moves what is committed into the log, under a lock, so that ids grow in the order in which changes became visible and
-- whoever goes on behind an id misses none, however long another transaction takes to commit.
CREATE TABLE IF NOT EXISTS api.live_outbox (
    kind text NOT NULL,
    ref  text,
    at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    xid  xid8 NOT NULL DEFAULT pg_current_xact_id()
) WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE IF NOT EXISTS api.live_events (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL,
    ref  text
);
CREATE INDEX IF NOT EXISTS idx_live_events_at ON api.live_events (at);

-- Note a change once a transaction. Only rows of this very transaction are looked at: another's may be moved away
-- before our change is visible.
CREATE OR REPLACE FUNCTION api.announce(kind text, ref text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM api.live_outbox noted
                    WHERE noted.xid = pg_current_xact_id() AND noted.kind = announce.kind
                      AND noted.ref IS NOT DISTINCT FROM announce.ref) THEN
        INSERT INTO api.live_outbox (kind, ref) VALUES (announce.kind, announce.ref);
        PERFORM pg_notify('flovify_live', '');
    END IF;
END
$$;

-- New messages are announced where they get their place in the feed: the last statement of their transaction, over
-- narrow rows.
CREATE OR REPLACE FUNCTION api.announce_new_messages() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM api.announce('message.created', added.tenant_id::text) FROM (SELECT DISTINCT tenant_id FROM added) added;
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS announce_new_messages ON api.message_feed;
CREATE TRIGGER announce_new_messages AFTER INSERT ON api.message_feed
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION api.announce_new_messages();

CREATE OR REPLACE FUNCTION api.announce_changed_messages() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM api.announce('message.updated', changed.tenant_id::text)
       FROM (SELECT DISTINCT tenant_id FROM changed) changed;
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS announce_changed_messages ON api.messages;
CREATE TRIGGER announce_changed_messages AFTER UPDATE ON api.messages
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION api.announce_changed_messages();
DROP TRIGGER IF EXISTS announce_deleted_messages ON api.messages;
CREATE TRIGGER announce_deleted_messages AFTER DELETE ON api.messages
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION api.announce_changed_messages();

CREATE OR REPLACE FUNCTION api.announce_live_subscription() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM api.announce('subscription.updated', coalesce(NEW.id, OLD.id)::text);
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS announce_live_subscription ON api.webhook_subscriptions;
CREATE TRIGGER announce_live_subscription
    AFTER INSERT OR DELETE OR UPDATE OF status, expires_at, last_error, renewal_failures, subscription_id
    ON api.webhook_subscriptions FOR EACH ROW EXECUTE FUNCTION api.announce_live_subscription();

-- The inbox changes with every take; the conditions let only deaths, and what becomes of the dead, through to the
-- function, and cost nothing else.
CREATE OR REPLACE FUNCTION api.announce_dead_letter() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM api.announce(TG_ARGV[0], coalesce(NEW.tenant_id, OLD.tenant_id)::text);
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS announce_death ON api.inbox;
CREATE TRIGGER announce_death AFTER UPDATE OF state ON api.inbox
    FOR EACH ROW WHEN (NEW.state = 'dead' AND OLD.state <> 'dead')
    EXECUTE FUNCTION api.announce_dead_letter('deadletter.created');
DROP TRIGGER IF EXISTS announce_dead_restored ON api.inbox;
CREATE TRIGGER announce_dead_restored AFTER INSERT ON api.inbox
    FOR EACH ROW WHEN (NEW.state = 'dead') EXECUTE FUNCTION api.announce_dead_letter('deadletter.created');
DROP TRIGGER IF EXISTS announce_dead_replayed ON api.inbox;
CREATE TRIGGER announce_dead_replayed AFTER UPDATE OF state ON api.inbox
    FOR EACH ROW WHEN (NEW.state <> 'dead' AND OLD.state = 'dead')
    EXECUTE FUNCTION api.announce_dead_letter('deadletter.resolved');
DROP TRIGGER IF EXISTS announce_dead_removed ON api.inbox;
CREATE TRIGGER announce_dead_removed AFTER DELETE ON api.inbox
    FOR EACH ROW WHEN (OLD.state = 'dead') EXECUTE FUNCTION api.announce_dead_letter('deadletter.resolved');

-- A mailbox that begins or ceases to wait changes how its account stands.
CREATE OR REPLACE FUNCTION api.announce_mailbox() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM api.announce('account.updated', NEW.tenant_id::text);
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS announce_mailbox ON api.mailbox_leases;
CREATE TRIGGER announce_mailbox AFTER UPDATE OF block_reason ON api.mailbox_leases
    FOR EACH ROW WHEN (NEW.block_reason IS DISTINCT FROM OLD.block_reason)
    EXECUTE FUNCTION api.announce_mailbox();

CREATE OR REPLACE FUNCTION api.announce_replay() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM api.announce('replay.progress', NEW.id::text);
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS announce_replay ON api.replays;
CREATE TRIGGER announce_replay AFTER INSERT OR UPDATE OF state, done, failed_again, skipped, waiting ON api.replays
    FOR EACH ROW EXECUTE FUNCTION api.announce_replay();

GRANT SELECT, INSERT, UPDATE, DELETE
   ON api.event_attempts, api.discarded_dead_letters, api.replays, api.replay_items, api.live_outbox, api.live_events
   TO flovify_api;
GRANT EXECUTE ON FUNCTION api.announce(text, text) TO flovify_api;

SELECT api.record_migration(7, '0007_message_console.sql', '0.1.6');
