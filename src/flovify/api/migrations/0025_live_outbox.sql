-- Noting a change costs the same however many were noted before.
-- Safe to run twice; by hand: psql -1 -f 0025_live_outbox.sql

-- Nobody collects while no console is open, and thousands of notes lie here then: each new one looked through all of them,
-- for new messages even under the feed's lock.
CREATE UNIQUE INDEX IF NOT EXISTS idx_live_outbox_noted ON api.live_outbox (xid, kind, ref) NULLS NOT DISTINCT;

CREATE OR REPLACE FUNCTION api.announce(kind text, ref text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api.live_outbox (kind, ref) VALUES (announce.kind, announce.ref) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        PERFORM pg_notify('flovify_live', '');
    END IF;
END
$$;

-- As before (0024), but announced ahead of the lock; the feed's own trigger finds it noted.
CREATE OR REPLACE FUNCTION api.publish_messages(given_ids uuid[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    added bigint;
BEGIN
    PERFORM api.announce('message.created', message.tenant_id::text)
       FROM (SELECT DISTINCT tenant_id FROM api.messages WHERE id = ANY (given_ids)) message;
    PERFORM pg_advisory_xact_lock(x'66656564'::bigint);
    INSERT INTO api.message_feed (message_id, tenant_id)
    SELECT message.id, message.tenant_id
      FROM unnest(given_ids) WITH ORDINALITY AS given (id, place)
      JOIN api.messages message USING (id)
     ORDER BY given.place
    ON CONFLICT (message_id) DO NOTHING;
    GET DIAGNOSTICS added = ROW_COUNT;
    RETURN added;
END
$$;

SELECT api.record_migration(25, '0025_live_outbox.sql', '0.1.24');
