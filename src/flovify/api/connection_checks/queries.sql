-- name: discard_old
-- Rows of checks whose process died, as old as $1 seconds; gives what they may have left at the provider.
DELETE FROM api.connection_checks
 WHERE tenant_id = $2 AND created_at < clock_timestamp() - make_interval(secs => $1)
RETURNING subscription_id;

-- name: reserve
-- One check a tenant at a time.
INSERT INTO api.connection_checks (id, tenant_id, client_state_hash)
VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: note_subscription
UPDATE api.connection_checks SET subscription_id = $2 WHERE id = $1;

-- name: is_notified
SELECT notified_at IS NOT NULL FROM api.connection_checks WHERE id = $1;

-- name: delete
DELETE FROM api.connection_checks WHERE id = $1;
