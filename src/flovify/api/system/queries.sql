-- name: beat
INSERT INTO api.workers AS worker (name, clock_at, version, in_flight)
VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO UPDATE
   SET last_seen_at = clock_timestamp(), clock_at = excluded.clock_at, version = excluded.version,
       in_flight = excluded.in_flight
RETURNING worker.last_seen_at;

-- name: leave
DELETE FROM api.workers WHERE name = $1;

-- name: workers
-- $1 is after how many seconds of silence a worker counts as gone; one that is gone for a day is not shown.
SELECT name, started_at, last_seen_at, version, in_flight,
       last_seen_at > clock_timestamp() - make_interval(secs => $1) AS alive,
       extract(epoch FROM clock_at - last_seen_at)::float8 AS skew_seconds
  FROM api.workers
 WHERE last_seen_at > clock_timestamp() - interval '1 day'
 ORDER BY alive DESC, name;

-- name: delete_old_workers
DELETE FROM api.workers WHERE last_seen_at < clock_timestamp() - interval '1 day';

-- name: now
SELECT clock_timestamp();

-- name: schema_version
SELECT version FROM api.schema_registry WHERE service = 'api';

-- name: periodic_tasks
SELECT name, due_at, last_started_at, last_finished_at, last_error FROM api.periodic_tasks ORDER BY name;

-- name: queue
-- Dead letters and waiting events from their own indexes; what is due comes in the order of one of them. What the worker
-- has not carried into the inbox yet waits too.
WITH log AS (
    SELECT coalesce(sum(events), 0) AS events, min(received_at) AS oldest_at FROM api.intake_log
)
SELECT (SELECT count(*) FROM api.inbox WHERE state = 'waiting') + log.events AS waiting,
       (SELECT count(*) FROM api.inbox WHERE state = 'dead') AS dead,
       greatest(coalesce(extract(epoch FROM clock_timestamp() - least(
           (SELECT min(due_at) FROM api.inbox WHERE state = 'waiting'), log.oldest_at)), 0), 0)::float8 AS oldest_seconds
  FROM log;

-- name: note_check
INSERT INTO api.health_checks (name, ok, detail) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET ok = excluded.ok, detail = excluded.detail, at = clock_timestamp()
RETURNING ok, detail, at;

-- name: check
SELECT ok, detail, at FROM api.health_checks WHERE name = $1;

-- name: graph
-- What calls of Graph left behind: the last message stored or subscription granted, and the last failure that was
-- Graph's own, which says so by how it begins (see ProviderError.describe): its status, or that there was no answer.
WITH failed AS (
    (SELECT last_error AS text, last_error_at AS at FROM api.inbox
      WHERE last_error ~ $1
      ORDER BY last_error_at DESC LIMIT 1)
    UNION ALL
    (SELECT last_error, last_error_at FROM api.webhook_subscriptions
      WHERE last_error ~ $1
      ORDER BY last_error_at DESC LIMIT 1)
)
SELECT greatest(
           (SELECT processed_at FROM api.webhook_events
             WHERE outcome IN ('stored', 'updated', 'unchanged') ORDER BY processed_at DESC LIMIT 1),
           (SELECT max(coalesce(last_renewed_at, created_at)) FROM api.webhook_subscriptions
             WHERE status = 'active')) AS last_success_at,
       (SELECT text FROM failed ORDER BY at DESC LIMIT 1) AS last_error,
       (SELECT max(at) FROM failed) AS last_error_at,
       (SELECT count(*) FROM api.mailbox_leases WHERE block_reason = 'throttled') AS throttled,
       (SELECT count(*) FROM api.mailbox_leases WHERE block_reason = 'unavailable') AS away;
