-- name: list
-- The last received first, before the event with id $1: ids are version 7 and order by arrival. Each half comes from
-- its own index and brings at most one page. $8 is a kind; $9 NULL or the ids of the events that are looked for, which
-- then are few; $10 a reason; $11 whether those that wait for more than a day are wanted, or the others.
SELECT *
  FROM (
    (SELECT id, tenant_id, provider, state, kind, change_type, message_id, correlation_id, subscription_row_id,
            received_at, CASE state WHEN 'waiting' THEN due_at END AS due_at, NULL::timestamptz AS processed_at,
            NULL::text AS outcome, reason, attempts, replays, last_error_kind, last_error, waits,
            state = 'waiting' AND last_error_kind IS NOT NULL
            AND received_at < clock_timestamp() - interval '1 day' AS stuck
       FROM api.inbox
      WHERE ($1::uuid IS NULL OR id < $1)
        AND ($2::uuid IS NULL OR tenant_id = $2)
        AND ($3::text IS NULL OR state = $3)
        AND $4::text IS NULL
        AND ($5::timestamptz IS NULL OR received_at >= $5)
        AND ($6::timestamptz IS NULL OR received_at < $6)
        AND ($8::text IS NULL OR kind = $8)
        AND ($9::uuid[] IS NULL OR id = ANY ($9))
        AND ($10::text IS NULL OR reason = $10)
        AND ($11::boolean IS NULL OR $11 = (state = 'waiting' AND last_error_kind IS NOT NULL
                                            AND received_at < clock_timestamp() - interval '1 day'))
      ORDER BY id DESC
      LIMIT $7)
    UNION ALL
    (SELECT id, tenant_id, provider, 'settled', kind, change_type, message_id, correlation_id, subscription_row_id,
            received_at, NULL, processed_at, outcome, reason, attempts, replays, NULL, NULL, 0, false
       FROM api.webhook_events
      WHERE ($1::uuid IS NULL OR id < $1)
        AND ($2::uuid IS NULL OR tenant_id = $2)
        AND ($3::text IS NULL OR $3 = 'settled')
        AND ($4::text IS NULL OR outcome = $4)
        AND ($5::timestamptz IS NULL OR received_at >= $5)
        AND ($6::timestamptz IS NULL OR received_at < $6)
        AND ($8::text IS NULL OR kind = $8)
        AND ($9::uuid[] IS NULL OR id = ANY ($9))
        AND ($10::text IS NULL OR reason = $10)
        AND $11::boolean IS NOT TRUE
      ORDER BY id DESC
      LIMIT $7)
  ) event
 ORDER BY id DESC
 LIMIT $7;

-- name: find_by_id
-- $1 is an event, the correlation of some, or a stored message. Events are made within moments of the request that they
-- correlate with, so that their ids lie between $3 and $4 (NULL where that cannot be said) and need no index of their own.
SELECT $1::uuid AS id
UNION
SELECT id FROM api.inbox WHERE id BETWEEN $3::uuid AND $4::uuid AND correlation_id = $1
UNION
SELECT id FROM api.webhook_events WHERE id BETWEEN $3::uuid AND $4::uuid AND correlation_id = $1
UNION
SELECT event.id
  FROM api.messages message
  JOIN api.webhook_events event ON event.message_id = message.provider_message_id AND event.tenant_id = message.tenant_id
 WHERE message.id = $1
UNION
SELECT correlation_id FROM api.messages WHERE id = $1 AND correlation_id IS NOT NULL
LIMIT $2;

-- name: find_by_text
-- $1 is a message's id at the provider, or a request id in what went wrong ($2, a pattern of LIKE). The inbox is small;
-- the ledger has an index by message, and keeps no failures.
SELECT id FROM api.inbox WHERE message_id = $1 OR last_error ILIKE $2
UNION
SELECT id FROM api.webhook_events WHERE message_id = $1
LIMIT $3;

-- name: get
SELECT id, tenant_id, provider, state, kind, change_type, message_id, correlation_id, subscription_row_id, received_at,
       CASE state WHEN 'waiting' THEN due_at END AS due_at, NULL::timestamptz AS processed_at, NULL::text AS outcome,
       reason, attempts, replays, last_error_kind, last_error, waits,
       state = 'waiting' AND last_error_kind IS NOT NULL AND received_at < clock_timestamp() - interval '1 day' AS stuck,
       item, NULL::uuid AS stored_id
  FROM api.inbox
 WHERE id = $1
UNION ALL
SELECT event.id, event.tenant_id, event.provider, 'settled', event.kind, change_type, message_id, event.correlation_id,
       subscription_row_id, event.received_at, NULL, processed_at, outcome, reason, attempts, replays, NULL, NULL, 0,
       false, item,
       message.id
  FROM api.webhook_events event
  LEFT JOIN api.messages message
         ON message.tenant_id = event.tenant_id AND message.provider = event.provider
        AND message.provider_message_id = event.message_id
 WHERE event.id = $1
 LIMIT 1;
