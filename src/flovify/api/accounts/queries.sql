-- name: figures
-- What the tables say of each of the accounts $1; $2 is the present moment. Messages and notifications are looked up in
-- their indexes account by account, so the cost follows the accounts asked for and the day's messages.
WITH wanted AS (
    SELECT unnest($1::uuid[]) AS tenant_id
), subscribed AS (
    SELECT tenant_id, count(*) AS subscriptions,
           count(*) FILTER (WHERE status = 'active' AND expires_at > $2) AS active,
           count(*) FILTER (WHERE status = 'active' AND expires_at <= $2) AS expired,
           count(*) FILTER (WHERE status = 'polled') AS polled,
           count(*) FILTER (WHERE renewal_failures > 0 OR status = 'failed') AS failing,
           (array_agg(last_error ORDER BY last_error_at DESC)
                FILTER (WHERE renewal_failures > 0 OR status = 'failed'))[1] AS subscription_error,
           min(expires_at) FILTER (WHERE status = 'active') AS next_expiry,
           max(coalesce(last_renewed_at, created_at)) AS last_renewed_at
      FROM api.webhook_subscriptions
     WHERE tenant_id = ANY ($1)
     GROUP BY tenant_id
), queued AS (
    SELECT tenant_id,
           count(*) FILTER (WHERE state = 'waiting') AS waiting,
           count(*) FILTER (WHERE state = 'waiting' AND last_error_at IS NOT NULL) AS retrying,
           count(*) FILTER (WHERE state = 'dead') AS dead_letters,
           count(*) FILTER (WHERE state = 'dead' AND died_at > $2 - interval '1 day') AS dead_recent,
           max(died_at) AS last_died_at,
           max(received_at) FILTER (WHERE event_key NOT LIKE 'sync|%') AS last_received_at,
           (array_agg(last_error ORDER BY last_error_at DESC) FILTER (WHERE last_error_at IS NOT NULL))[1] AS last_error
      FROM api.inbox
     WHERE tenant_id = ANY ($1)
     GROUP BY tenant_id
), stored AS (
    SELECT tenant_id, array_agg(hour) AS hours, array_agg(count) AS counts
      FROM (SELECT wanted.tenant_id, 23 - floor(extract(epoch FROM $2 - message.stored_at) / 3600)::int AS hour,
                   count(*) AS count
              FROM wanted
             CROSS JOIN LATERAL (
                SELECT stored_at FROM api.messages
                 WHERE tenant_id = wanted.tenant_id AND content_at IS NOT NULL
                   AND stored_at > $2 - interval '24 hours' AND stored_at <= $2) message
             GROUP BY 1, 2) hourly
     GROUP BY tenant_id
)
SELECT wanted.tenant_id, subscriptions, active, polled, expired, failing, subscription_error, next_expiry, last_renewed_at,
       (SELECT gap.last_error FROM api.coverage_gaps gap
         WHERE gap.tenant_id = wanted.tenant_id AND gap.closed_at IS NULL AND gap.failures >= 3
         ORDER BY gap.last_error_at DESC LIMIT 1) AS gap_error,
       waiting, retrying, dead_letters, dead_recent, last_died_at, last_error,
       CASE WHEN lease.blocked_until > clock_timestamp() THEN lease.blocked_until END AS blocked_until,
       lease.block_reason, lease.failures, hours, counts,
       (SELECT stored_at FROM api.messages
         WHERE tenant_id = wanted.tenant_id AND content_at IS NOT NULL
         ORDER BY stored_at DESC LIMIT 1) AS last_message_at,
       greatest(queued.last_received_at,
                (SELECT received_at FROM api.webhook_events
                  WHERE tenant_id = wanted.tenant_id AND event_key NOT LIKE 'sync|%'
                  ORDER BY id DESC LIMIT 1)) AS last_notification_at,
       (SELECT max(missed.received_at)
          FROM api.webhook_subscriptions subscription
         CROSS JOIN LATERAL (
            SELECT received_at FROM api.webhook_events
             WHERE subscription_row_id = subscription.id AND kind = 'lifecycle' AND change_type = 'missed'
             ORDER BY id DESC LIMIT 1) missed
         WHERE subscription.tenant_id = wanted.tenant_id) AS missed_at
  FROM wanted
  LEFT JOIN subscribed USING (tenant_id)
  LEFT JOIN queued USING (tenant_id)
  LEFT JOIN stored USING (tenant_id)
  LEFT JOIN api.mailbox_leases lease USING (tenant_id);

-- name: last_messages
SELECT id, subject, received_at
  FROM api.messages
 WHERE tenant_id = $1 AND content_at IS NOT NULL AND deleted_at IS NULL
 ORDER BY stored_at DESC
 LIMIT 5;
