-- name: enqueue
-- One group of events in one statement, and one wake-up for it. The order keeps two groups that share events from
-- locking each other out. The ledger is asked too; an event that slips past it because it is being settled at this
-- very moment is recognised when it is taken.
WITH given AS (
    SELECT *
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[],
                  $9::text[], $10::text[], $11::uuid[])
        AS given (id, tenant_id, provider, event_key, subscription_row_id, subscription_id, kind, change_type,
                  message_id, item, correlation_id)
), added AS (
    INSERT INTO api.inbox (id, tenant_id, provider, event_key, subscription_row_id, subscription_id, kind,
                           change_type, message_id, correlation_id, item)
    SELECT id, tenant_id, provider, event_key, subscription_row_id, subscription_id, kind,
           change_type, message_id, coalesce(correlation_id, id), item::jsonb
      FROM given
     WHERE NOT EXISTS (SELECT FROM api.webhook_events ledger
                        WHERE ledger.provider = given.provider AND ledger.event_key = given.event_key)
     ORDER BY event_key
    ON CONFLICT (provider, event_key) DO NOTHING
    RETURNING id
)
SELECT count(*) AS added, CASE WHEN count(*) > 0 THEN pg_notify('flovify_inbox', '') END FROM added;

-- name: take
-- $1 owner, $2 lease seconds, $3 events at most, $4 how many due events to look at, the oldest ones and, where there are
-- more than that, as many of the newest, so that fresh mail is found behind a backlog of mailboxes that cannot be taken;
-- $5 NULL or the mailbox to take, $6 NULL or the mailbox taken before: of those that can be taken it is the next one's
-- turn, in the order of their ids, so that a backlog of one never keeps another waiting for longer than a batch. After a
-- wait without success one event goes ahead alone and finds out whether the mailbox is served again.
-- Leases are looked up one by one, for the planner cannot know how many are held. Their conditions are checked again by the
-- update, under the row's lock, and those of the events by theirs: the snapshot of this statement may be older than what
-- the last holder of the mailbox has just committed.
WITH oldest AS MATERIALIZED (
    SELECT tenant_id FROM api.inbox
     WHERE state = 'waiting' AND due_at <= statement_timestamp()
     ORDER BY due_at
     LIMIT $4
), newest AS MATERIALIZED (
    SELECT tenant_id FROM api.inbox
     WHERE state = 'waiting' AND due_at <= statement_timestamp()
     ORDER BY due_at DESC
     LIMIT CASE WHEN (SELECT count(*) FROM oldest) = $4 THEN $4 ELSE 0 END
), candidate AS (
    SELECT coalesce($5::uuid, (
        SELECT due.tenant_id FROM (SELECT tenant_id FROM oldest UNION SELECT tenant_id FROM newest) due
         WHERE (SELECT lease_until > clock_timestamp() OR blocked_until > clock_timestamp()
                  FROM api.mailbox_leases busy WHERE busy.tenant_id = due.tenant_id) IS NOT TRUE
         ORDER BY coalesce(due.tenant_id <= $6::uuid, false), due.tenant_id
         LIMIT 1)) AS tenant_id
), leased AS (
    INSERT INTO api.mailbox_leases AS lease (tenant_id, owner, lease_until, fence)
    SELECT tenant_id, $1, clock_timestamp() + make_interval(secs => $2), 1 FROM candidate WHERE tenant_id IS NOT NULL
    ON CONFLICT (tenant_id) DO UPDATE
       SET owner = excluded.owner, lease_until = excluded.lease_until, fence = lease.fence + 1
     WHERE (lease.lease_until IS NULL OR lease.lease_until <= clock_timestamp())
       AND (lease.blocked_until IS NULL OR lease.blocked_until <= clock_timestamp())
    RETURNING tenant_id, fence, failures, CASE WHEN block_reason IS NOT NULL THEN blocked_since END AS blocked_since
), due AS (
    SELECT inbox.id, inbox.due_at,
           row_number() OVER arrival AS place, leased.failures > 0 AS is_probe,
           bool_or(inbox.taken_at IS NOT NULL) OVER arrival AS crash_seen
      FROM leased
     CROSS JOIN LATERAL (
        SELECT id, due_at, taken_at FROM api.inbox
         WHERE tenant_id = leased.tenant_id AND state = 'waiting' AND due_at <= statement_timestamp()
         ORDER BY due_at
         LIMIT $3) inbox
    WINDOW arrival AS (ORDER BY inbox.due_at, inbox.id ROWS UNBOUNDED PRECEDING)
), taken AS (
    UPDATE api.inbox
       SET attempts = inbox.attempts + 1, taken_at = clock_timestamp()
      FROM due
     WHERE inbox.id = due.id AND (due.place = 1 OR NOT (due.crash_seen OR due.is_probe))
       AND inbox.state = 'waiting' AND inbox.due_at <= clock_timestamp()
    RETURNING inbox.*
)
SELECT (SELECT count(*) FROM oldest) AS seen, candidate.tenant_id AS candidate, leased.tenant_id AS leased_tenant, leased.fence, leased.failures,
       leased.blocked_since,
       taken.id, taken.tenant_id, taken.provider, taken.event_key, taken.subscription_row_id, taken.subscription_id,
       taken.kind, taken.change_type, taken.message_id, taken.correlation_id, taken.received_at, taken.attempts,
       taken.last_error_kind, taken.waits,
       coalesce((SELECT true FROM api.webhook_events ledger
                  WHERE ledger.provider = taken.provider AND ledger.event_key = taken.event_key), false) AS settled
  FROM candidate
  LEFT JOIN leased ON true
  LEFT JOIN taken ON true
 ORDER BY taken.due_at, taken.id;

-- name: next_mailbox
-- The next mailbox after $1 and up to $3, by id, that has something due and can be taken; $2 mailboxes are looked at, at
-- most, one index step each. The walk ends with the first one found.
WITH RECURSIVE mailbox AS (
    (SELECT tenant_id, due_at, 1 AS step FROM api.inbox
      WHERE state = 'waiting' AND tenant_id > $1 AND tenant_id <= $3
      ORDER BY tenant_id, due_at LIMIT 1)
    UNION ALL
    SELECT following.tenant_id, following.due_at, mailbox.step + 1
      FROM mailbox
     CROSS JOIN LATERAL (
        SELECT tenant_id, due_at FROM api.inbox
         WHERE state = 'waiting' AND tenant_id > mailbox.tenant_id AND tenant_id <= $3
         ORDER BY tenant_id, due_at
         LIMIT 1) following
     WHERE mailbox.step < $2
)
SELECT mailbox.tenant_id
  FROM mailbox
 WHERE mailbox.due_at <= statement_timestamp()
   AND (SELECT lease_until > clock_timestamp() OR blocked_until > clock_timestamp()
          FROM api.mailbox_leases busy WHERE busy.tenant_id = mailbox.tenant_id) IS NOT TRUE
 LIMIT 1;

-- name: extend
-- Only while it is still ours.
UPDATE api.mailbox_leases SET lease_until = clock_timestamp() + make_interval(secs => $3)
 WHERE tenant_id = $1 AND fence = $2 AND owner = $4
RETURNING tenant_id;

-- name: release
-- The fence check. The row stays locked until the commit, so nobody takes the mailbox before our effects can be seen.
UPDATE api.mailbox_leases
   SET owner = NULL, lease_until = NULL, blocked_until = NULL, block_reason = NULL, blocked_since = NULL, failures = 0
 WHERE tenant_id = $1 AND fence = $2 AND owner = $3
RETURNING tenant_id;

-- name: block
-- Must follow `release` in the same transaction, which has set failures to 0 and forgotten since when the mailbox waits;
-- hence both are given. $5 NULL: it waits from now on.
UPDATE api.mailbox_leases
   SET blocked_until = clock_timestamp() + make_interval(secs => $2), block_reason = $3, failures = $4,
       blocked_since = coalesce($5, clock_timestamp())
 WHERE tenant_id = $1;

-- name: finish
-- $1 event ids, $2 outcomes, $3 reasons, $4 how many seconds ago their messages had come (NULL: nothing was fetched).
SELECT api.finish_events($1, $2, $3, $4);

-- name: settle_stored
SELECT event_id, outcome FROM api.settle_stored($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: retry
UPDATE api.inbox
   SET due_at = clock_timestamp() + make_interval(secs => $2), taken_at = NULL,
       attempts = CASE WHEN $5 THEN attempts ELSE greatest(attempts - 1, 0) END,
       waits = CASE WHEN $5 THEN 0 WHEN last_error_kind = $3 THEN waits + 1 ELSE 1 END,
       last_error_kind = $3, last_error = $4, last_error_at = clock_timestamp()
 WHERE id = $1;

-- name: give_back
-- due_at stays, so the mailbox keeps its place in the queue.
UPDATE api.inbox
   SET taken_at = NULL, attempts = greatest(attempts - 1, 0),
       last_error_kind = coalesce($2, last_error_kind), last_error = coalesce($3, last_error),
       last_error_at = CASE WHEN $2::text IS NULL THEN last_error_at ELSE clock_timestamp() END
 WHERE id = ANY ($1::uuid[]);

-- name: bury
UPDATE api.inbox
   SET state = 'dead', taken_at = NULL, died_at = clock_timestamp(), reason = $2,
       last_error_kind = $3, last_error = $4, last_error_at = clock_timestamp()
 WHERE id = $1;

-- name: note
-- One row a failed take. A wait that only repeats the one before is counted there: an outage of hours makes one row.
WITH given AS (
    SELECT *
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[],
                  $9::real[])
        AS given (event_id, tenant_id, stage, outcome, error_kind, error, status, request_id, wait_seconds)
), latest AS (
    SELECT DISTINCT ON (noted.event_id) noted.event_id, noted.number, noted.outcome, noted.error_kind
      FROM api.event_attempts noted
     WHERE noted.event_id = ANY ($1::uuid[])
     ORDER BY noted.event_id, noted.number DESC
), repeated AS (
    UPDATE api.event_attempts noted
       SET times = noted.times + 1, at = clock_timestamp(), error = given.error, status = given.status,
           request_id = given.request_id, wait_seconds = given.wait_seconds
      FROM given
      JOIN latest USING (event_id)
     WHERE noted.event_id = latest.event_id AND noted.number = latest.number
       AND given.outcome = 'waited' AND latest.outcome = 'waited' AND given.error_kind = latest.error_kind
    RETURNING noted.event_id
)
INSERT INTO api.event_attempts (event_id, number, tenant_id, stage, outcome, error_kind, error, status, request_id,
                                wait_seconds)
SELECT given.event_id, coalesce(latest.number, 0) + 1, given.tenant_id, given.stage, given.outcome, given.error_kind,
       given.error, given.status, given.request_id, given.wait_seconds
  FROM given
  LEFT JOIN latest USING (event_id)
 WHERE NOT EXISTS (SELECT FROM repeated WHERE repeated.event_id = given.event_id);

-- name: depth
-- Counted up to $1, however many there are. What is oldest where the mailbox is not known to wait is looked for among the
-- $3 oldest events; where all of those wait it is found by walking over the mailboxes, one index step each, $2 at most.
WITH RECURSIVE mailbox AS (
    (SELECT tenant_id, due_at, 1 AS step FROM api.inbox
      WHERE state = 'waiting'
      ORDER BY tenant_id, due_at LIMIT 1)
    UNION ALL
    SELECT following.tenant_id, following.due_at, mailbox.step + 1
      FROM mailbox
     CROSS JOIN LATERAL (
        SELECT tenant_id, due_at FROM api.inbox
         WHERE state = 'waiting' AND tenant_id > mailbox.tenant_id
         ORDER BY tenant_id, due_at
         LIMIT 1) following
     WHERE mailbox.step < $2
), oldest AS (
    SELECT (SELECT due_at FROM api.inbox WHERE state = 'waiting' ORDER BY due_at LIMIT 1) AS of_all,
           coalesce(
               (SELECT due_at
                  FROM (SELECT tenant_id, due_at FROM api.inbox WHERE state = 'waiting' ORDER BY due_at LIMIT $3) event
                 WHERE (SELECT block_reason FROM api.mailbox_leases lease WHERE lease.tenant_id = event.tenant_id) IS NULL
                 ORDER BY due_at
                 LIMIT 1),
               (SELECT min(due_at) FROM mailbox
                 WHERE (SELECT block_reason FROM api.mailbox_leases lease WHERE lease.tenant_id = mailbox.tenant_id) IS NULL)
           ) AS of_served
)
SELECT (SELECT count(*) FROM (SELECT FROM api.inbox WHERE state = 'waiting' LIMIT $1) counted) AS waiting,
       (SELECT count(*) FROM (SELECT FROM api.inbox WHERE state = 'dead' LIMIT $1) counted) AS dead,
       greatest(coalesce(extract(epoch FROM clock_timestamp() - of_all), 0), 0)::float8 AS oldest_seconds,
       greatest(coalesce(extract(epoch FROM clock_timestamp() - of_served), 0), 0)::float8 AS oldest_served_seconds
  FROM oldest;

-- name: blocked
-- A mailbox stays blocked while it is tried again: its reason goes with the success, or with the last event that waited.
SELECT lease.tenant_id, coalesce(lease.blocked_since, clock_timestamp()) AS since, lease.block_reason AS reason,
       lease.failures, queued.waiting
  FROM api.mailbox_leases lease
 CROSS JOIN LATERAL (
    SELECT count(*) AS waiting FROM api.inbox WHERE tenant_id = lease.tenant_id AND state = 'waiting') queued
 WHERE lease.block_reason IS NOT NULL AND (queued.waiting > 0 OR lease.blocked_until > clock_timestamp());

-- name: fence_out
-- Whoever works on the mailbox has lost it. The lease row comes first in every transaction that touches both: whoever
-- settles holds it and wants the inbox rows next. Where there is none one is made, so that a first take under way is
-- waited for.
INSERT INTO api.mailbox_leases AS lease (tenant_id, fence) VALUES ($1, 1)
ON CONFLICT (tenant_id) DO UPDATE
   SET fence = lease.fence + 1, owner = NULL, lease_until = NULL, blocked_until = NULL, block_reason = NULL,
       blocked_since = NULL, failures = 0;

-- name: settle_tenant
-- Must follow `fence_out`. All that waits of a removed mailbox: into the ledger as skipped.
WITH gone AS (
    DELETE FROM api.inbox WHERE tenant_id = $1 AND state = 'waiting' RETURNING *
), settled AS (
    INSERT INTO api.webhook_events (id, tenant_id, provider, event_key, message_id, processed_at, correlation_id,
                                    subscription_row_id, kind, change_type, outcome, reason, attempts, replays,
                                    received_at, item)
    SELECT id, tenant_id, provider, event_key, message_id, clock_timestamp(), correlation_id,
           subscription_row_id, kind, change_type, 'skipped', $2, attempts, replays, received_at, item
      FROM gone
    ON CONFLICT (provider, event_key) DO NOTHING
)
SELECT count(*) FROM gone;

-- name: delete_tenant
-- Must follow `fence_out`. Whatever of it is in the inbox, dead letters too.
DELETE FROM api.inbox WHERE tenant_id = $1;

-- name: unblock
-- A lease in force is left alone.
UPDATE api.mailbox_leases SET blocked_until = NULL, block_reason = NULL, blocked_since = NULL, failures = 0
 WHERE tenant_id = $1;

-- name: wake_tenant
-- Must follow `unblock`, for the order of locks. What waits of a mailbox that works again is due now. The workers are
-- told which one: the token they remember may be another person's, or without what was granted since.
WITH woken AS (
    UPDATE api.inbox SET due_at = least(due_at, clock_timestamp())
     WHERE tenant_id = $1 AND state = 'waiting' RETURNING id
)
SELECT count(*) AS woken, pg_notify('flovify_inbox', $1::uuid::text) FROM woken;
