-- name: list
-- In the order of making, each with the last lifecycle notification that was settled. NULL switches a condition off.
SELECT subscription.id, subscription.tenant_id, subscription.provider, subscription.subscription_id,
       subscription.resource, subscription.change_types, subscription.status, subscription.expires_at,
       subscription.created_at, subscription.last_renewed_at, subscription.next_renewal_at, subscription.renewals,
       subscription.renewal_failures, subscription.validation_ms, subscription.lost_at, subscription.notification_url,
       subscription.last_error, subscription.last_error_at, subscription.proven_at, subscription.proven_by,
       lifecycle.received_at AS lifecycle_at, lifecycle.change_type AS lifecycle_kind,
       lifecycle.outcome AS lifecycle_outcome
  FROM api.webhook_subscriptions subscription
  LEFT JOIN LATERAL (
        SELECT received_at, change_type, outcome
          FROM api.webhook_events
         WHERE subscription_row_id = subscription.id AND kind = 'lifecycle'
         ORDER BY id DESC
         LIMIT 1) lifecycle ON true
 WHERE ($1::uuid IS NULL OR subscription.tenant_id = $1) AND ($2::uuid IS NULL OR subscription.id = $2)
 ORDER BY subscription.created_at, subscription.id;

-- name: last_notifications
-- When each of the given subscriptions last announced something, settled or not.
SELECT wanted.id,
       greatest(
           (SELECT received_at FROM api.webhook_events ledger
             WHERE ledger.subscription_row_id = wanted.id AND ledger.event_key NOT LIKE 'sync|%'
             ORDER BY ledger.id DESC LIMIT 1),
           (SELECT max(received_at) FROM api.inbox
             WHERE inbox.tenant_id = wanted.tenant_id AND inbox.state = 'waiting'
               AND inbox.subscription_row_id = wanted.id AND inbox.event_key NOT LIKE 'sync|%')) AS at
  FROM unnest($1::uuid[], $2::uuid[]) AS wanted (id, tenant_id);
