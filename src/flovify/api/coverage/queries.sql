-- name: open
-- Note that the folders of some subscriptions may have missed something. $1 rows, $2 a tenant's, NULL each for no such
-- choice (both NULL: all); $3 why; $4 since when, NULL: since the subscription was last known to work; $5 seconds until
-- the first look. A folder has one open gap: a further risk widens it, and whoever is closing it must look again.
WITH risked AS (
    SELECT DISTINCT ON (tenant_id, provider, resource)
           subscription.tenant_id, subscription.provider, subscription.resource, subscription.id,
           least(coalesce($4::timestamptz,
                          greatest(subscription.created_at, subscription.last_renewed_at, heard.received_at)),
                 clock_timestamp()) AS since
      FROM api.webhook_subscriptions subscription
      LEFT JOIN LATERAL (
            SELECT received_at FROM api.webhook_events
             WHERE subscription_row_id = subscription.id AND event_key NOT LIKE 'sync|%'
             ORDER BY id DESC LIMIT 1) heard ON true
     WHERE ($1::uuid[] IS NULL OR subscription.id = ANY ($1))
       AND ($2::uuid IS NULL OR subscription.tenant_id = $2)
     ORDER BY tenant_id, provider, resource, since
), opened AS (
    INSERT INTO api.coverage_gaps AS gap (tenant_id, provider, resource, subscription_row_id, reasons, since, until,
                                          next_try_at)
    SELECT tenant_id, provider, resource, id, ARRAY[$3::text], since, clock_timestamp(),
           clock_timestamp() + make_interval(secs => $5)
      FROM risked
     ORDER BY tenant_id, provider, resource
    ON CONFLICT (tenant_id, provider, resource) WHERE closed_at IS NULL DO UPDATE
       SET reasons = CASE WHEN $3 = ANY (gap.reasons) THEN gap.reasons ELSE gap.reasons || excluded.reasons END,
           since = least(gap.since, excluded.since), until = excluded.until, version = gap.version + 1,
           next_try_at = least(gap.next_try_at, excluded.next_try_at)
    RETURNING 1
)
SELECT count(*) AS opened, CASE WHEN count(*) > 0 THEN pg_notify('flovify_coverage', '') END FROM opened;

-- name: take
-- The gap that waits longest, for $2 seconds. A gap of a folder that nobody watches any more is not taken.
WITH candidate AS (
    SELECT gap.id
      FROM api.coverage_gaps gap
     WHERE closed_at IS NULL AND next_try_at <= clock_timestamp()
       AND (lease_until IS NULL OR lease_until <= clock_timestamp())
       AND EXISTS (SELECT FROM api.webhook_subscriptions subscription
                    WHERE subscription.tenant_id = gap.tenant_id AND subscription.provider = gap.provider
                      AND subscription.resource = gap.resource)
     ORDER BY next_try_at, id
     LIMIT 1
       FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE api.coverage_gaps gap
       SET lease_owner = $1, lease_until = clock_timestamp() + make_interval(secs => $2), fence = gap.fence + 1
      FROM candidate
     WHERE gap.id = candidate.id
    RETURNING gap.*
)
SELECT taken.id, taken.tenant_id, taken.provider, taken.resource, taken.reasons, taken.since, taken.until, taken.version,
       taken.failures, taken.fence, watched.id AS subscription_row_id, watched.subscription_id, watched.change_types, watched.subscribed_at,
       folder.cursor, coalesce(folder.in_round, false) AS in_round, folder.round_began, folder.covered_until
  FROM taken
 CROSS JOIN LATERAL (
        SELECT (array_agg(subscription.id ORDER BY subscription.created_at))[1] AS id,
               (array_agg(subscription.subscription_id ORDER BY subscription.created_at))[1] AS subscription_id,
               (SELECT array_agg(DISTINCT kind) FROM api.webhook_subscriptions one, unnest(one.change_types) kind
                 WHERE one.tenant_id = taken.tenant_id AND one.provider = taken.provider
                   AND one.resource = taken.resource) AS change_types,
               min(subscription.created_at) AS subscribed_at
          FROM api.webhook_subscriptions subscription
         WHERE subscription.tenant_id = taken.tenant_id AND subscription.provider = taken.provider
           AND subscription.resource = taken.resource) watched
  LEFT JOIN api.folder_cursors folder
    ON folder.tenant_id = taken.tenant_id AND folder.provider = taken.provider AND folder.resource = taken.resource;

-- name: hold
-- The fence check, and the lease extended to $3 seconds from now. The row stays locked until the commit.
UPDATE api.coverage_gaps
   SET lease_until = clock_timestamp() + make_interval(secs => $3), looked_at = looked_at + $4,
       recovered = recovered + $5, removals = removals + $6
 WHERE id = $1 AND fence = $2 AND closed_at IS NULL
RETURNING id;

-- name: save_cursor
-- Where the folder's change tracking goes on. $5: more pages of this round follow. A round that ends is what the folder
-- is covered by: up to when it began.
INSERT INTO api.folder_cursors AS folder (tenant_id, provider, resource, cursor, in_round, round_began, covered_until)
VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $5 THEN NULL ELSE $6::timestamptz END)
ON CONFLICT (tenant_id, provider, resource) DO UPDATE
   SET cursor = excluded.cursor, in_round = excluded.in_round,
       round_began = CASE WHEN folder.in_round THEN folder.round_began ELSE excluded.round_began END,
       covered_until = CASE WHEN excluded.in_round THEN folder.covered_until
                            WHEN folder.in_round THEN folder.round_began
                            ELSE excluded.round_began END,
       updated_at = clock_timestamp();

-- name: drop_cursor
UPDATE api.folder_cursors SET cursor = NULL, in_round = false, updated_at = clock_timestamp()
 WHERE tenant_id = $1 AND provider = $2 AND resource = $3;

-- name: now
SELECT clock_timestamp();

-- name: close
-- Only what was risked before this version was taken, and only with a round that began $4 seconds after it: what was
-- announced may be slow to show in the folder. While no subscription of the folder is active it stays open: then it is
-- what brings the folder's mail.
UPDATE api.coverage_gaps
   SET closed_at = clock_timestamp(), lease_owner = NULL, lease_until = NULL, failures = 0, last_error = NULL,
       last_error_at = NULL
 WHERE id = $1 AND fence = $2 AND version = $3 AND closed_at IS NULL AND $5::timestamptz >= until + make_interval(secs => $4)
   AND EXISTS (SELECT FROM api.webhook_subscriptions subscription
                WHERE subscription.tenant_id = coverage_gaps.tenant_id AND subscription.provider = coverage_gaps.provider
                  AND subscription.resource = coverage_gaps.resource AND subscription.status = 'active')
RETURNING since, until, recovered, looked_at, removals;

-- name: look_again
-- It could not be closed yet: what was risked last has to rest first, $3 seconds; without an active subscription the
-- folder is polled every $4 seconds.
UPDATE api.coverage_gaps gap
   SET lease_owner = NULL, lease_until = NULL, failures = 0, last_error = NULL, last_error_at = NULL,
       until = CASE WHEN pushed.yes THEN until ELSE clock_timestamp() END,
       next_try_at = CASE WHEN pushed.yes THEN greatest(until + make_interval(secs => $3), clock_timestamp())
                          ELSE clock_timestamp() + make_interval(secs => $4) END
  FROM (SELECT EXISTS (SELECT FROM api.coverage_gaps own
                         JOIN api.webhook_subscriptions subscription USING (tenant_id, provider, resource)
                        WHERE own.id = $1 AND subscription.status = 'active') AS yes) pushed
 WHERE gap.id = $1 AND gap.fence = $2 AND gap.closed_at IS NULL;

-- name: fail
UPDATE api.coverage_gaps
   SET lease_owner = NULL, lease_until = NULL, failures = failures + 1, last_error = $3,
       last_error_at = clock_timestamp(), next_try_at = clock_timestamp() + make_interval(secs => $4),
       reasons = CASE WHEN $5::text IS NULL OR $5 = ANY (reasons) THEN reasons ELSE reasons || $5 END
 WHERE id = $1 AND fence = $2 AND closed_at IS NULL;

-- name: known_states
-- What is stored of some messages, and which of them are on their way, among the dead letters, or were given up there.
SELECT given.id, message.etag, message.deleted_at IS NOT NULL AS is_deleted,
       message.content_at IS NOT NULL OR message.pruned_at IS NOT NULL AS is_stored,
       EXISTS (SELECT FROM api.inbox queued WHERE queued.tenant_id = $1 AND queued.message_id = given.id)
       OR EXISTS (SELECT FROM api.webhook_events ledger
                   WHERE ledger.message_id = given.id AND ledger.tenant_id = $1
                     AND ledger.outcome = 'discarded') AS is_on_its_way
  FROM unnest($3::text[]) AS given (id)
  LEFT JOIN api.messages message ON message.tenant_id = $1 AND message.provider = $2
                                AND message.provider_message_id = given.id;

-- name: hasten
-- A tenant can be reached again: what waits after a failure is due now.
UPDATE api.coverage_gaps SET next_try_at = clock_timestamp() WHERE tenant_id = $1 AND closed_at IS NULL;

-- name: forget_tenant
WITH gaps AS (DELETE FROM api.coverage_gaps WHERE tenant_id = $1 AND closed_at IS NULL)
DELETE FROM api.folder_cursors WHERE tenant_id = $1;

-- name: tidy
-- Open gaps and cursors of folders that nobody watches any more, and closed gaps older than $1 days.
WITH unwatched AS (
    DELETE FROM api.folder_cursors folder
     WHERE NOT EXISTS (SELECT FROM api.webhook_subscriptions subscription
                        WHERE subscription.tenant_id = folder.tenant_id AND subscription.provider = folder.provider
                          AND subscription.resource = folder.resource)
)
DELETE FROM api.coverage_gaps gap
 WHERE closed_at < clock_timestamp() - make_interval(days => $1)
    OR (closed_at IS NULL AND NOT EXISTS (
            SELECT FROM api.webhook_subscriptions subscription
             WHERE subscription.tenant_id = gap.tenant_id AND subscription.provider = gap.provider
               AND subscription.resource = gap.resource));

-- name: find_silent
-- Active subscriptions that have been quiet for longer than five times their usual interval between notifications (half
-- an hour at least, six hours at most, which is also for those whose rhythm is not known), and whose folder nobody
-- looked through meanwhile.
SELECT subscription.id
  FROM api.webhook_subscriptions subscription
  LEFT JOIN api.folder_cursors folder USING (tenant_id, provider, resource)
 CROSS JOIN LATERAL (
        SELECT max(received_at) AS last,
               CASE WHEN count(*) >= 5 THEN (max(received_at) - min(received_at)) / (count(*) - 1) END AS interval
          FROM (SELECT received_at FROM api.webhook_events
                 WHERE subscription_row_id = subscription.id AND event_key NOT LIKE 'sync|%'
                 ORDER BY id DESC LIMIT 20) recent) heard
 WHERE subscription.status = 'active'
   AND greatest(heard.last, folder.covered_until, subscription.created_at)
       < clock_timestamp() - greatest(interval '30 minutes', least(coalesce(heard.interval * 5, interval '6 hours'),
                                                                    interval '6 hours'))
   AND NOT EXISTS (SELECT FROM api.coverage_gaps gap
                    WHERE gap.tenant_id = subscription.tenant_id AND gap.provider = subscription.provider
                      AND gap.resource = subscription.resource AND gap.closed_at IS NULL)
 LIMIT $1;

-- name: list
-- The last opened first, before the gap with id $1. NULL switches a condition off.
SELECT id, tenant_id, provider, resource, subscription_row_id, reasons, since, until, opened_at, closed_at, looked_at,
       recovered, removals, next_try_at, failures, last_error, last_error_at
  FROM api.coverage_gaps
 WHERE ($1::bigint IS NULL OR id < $1)
   AND ($2::uuid IS NULL OR tenant_id = $2)
   AND ($3::boolean IS NULL OR (closed_at IS NULL) = $3)
 ORDER BY id DESC
 LIMIT $4;

-- name: count_open
-- Polling that works is no gap.
SELECT count(*) AS count, coalesce(extract(epoch FROM clock_timestamp() - min(since)), 0)::float8 AS oldest_seconds
  FROM api.coverage_gaps gap
 WHERE closed_at IS NULL
   AND (failures > 0
        OR EXISTS (SELECT FROM api.webhook_subscriptions subscription
                    WHERE subscription.tenant_id = gap.tenant_id AND subscription.provider = gap.provider
                      AND subscription.resource = gap.resource AND subscription.status <> 'polled'));

-- name: last_breath
-- The last sign of life; whoever asks at the same time waits.
SELECT at FROM api.signs_of_life WHERE name = $1 FOR UPDATE;

-- name: breathe
INSERT INTO api.signs_of_life (name, at) VALUES ($1, clock_timestamp())
ON CONFLICT (name) DO UPDATE SET at = greatest(api.signs_of_life.at, excluded.at)
RETURNING at;

-- name: hear
-- When something last came; whoever knows of a later moment wins.
INSERT INTO api.signs_of_life AS sign (name, at) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET at = excluded.at WHERE sign.at < excluded.at;
