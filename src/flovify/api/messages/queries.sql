-- name: upsert_messages
-- One statement for a whole batch. $3 is a JSON array with one object a message, no id twice.
-- A fetched state replaces the stored one only if the provider says it is newer (or equally old but other, and fetched
-- later), or if what is stored is a tombstone, deleted, in another folder or could not be decoded. What the provider
-- hands out is not deleted, whatever was heard of before. One whose time was over stays empty.
-- Rows that were not changed come back with their id, so the caller learns where every message is.
WITH incoming AS (
    SELECT *
      FROM jsonb_to_recordset($3::jsonb) AS item (
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
    SELECT $1, $2, provider_message_id, internet_message_id, subject, sender, from_address,
           to_addresses, cc_addresses, bcc_addresses, reply_to_addresses, received_at, sent_at, body_text, body_html,
           preview, has_attachments, attachments, is_read, is_draft, importance, conversation_id, folder_id,
           categories, headers, etag, last_modified_at, raw, decode(raw_source, 'base64'), decode_note,
           kind, meeting_message_type, to_tsvector('simple', coalesce(search_text, '')), correlation_id, $4,
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
  LEFT JOIN api.messages present ON present.tenant_id = $1 AND present.provider = $2
                                AND present.provider_message_id = incoming.provider_message_id
  LEFT JOIN api.message_feed feed ON feed.message_id = present.id;

-- name: find_ids
-- The rows of some of a tenant's messages; for those another transaction stored while ours was at it.
SELECT provider_message_id, id FROM api.messages
 WHERE tenant_id = $1 AND provider = $2 AND provider_message_id = ANY ($3::text[]);

-- name: mark_deleted
-- Note that messages are gone at the provider. One never seen gets a tombstone: a row without content and outside the
-- feed. The first deletion counts.
INSERT INTO api.messages AS stored (tenant_id, provider, provider_message_id, deleted_at)
SELECT $1, $2, provider_message_id, $4 FROM unnest($3::text[]) AS given (provider_message_id)
ON CONFLICT (tenant_id, provider, provider_message_id) DO UPDATE
   SET deleted_at = excluded.deleted_at, updated_at = clock_timestamp()
 WHERE stored.deleted_at IS NULL
RETURNING id;

-- name: find_deleted
SELECT provider_message_id FROM api.messages
 WHERE tenant_id = $1 AND provider = $2 AND provider_message_id = ANY ($3::text[]) AND deleted_at IS NOT NULL;

-- name: lock_feed
-- Held until the commit: whoever comes next gets its numbers after ours can be seen. "feed" in ASCII.
SELECT pg_advisory_xact_lock(x'66656564'::bigint);

-- name: publish
-- Give stored messages their places in the order of storing; those that have one keep it.
INSERT INTO api.message_feed (message_id, tenant_id)
SELECT message.id, message.tenant_id
  FROM unnest($1::uuid[]) WITH ORDINALITY AS given (id, place)
  JOIN api.messages message USING (id)
 ORDER BY given.place
ON CONFLICT (message_id) DO NOTHING;

-- name: list_feed
-- Messages after a place in the feed, in the order of storing. NULL switches a condition off.
SELECT feed.seq, message.*
  FROM api.message_feed feed
  JOIN api.messages message ON message.id = feed.message_id
 WHERE feed.seq > $1
   AND ($2::uuid IS NULL OR feed.tenant_id = $2)
   AND ($3::text IS NULL OR message.search @@ websearch_to_tsquery('simple', $3))
   AND ($4::text IS NULL OR message.folder_id = $4)
   AND ($5::boolean IS NULL OR message.is_read IS DISTINCT FROM $5)
   AND ($6::timestamptz IS NULL OR message.received_at >= $6)
   AND ($7::text IS NULL OR message.kind = $7)
 ORDER BY feed.seq
 LIMIT $8;

-- name: list_feed_newest
-- The same, the last stored first, before a place in the feed.
SELECT feed.seq, message.*
  FROM api.message_feed feed
  JOIN api.messages message ON message.id = feed.message_id
 WHERE feed.seq < $1
   AND ($2::uuid IS NULL OR feed.tenant_id = $2)
   AND ($3::text IS NULL OR message.search @@ websearch_to_tsquery('simple', $3))
   AND ($4::text IS NULL OR message.folder_id = $4)
   AND ($5::boolean IS NULL OR message.is_read IS DISTINCT FROM $5)
   AND ($6::timestamptz IS NULL OR message.received_at >= $6)
   AND ($7::text IS NULL OR message.kind = $7)
 ORDER BY feed.seq DESC
 LIMIT $8;

-- name: get_message
-- One message with content; a tombstone is not found. $2 NULL: of any tenant.
SELECT message.* FROM api.messages message
 WHERE message.id = $1 AND ($2::uuid IS NULL OR message.tenant_id = $2) AND message.content_at IS NOT NULL;

-- name: count_messages
-- How many messages with content a tenant has.
SELECT count(*) FROM api.messages WHERE tenant_id = $1 AND content_at IS NOT NULL;
