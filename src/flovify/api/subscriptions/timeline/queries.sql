-- name: repeat
-- The last thing that happened happened again: count it, and move it to now. Every answer of Microsoft's has a request
-- id of its own; the last one is kept.
UPDATE api.subscription_events SET attempts = attempts + 1, at = clock_timestamp(), detail = $4
 WHERE id = (SELECT id FROM api.subscription_events WHERE subscription_row_id = $1 ORDER BY id DESC LIMIT 1)
   AND kind = $2 AND outcome = $3
   AND regexp_replace(detail, ' \(request-id [^)]*\)$', '') = regexp_replace($4, ' \(request-id [^)]*\)$', '')
RETURNING id;

-- name: add
INSERT INTO api.subscription_events (subscription_row_id, tenant_id, kind, outcome, detail) VALUES ($1, $2, $3, $4, $5);

-- name: list
-- What we did, and what Microsoft announced about the subscription, which stands in the ledger. The last first.
(SELECT at, kind, outcome, detail, attempts
   FROM api.subscription_events
  WHERE subscription_row_id = $1
  ORDER BY id DESC
  LIMIT $2)
UNION ALL
(SELECT received_at, change_type, outcome, coalesce(reason, ''), greatest(attempts, 1)
   FROM api.webhook_events
  WHERE subscription_row_id = $1 AND kind = 'lifecycle' AND change_type = ANY ($3::text[])
  ORDER BY id DESC
  LIMIT $2)
ORDER BY 1 DESC
LIMIT $2;

-- name: delete_old
DELETE FROM api.subscription_events WHERE at < now() - make_interval(days => $1);
