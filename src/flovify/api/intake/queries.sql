-- name: find_subscriptions
-- Subscriptions by our own ids, as far as there are any, and those of connection checks under way.
SELECT id, tenant_id, provider, subscription_id, client_state_hash, previous_client_state_hash, external_tenant_id,
       false AS is_check, client_state_key_id, previous_client_state_key_id,
       status IN ('creating', 'active') AND expires_at > clock_timestamp() AS delivers
  FROM api.webhook_subscriptions
 WHERE id = ANY ($1::uuid[])
UNION ALL
SELECT id, tenant_id, '', NULL, client_state_hash, NULL, '', true, NULL, NULL, false
  FROM api.connection_checks
 WHERE id = ANY ($1::uuid[]);

-- name: list_subscriptions
SELECT id, tenant_id, provider, subscription_id, client_state_hash, previous_client_state_hash, external_tenant_id,
       false AS is_check, client_state_key_id, previous_client_state_key_id,
       status IN ('creating', 'active') AND expires_at > clock_timestamp() AS delivers
  FROM api.webhook_subscriptions
 ORDER BY id LIMIT $1;

-- name: waiting_bytes
SELECT pg_relation_size('api.inbox') + pg_total_relation_size('api.intake_log');

-- name: waiting_up_to
-- Counted no further than asked for.
SELECT (SELECT count(*) FROM (SELECT FROM api.inbox WHERE state = 'waiting' LIMIT $1) AS waiting)
     + (SELECT coalesce(sum(events), 0) FROM (SELECT events FROM api.intake_log LIMIT $1) AS log);

-- name: note_checks
-- The first notification of a connection check; whoever waits for it is told.
WITH noted AS (
    UPDATE api.connection_checks SET notified_at = clock_timestamp()
     WHERE id = ANY ($1::uuid[]) AND notified_at IS NULL
    RETURNING id
)
SELECT pg_notify('flovify_connection_checks', id::text) FROM noted;
