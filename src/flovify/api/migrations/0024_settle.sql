-- The settlement of a lease in one call: what was several round trips is statements of a function.
-- Safe to run twice; by hand: psql -1 -f 0024_settle.sql

-- A batch of fetched messages of one mailbox. given_rows is a JSON array with one object a message, no id twice.
-- A fetched state replaces the stored one only if the provider says it is newer (or equally old but other, and fetched
-- later), or if what is stored is a tombstone, deleted, in another folder or could not be decoded. What the provider
-- hands out is not deleted, whatever was heard of before. One whose time was over stays empty.
-- Rows that were not changed come back with their id, so the caller learns where every message is.
CREATE OR REPLACE FUNCTION api.upsert_messages(
    given_tenant uuid, given_provider text, given_rows jsonb, given_fetched_at timestamptz)
RETURNS TABLE (provider_message_id text, id uuid, outcome text, unpublished boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH incoming AS (
        SELECT *
          FROM jsonb_to_recordset(given_rows) AS item (
            provider_message_id text, internet_message_id text, subject text, sender jsonb, from_address jsonb,
            to_addresses jsonb, cc_addresses jsonb, bcc_addresses jsonb, reply_to_addresses jsonb,
            received_at timestamptz, sent_at timestamptz, body_text text, body_html text, preview text,
            has_attachments boolean, attachments jsonb, is_read boolean, is_draft boolean, importance text,
            conversation_id text, folder_id text, categories jsonb, headers jsonb, etag text,
            last_modified_at timestamptz, raw jsonb, raw_source text, decode_note text, kind text, meeting_message_type text,
            search_text text, correlation_id uuid)
    ), written AS (
        INSERT INTO api.messages AS stored (
            tenant_id, provider, provider_message_id, internet_message_id, subject, sender, from_address,
            to_addresses, cc_addresses, bcc_addresses, reply_to_addresses, received_at, sent_at, body_text, body_html,
            preview, has_attachments, attachments, is_read, is_draft, importance, conversation_id, folder_id,
            categories, headers, etag, last_modified_at, raw, raw_source, decode_note, kind,
            meeting_message_type, search, correlation_id, fetched_at, content_at)
        SELECT given_tenant, given_provider, provider_message_id, internet_message_id, subject, sender, from_address,
               to_addresses, cc_addresses, bcc_addresses, reply_to_addresses, received_at, sent_at, body_text, body_html,
               preview, has_attachments, attachments, is_read, is_draft, importance, conversation_id, folder_id,
               categories, headers, etag, last_modified_at, raw, decode(raw_source, 'base64'), decode_note,
               kind, meeting_message_type, to_tsvector('simple', coalesce(search_text, '')), correlation_id, given_fetched_at,
               clock_timestamp()
          FROM incoming
        ON CONFLICT (tenant_id, provider, provider_message_id) DO UPDATE
           SET internet_message_id = excluded.internet_message_id, subject = excluded.subject, sender = excluded.sender,
               from_address = excluded.from_address, to_addresses = excluded.to_addresses,
               cc_addresses = excluded.cc_addresses, bcc_addresses = excluded.bcc_addresses,
               reply_to_addresses = excluded.reply_to_addresses, received_at = excluded.received_at,
               sent_at = excluded.sent_at, body_text = excluded.body_text, body_html = excluded.body_html,
               preview = excluded.preview, has_attachments = excluded.has_attachments,
               attachments = excluded.attachments, is_read = excluded.is_read, is_draft = excluded.is_draft,
               importance = excluded.importance, conversation_id = excluded.conversation_id,
               folder_id = excluded.folder_id, categories = excluded.categories, headers = excluded.headers,
               etag = excluded.etag, last_modified_at = excluded.last_modified_at, raw = excluded.raw,
               raw_source = excluded.raw_source, decode_note = excluded.decode_note, kind = excluded.kind,
               meeting_message_type = excluded.meeting_message_type, search = excluded.search,
               correlation_id = coalesce(excluded.correlation_id, stored.correlation_id),
               fetched_at = excluded.fetched_at, content_at = coalesce(stored.content_at, excluded.content_at),
               stored_at = CASE WHEN stored.content_at IS NULL THEN clock_timestamp() ELSE stored.stored_at END,
               updated_at = clock_timestamp(),
               deleted_at = NULL
         WHERE stored.pruned_at IS NULL AND (stored.content_at IS NULL
            OR stored.deleted_at IS NOT NULL
            OR (excluded.folder_id IS DISTINCT FROM stored.folder_id AND excluded.raw IS NOT NULL
                AND excluded.fetched_at >= stored.fetched_at)
            OR excluded.last_modified_at > stored.last_modified_at
            OR (stored.decode_note IS NOT NULL AND excluded.decode_note IS NULL AND excluded.fetched_at >= stored.fetched_at)
            OR ((excluded.last_modified_at IS NOT DISTINCT FROM stored.last_modified_at OR excluded.last_modified_at IS NULL
                 OR stored.last_modified_at IS NULL)
                AND excluded.etag IS DISTINCT FROM stored.etag AND excluded.raw IS NOT NULL
                AND excluded.fetched_at >= stored.fetched_at))
        RETURNING id, provider_message_id, (xmax = 0) AS inserted
    )
    SELECT incoming.provider_message_id,
           coalesce(written.id, present.id) AS id,
           CASE WHEN written.id IS NULL THEN 'unchanged' WHEN written.inserted THEN 'created' ELSE 'updated' END AS outcome,
           written.id IS NOT NULL AND feed.seq IS NULL AS unpublished
      FROM incoming
      LEFT JOIN written USING (provider_message_id)
      LEFT JOIN api.messages present ON present.tenant_id = given_tenant AND present.provider = given_provider
                                    AND present.provider_message_id = incoming.provider_message_id
      LEFT JOIN api.message_feed feed ON feed.message_id = present.id;
END
$$;

-- Places in the feed, in the order given; messages that have one keep it. The lock is held until the commit, so that
-- whoever comes next gets its numbers after ours can be seen: nothing slow may follow. "feed" in ASCII.
CREATE OR REPLACE FUNCTION api.publish_messages(given_ids uuid[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    added bigint;
BEGIN
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

-- Events out of the inbox, into the ledger. given_agos: how many seconds ago their messages had come (NULL: nothing was
-- fetched). Two events of one key cannot both be in the inbox; the ledger's key is the last guard all the same.
CREATE OR REPLACE FUNCTION api.finish_events(
    given_ids uuid[], given_outcomes text[], given_reasons text[], given_agos float8[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    WITH given AS (
        SELECT *
          FROM unnest(given_ids, given_outcomes, given_reasons, given_agos) AS given (id, outcome, reason, came_ago)
    ), gone AS (
        DELETE FROM api.inbox USING given WHERE inbox.id = given.id
        RETURNING inbox.*, given.outcome AS given_outcome, given.reason AS given_reason, given.came_ago
    )
    INSERT INTO api.webhook_events (id, tenant_id, provider, event_key, message_id, processed_at, correlation_id,
                                    subscription_row_id, kind, change_type, outcome, reason, attempts, replays,
                                    received_at, item, taken_at, fetched_at)
    SELECT id, tenant_id, provider, event_key, message_id, clock_timestamp(), correlation_id,
           subscription_row_id, kind, change_type, given_outcome, given_reason, attempts, replays, received_at, item,
           taken_at,
           CASE WHEN came_ago IS NOT NULL
                THEN greatest(taken_at, clock_timestamp() - make_interval(secs => came_ago)) END
      FROM gone
    ON CONFLICT (provider, event_key) DO NOTHING;
END
$$;

-- The usual end of a lease: everything stored, or finished without storing. The fence first, the feed's lock last and
-- short. given_labels: an event's outcome, NULL for what storing says of the message with its key. No row: the mailbox
-- went to another worker, and nothing was done. Whatever goes wrong undoes all of it.
CREATE OR REPLACE FUNCTION api.settle_stored(
    given_tenant uuid, given_fence bigint, given_owner text, given_provider text, given_rows jsonb,
    given_fetched_at timestamptz, given_events uuid[], given_labels text[], given_reasons text[], given_keys text[],
    given_agos float8[])
RETURNS TABLE (event_id uuid, outcome text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    stored_keys     text[];
    stored_outcomes text[];
    fresh           uuid[];
    is_lost         boolean;
    all_labels      text[];
BEGIN
    UPDATE api.mailbox_leases
       SET owner = NULL, lease_until = NULL, blocked_until = NULL, block_reason = NULL, blocked_since = NULL,
           failures = 0
     WHERE tenant_id = given_tenant AND fence = given_fence AND owner = given_owner;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT array_agg(stored.provider_message_id),
           array_agg(CASE stored.outcome WHEN 'created' THEN 'stored' ELSE stored.outcome END),
           array_agg(stored.id) FILTER (WHERE stored.unpublished), coalesce(bool_or(stored.id IS NULL), false)
      INTO stored_keys, stored_outcomes, fresh, is_lost
      FROM api.upsert_messages(given_tenant, given_provider, given_rows, given_fetched_at) stored;
    IF is_lost THEN
        RAISE unique_violation USING MESSAGE = 'another transaction stored one of these messages meanwhile';
    END IF;
    SELECT array_agg(coalesce(given.label, stored.outcome) ORDER BY given.place)
      INTO all_labels
      FROM unnest(given_labels, given_keys) WITH ORDINALITY AS given (label, key, place)
      LEFT JOIN unnest(stored_keys, stored_outcomes) AS stored (key, outcome) ON stored.key = given.key;
    PERFORM api.finish_events(given_events, all_labels, given_reasons, given_agos);
    IF fresh IS NOT NULL THEN
        PERFORM api.publish_messages(fresh);
    END IF;
    RETURN QUERY SELECT settled.id, settled.label FROM unnest(given_events, all_labels) AS settled (id, label);
END
$$;

SELECT api.record_migration(24, '0024_settle.sql', '0.1.23');
