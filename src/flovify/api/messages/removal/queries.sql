-- name: order
-- Ordered again while it is open, it is the same order, for what was stored meanwhile too; so it is counted anew.
INSERT INTO api.removal_orders AS open (tenant_id, label, ordered_by) VALUES ($1, $2, $3)
ON CONFLICT (tenant_id) WHERE finished_at IS NULL DO UPDATE
   SET through = excluded.through, total = NULL, label = coalesce(nullif(excluded.label, ''), open.label)
RETURNING *

-- name: list
-- The open ones and those of the last day, the newest first.
SELECT * FROM api.removal_orders
 WHERE finished_at IS NULL OR finished_at > clock_timestamp() - interval '1 day'
 ORDER BY ordered_at DESC, id

-- name: open
SELECT id FROM api.removal_orders WHERE finished_at IS NULL ORDER BY ordered_at, id

-- name: lock
SELECT * FROM api.removal_orders WHERE id = $1 AND finished_at IS NULL FOR UPDATE

-- name: count_total
UPDATE api.removal_orders
   SET total = deleted + (SELECT count(*) FROM api.messages
                           WHERE tenant_id = $2 AND content_at IS NOT NULL AND stored_at <= $3)
 WHERE id = $1

-- name: delete_messages
-- Some of the account's messages; their places in the feed go with them. What somebody holds at this moment is waited
-- for: none may be left when the order is finished.
WITH batch AS (
    SELECT id FROM api.messages WHERE tenant_id = $1 AND stored_at <= $2 LIMIT $3 FOR UPDATE
), gone AS (
    DELETE FROM api.messages USING batch WHERE messages.id = batch.id RETURNING messages.content_at
)
SELECT count(*) AS rows, count(content_at) AS messages FROM gone

-- name: delete_events
-- Some of its settled events.
WITH batch AS (
    SELECT id FROM api.webhook_events WHERE tenant_id = $1 AND processed_at <= $2 LIMIT $3 FOR UPDATE
), gone AS (
    DELETE FROM api.webhook_events USING batch WHERE webhook_events.id = batch.id RETURNING 1
)
SELECT count(*) AS rows, 0 AS messages FROM gone

-- name: delete_attempts
WITH batch AS (
    SELECT event_id, number FROM api.event_attempts WHERE tenant_id = $1 AND at <= $2 LIMIT $3 FOR UPDATE
), gone AS (
    DELETE FROM api.event_attempts tried USING batch
     WHERE tried.event_id = batch.event_id AND tried.number = batch.number RETURNING 1
)
SELECT count(*) AS rows, 0 AS messages FROM gone

-- name: delete_discarded
WITH batch AS (
    SELECT id FROM api.discarded_dead_letters WHERE tenant_id = $1 AND discarded_at <= $2 LIMIT $3 FOR UPDATE
), gone AS (
    DELETE FROM api.discarded_dead_letters USING batch WHERE discarded_dead_letters.id = batch.id RETURNING 1
)
SELECT count(*) AS rows, 0 AS messages FROM gone

-- name: progress
UPDATE api.removal_orders SET deleted = deleted + $2, last_error = NULL WHERE id = $1

-- name: finish
-- Messages whose time was over meanwhile were emptied by somebody else, so less may have been deleted than was counted.
UPDATE api.removal_orders SET finished_at = clock_timestamp(), total = deleted, last_error = NULL WHERE id = $1

-- name: fail
UPDATE api.removal_orders SET last_error = $2 WHERE id = $1 AND finished_at IS NULL

-- name: delete_old
DELETE FROM api.removal_orders WHERE finished_at < clock_timestamp() - interval '30 days'
