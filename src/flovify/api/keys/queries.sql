-- name: message
SELECT tenant_id FROM api.messages WHERE id = $1;

-- name: event
SELECT tenant_id FROM api.inbox WHERE id = $1
UNION ALL
SELECT tenant_id FROM api.webhook_events WHERE id = $1
LIMIT 1;

-- name: subscription
SELECT tenant_id FROM api.webhook_subscriptions WHERE id = $1;
