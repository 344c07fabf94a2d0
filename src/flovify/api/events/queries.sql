-- name: list
-- The last received first, before the event with id $1: ids are version 7 and order by arrival. Each half comes from
-- its own index and brings at most one page.
SELECT *
  FROM (
    (SELECT id, tenant_id, provider, state, kind, change_type, message_id, correlation_id, subscription_row_id,
            received_at, CASE state WHEN 'waiting' THEN due_at END AS due_at, NULL::timestamptz AS processed_at,
            NULL::text AS outcome, reason, attempts, replays, last_error_kind, last_error
       FROM api.inbox
      WHERE ($1::uuid IS NULL OR id < $1)
        AND ($2::uuid IS NULL OR tenant_id = $2)
        AND ($3::text IS NULL OR state = $3)
        AND $4::text IS NULL
        AND ($5::timestamptz IS NULL OR received_at >= $5)
        AND ($6::timestamptz IS NULL OR received_at < $6)
      ORDER BY id DESC
      LIMIT $7)
    UNION ALL
    (SELECT id, tenant_id, provider, 'settled', kind, change_type, message_id, correlation_id, subscription_row_id,
            received_at, NULL, processed_at, outcome, reason, attempts, replays, NULL, NULL
       FROM api.webhook_events
      WHERE ($1::uuid IS NULL OR id < $1)
        AND ($2::uuid IS NULL OR tenant_id = $2)
        AND ($3::text IS NULL OR $3 = 'settled')
        AND ($4::text IS NULL OR outcome = $4)
        AND ($5::timestamptz IS NULL OR received_at >= $5)
        AND ($6::timestamptz IS NULL OR received_at < $6)
      ORDER BY id DESC
      LIMIT $7)
  ) event
 ORDER BY id DESC
 LIMIT $7;
