-- name: list
-- The last received first. NULL switches a condition off.
SELECT id, tenant_id, provider, subscription_row_id, kind, change_type, message_id, correlation_id, received_at, died_at,
       reason, attempts, replays, last_error_kind, last_error, last_error_at, item
  FROM api.inbox
 WHERE state = 'dead' AND ($1::uuid IS NULL OR tenant_id = $1) AND ($2::uuid IS NULL OR id < $2)
 ORDER BY id DESC
 LIMIT $3;

-- name: get
SELECT id, tenant_id, provider, subscription_row_id, kind, change_type, message_id, correlation_id, received_at, died_at,
       reason, attempts, replays, last_error_kind, last_error, last_error_at, item
  FROM api.inbox
 WHERE id = $1 AND state = 'dead';

-- name: replay
-- Back into the queue with all its attempts. However many ask at once, one update finds the row dead.
WITH replayed AS (
    UPDATE api.inbox
       SET state = 'waiting', attempts = 0, replays = replays + 1, taken_at = NULL, died_at = NULL, reason = NULL,
           due_at = clock_timestamp()
     WHERE id = $1 AND state = 'dead'
    RETURNING id, state, replays
)
SELECT id, state, NULL::text AS outcome, replays, pg_notify('flovify_inbox', '') FROM replayed;

-- name: find_replayed
-- An event that is no dead letter any more, because it was replayed.
SELECT id, state, NULL::text AS outcome, replays FROM api.inbox WHERE id = $1 AND replays > 0
UNION ALL
SELECT id, 'settled', outcome, replays FROM api.webhook_events WHERE id = $1 AND replays > 0
LIMIT 1;
