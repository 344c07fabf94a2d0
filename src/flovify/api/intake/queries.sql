-- name: find_subscriptions
-- Subscriptions by our own ids, as far as there are any.
SELECT id, tenant_id, provider, subscription_id, client_state_hash, previous_client_state_hash, external_tenant_id
  FROM api.webhook_subscriptions
 WHERE id = ANY ($1::uuid[]);
