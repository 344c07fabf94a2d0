-- name: message
-- A message by our id, with what its own row says of its way.
SELECT id, tenant_id, provider, provider_message_id, received_at, fetched_at, stored_at, deleted_at
  FROM api.messages WHERE id = $1 AND content_at IS NOT NULL;

-- name: message_of_event
-- The message that an event is about, by the provider's id.
SELECT id, tenant_id, provider, provider_message_id, received_at, fetched_at, stored_at, deleted_at
  FROM api.messages
 WHERE tenant_id = $1 AND provider = $2 AND provider_message_id = $3 AND content_at IS NOT NULL;

-- name: event
-- An event wherever it is.
SELECT id, tenant_id, provider, event_key, message_id, correlation_id, kind, change_type, state, received_at, due_at,
       taken_at, NULL::timestamptz AS fetched_at, NULL::timestamptz AS processed_at, NULL::text AS outcome, reason,
       attempts, waits, last_error_kind, replays, died_at, item ->> 'source' AS source
  FROM api.inbox WHERE id = $1
UNION ALL
SELECT id, tenant_id, provider, event_key, message_id, correlation_id, kind, change_type, 'settled', received_at, NULL,
       taken_at, fetched_at, processed_at, outcome, reason, attempts, 0, NULL, replays, NULL, item ->> 'source'
  FROM api.webhook_events WHERE id = $1
LIMIT 1;

-- name: events_of_message
-- The events of a message, the first received first.
(SELECT id, change_type, received_at, NULL::text AS outcome
   FROM api.inbox WHERE tenant_id = $1 AND provider = $2 AND message_id = $3)
UNION ALL
(SELECT id, change_type, received_at, outcome
   FROM api.webhook_events WHERE tenant_id = $1 AND provider = $2 AND message_id = $3)
ORDER BY received_at, id
LIMIT $4;

-- name: attempts
SELECT number, at, stage, outcome, error_kind, error, status, request_id, wait_seconds, times
  FROM api.event_attempts WHERE event_id = $1 ORDER BY number LIMIT $2;

-- name: mailbox
-- Whether the mailbox waits, and since it can be said, for what.
SELECT CASE WHEN blocked_until > clock_timestamp() THEN blocked_until END AS blocked_until, block_reason
  FROM api.mailbox_leases WHERE tenant_id = $1;
