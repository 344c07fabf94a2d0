-- name: list
SELECT id, kind, tenant_id, since, actor, undo FROM api.sandbox_breakages ORDER BY since, id;

-- name: get
SELECT id, kind, tenant_id, since, actor, undo FROM api.sandbox_breakages WHERE id = $1;

-- name: find
SELECT id, kind, tenant_id, since, actor, undo
  FROM api.sandbox_breakages
 WHERE kind = $1 AND tenant_id IS NOT DISTINCT FROM $2;

-- name: add
INSERT INTO api.sandbox_breakages (id, kind, tenant_id, actor, undo)
VALUES ($1, $2, $3, $4, $5)
RETURNING id, kind, tenant_id, since, actor, undo;

-- name: change
UPDATE api.sandbox_breakages SET undo = $2 WHERE id = $1;

-- name: delete
DELETE FROM api.sandbox_breakages WHERE id = $1;

-- name: let_expire
-- What the row would say when the subscription's time had come: over, and to be looked after at the next round but one.
UPDATE api.webhook_subscriptions
   SET expires_at = clock_timestamp(), next_renewal_at = clock_timestamp() + interval '5 minutes',
       updated_at = clock_timestamp()
 WHERE id = $1;
