-- name: settled
-- Events that stored a message, by the bucket they were settled in: $1 the beginnings of the buckets, $2 the end of the
-- last one. Read from idx_webhook_events_figures alone. Delays are from the notification's arrival.
SELECT width_bucket(processed_at, $1::timestamptz[]) AS bucket, count(*) AS stored,
       percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY processed_at - received_at) AS delays
  FROM api.webhook_events
 WHERE processed_at >= ($1::timestamptz[])[1] AND processed_at < $2 AND outcome = 'stored'
 GROUP BY 1;

-- name: unsettled
-- What is tried again, by when it was received, and what died, by when it did.
SELECT width_bucket(CASE state WHEN 'dead' THEN died_at ELSE received_at END, $1::timestamptz[]) AS bucket,
       count(*) FILTER (WHERE state = 'waiting') AS retrying,
       count(*) FILTER (WHERE state = 'dead') AS dead
  FROM api.inbox
 WHERE CASE state WHEN 'dead' THEN died_at ELSE received_at END >= ($1::timestamptz[])[1]
   AND CASE state WHEN 'dead' THEN died_at ELSE received_at END < $2
   AND (state = 'dead' OR last_error_at IS NOT NULL)
 GROUP BY 1;

-- name: delay_of_day
-- The 95th percentile from notification to stored message, of the day before $1; NULL when nothing was stored.
SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY processed_at - received_at)
  FROM api.webhook_events
 WHERE processed_at > $1::timestamptz - interval '1 day' AND processed_at <= $1 AND outcome = 'stored';

-- name: hours
-- Messages stored in each of the 24 hours before $1, the oldest hour 0.
SELECT 23 - floor(extract(epoch FROM $1 - stored_at) / 3600)::int AS hour, count(*) AS count
  FROM api.messages
 WHERE content_at IS NOT NULL AND stored_at > $1::timestamptz - interval '1 day' AND stored_at <= $1
 GROUP BY 1;

-- name: dead_by_cause
SELECT coalesce(reason, 'unknown') AS reason, count(*) AS count, min(died_at) AS first_at,
       count(*) FILTER (WHERE died_at > $1::timestamptz - interval '1 hour') AS last_hour
  FROM api.inbox
 WHERE state = 'dead'
 GROUP BY 1
 ORDER BY 2 DESC, 1;

-- name: subscriptions
SELECT count(*) FILTER (WHERE status = 'active' AND expires_at > $1) AS active,
       min(expires_at) FILTER (WHERE status = 'active' AND expires_at > $1) AS next_expiry
  FROM api.webhook_subscriptions;

-- name: steps
-- What somebody who tries Flovify out has done already.
SELECT EXISTS (SELECT FROM api.messages WHERE content_at IS NOT NULL) AS message,
       EXISTS (SELECT FROM api.audit_log WHERE action = 'message.body_opened') AS opened,
       EXISTS (SELECT FROM api.audit_log WHERE action = ANY ($1::text[])) AS broken,
       EXISTS (SELECT FROM api.replays WHERE NOT dry_run)
           OR EXISTS (SELECT FROM api.webhook_events WHERE replays > 0) AS replayed;
