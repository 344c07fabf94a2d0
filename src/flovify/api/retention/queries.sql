-- name: take_events
-- The oldest settled events, with what went wrong on their way. One that a discarded dead letter may be restored to
-- stays. $1 before, $2 how many.
WITH old AS (
    SELECT id FROM api.webhook_events ledger
     WHERE processed_at < $1
       AND NOT EXISTS (SELECT FROM api.discarded_dead_letters discarded WHERE discarded.id = ledger.id)
     ORDER BY processed_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
), tries AS (
    DELETE FROM api.event_attempts tried USING old WHERE tried.event_id = old.id
), gone AS (
    DELETE FROM api.webhook_events ledger USING old WHERE ledger.id = old.id RETURNING ledger.*
)
SELECT id, processed_at AS at, row_to_json(gone)::text AS line FROM gone ORDER BY processed_at, id

-- name: old_dead_letters
SELECT id FROM api.inbox WHERE state = 'dead' AND died_at < $1 ORDER BY died_at, id LIMIT $2

-- name: take_discarded
-- Dead letters given up so long ago that they can no longer be restored.
WITH old AS (
    SELECT id FROM api.discarded_dead_letters WHERE discarded_at < $1
     ORDER BY discarded_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM api.discarded_dead_letters discarded USING old WHERE discarded.id = old.id RETURNING discarded.*
)
SELECT id, discarded_at AS at, row_to_json(gone)::text AS line FROM gone ORDER BY discarded_at, id

-- name: take_messages
-- What was stored so long ago goes, except for the ids by which it is known not to be stored again.
WITH old AS (
    SELECT * FROM api.messages WHERE content_at IS NOT NULL AND stored_at < $1
     ORDER BY stored_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
), unlisted AS (
    DELETE FROM api.message_feed feed USING old WHERE feed.message_id = old.id
), emptied AS (
    UPDATE api.messages message
       SET pruned_at = clock_timestamp(), content_at = NULL, internet_message_id = NULL, subject = NULL, sender = NULL,
           from_address = NULL, to_addresses = '[]', cc_addresses = '[]', bcc_addresses = '[]',
           reply_to_addresses = '[]', body_text = NULL, body_html = NULL, preview = NULL, attachments = '[]',
           categories = '[]', headers = '[]', raw = NULL, raw_source = NULL, search = NULL, conversation_id = NULL,
           decode_note = NULL
      FROM old WHERE message.id = old.id
)
SELECT id, stored_at AS at, (to_jsonb(old) - 'search')::text AS line FROM old ORDER BY stored_at, id

-- name: take_replays
DELETE FROM api.replays WHERE finished_at < $1
