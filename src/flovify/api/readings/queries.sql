-- name: blocked
-- As `blocked` of the queue says it, without counting the events.
SELECT count(*)
  FROM api.mailbox_leases lease
 WHERE lease.block_reason IS NOT NULL
   AND (lease.blocked_until > clock_timestamp()
        OR EXISTS (SELECT FROM api.inbox WHERE tenant_id = lease.tenant_id AND state = 'waiting'));

-- name: subscriptions
SELECT status, count(*) AS count, count(*) FILTER (WHERE renewal_failures > 0) AS failing,
       extract(epoch FROM min(expires_at) - clock_timestamp())::float8 AS soonest_seconds
  FROM api.webhook_subscriptions
 GROUP BY status;

-- name: silence
-- No row without an active subscription.
SELECT extract(epoch FROM clock_timestamp() - greatest(
           (SELECT at FROM api.signs_of_life WHERE name = 'notification'), active.since))::float8
  FROM (SELECT min(created_at) AS since FROM api.webhook_subscriptions WHERE status = 'active') active
 WHERE active.since IS NOT NULL;

-- name: workers
SELECT count(*) FROM api.workers WHERE last_seen_at > clock_timestamp() - make_interval(secs => $1);
