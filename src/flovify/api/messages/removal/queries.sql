-- name: delete_messages
-- Some of the account's messages; their places in the feed go with them.
WITH batch AS (
    SELECT id FROM api.messages WHERE tenant_id = $1 LIMIT $2 FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM api.messages USING batch WHERE messages.id = batch.id RETURNING messages.content_at
)
SELECT count(*) AS rows, count(content_at) AS messages FROM gone;

-- name: delete_events
-- Some of its settled events.
WITH batch AS (
    SELECT id FROM api.webhook_events WHERE tenant_id = $1 LIMIT $2 FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM api.webhook_events USING batch WHERE webhook_events.id = batch.id RETURNING 1
)
SELECT count(*) AS rows, 0 AS messages FROM gone;

-- name: delete_attempts
DELETE FROM api.event_attempts WHERE tenant_id = $1;

-- name: delete_discarded
DELETE FROM api.discarded_dead_letters WHERE tenant_id = $1;
