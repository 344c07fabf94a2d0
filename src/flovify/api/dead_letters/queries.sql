-- name: list
-- The last received first, before the one with id $5. NULL switches a condition off; $4 is an id of some sort, or with
-- the wildcards in $6 part of the last error.
SELECT id, tenant_id, provider, subscription_row_id, kind, change_type, message_id, correlation_id, received_at, died_at,
       reason, attempts, replays, last_error_kind, last_error, last_error_at, item
  FROM api.inbox
 WHERE state = 'dead'
   AND ($1::uuid IS NULL OR tenant_id = $1)
   AND ($2::text IS NULL OR reason = $2)
   AND ($3::timestamptz IS NULL OR died_at >= $3)
   AND ($4::text IS NULL OR $4 IN (id::text, correlation_id::text, message_id) OR last_error ILIKE $6)
   AND ($5::uuid IS NULL OR id < $5)
 ORDER BY id DESC
 LIMIT $7;

-- name: get
SELECT id, tenant_id, provider, subscription_row_id, kind, change_type, message_id, correlation_id, received_at, died_at,
       reason, attempts, replays, last_error_kind, last_error, last_error_at, item
  FROM api.inbox
 WHERE id = $1 AND state = 'dead';

-- name: groups
-- By cause, the largest first.
SELECT reason, count(*) AS count, count(DISTINCT tenant_id) AS accounts, min(died_at) AS first_at,
       max(died_at) AS last_at
  FROM api.inbox
 WHERE state = 'dead'
 GROUP BY reason
 ORDER BY count(*) DESC, reason;

-- name: replay
-- Back into the queue with all its attempts. However many ask at once, one update finds the row dead.
WITH replayed AS (
    UPDATE api.inbox
       SET state = 'waiting', attempts = 0, waits = 0, replays = replays + 1, taken_at = NULL, died_at = NULL,
           reason = NULL, due_at = clock_timestamp()
     WHERE id = $1 AND state = 'dead'
    RETURNING id, tenant_id, state, replays
), noted AS (
    INSERT INTO api.event_attempts (event_id, number, tenant_id, stage, outcome)
    SELECT id, coalesce((SELECT max(number) FROM api.event_attempts WHERE event_id = id), 0) + 1, tenant_id,
           'replay', 'replayed'
      FROM replayed
)
SELECT id, state, NULL::text AS outcome, replays, pg_notify('flovify_inbox', '') FROM replayed;

-- name: find_replayed
-- An event that is no dead letter any more, because it was replayed.
SELECT id, state, NULL::text AS outcome, replays FROM api.inbox WHERE id = $1 AND replays > 0
UNION ALL
SELECT id, 'settled', outcome, replays FROM api.webhook_events WHERE id = $1 AND replays > 0
LIMIT 1;

-- name: discard
-- Out of the inbox, into the ledger: a redelivery of the event is known from now on. What the ledger does not hold is
-- kept beside it. $1 ids, $2 reason, $3 account, $4 died since, each NULL for any; $5 who, $6 why.
WITH gone AS (
    DELETE FROM api.inbox
     WHERE state = 'dead'
       AND ($1::uuid[] IS NULL OR id = ANY ($1))
       AND ($2::text IS NULL OR reason = $2)
       AND ($3::uuid IS NULL OR tenant_id = $3)
       AND ($4::timestamptz IS NULL OR died_at >= $4)
    RETURNING *
), settled AS (
    INSERT INTO api.webhook_events (id, tenant_id, provider, event_key, message_id, processed_at, correlation_id,
                                    subscription_row_id, kind, change_type, outcome, reason, attempts, replays,
                                    received_at, item)
    SELECT id, tenant_id, provider, event_key, message_id, clock_timestamp(), correlation_id,
           subscription_row_id, kind, change_type, 'discarded', reason, attempts, replays, received_at, item
      FROM gone
    ON CONFLICT (provider, event_key) DO NOTHING
), kept AS (
    INSERT INTO api.discarded_dead_letters (id, tenant_id, subscription_row_id, subscription_id, died_at, reason,
                                            last_error_kind, last_error, last_error_at, discarded_by, discard_reason)
    SELECT id, tenant_id, subscription_row_id, subscription_id, died_at, reason, last_error_kind, last_error,
           last_error_at, $5, $6
      FROM gone
    ON CONFLICT (id) DO NOTHING
)
SELECT count(*) FROM gone;

-- name: restore
-- Dead letters again, as they were.
WITH kept AS (
    DELETE FROM api.discarded_dead_letters WHERE id = ANY ($1::uuid[]) RETURNING *
), settled AS (
    DELETE FROM api.webhook_events ledger USING kept
     WHERE ledger.id = kept.id AND ledger.outcome = 'discarded'
    RETURNING ledger.*
), restored AS (
    INSERT INTO api.inbox (id, tenant_id, provider, event_key, state, subscription_row_id, subscription_id, kind,
                           change_type, message_id, correlation_id, received_at, due_at, attempts, replays,
                           last_error_kind, last_error, last_error_at, reason, died_at, item)
    SELECT settled.id, settled.tenant_id, settled.provider, settled.event_key, 'dead', kept.subscription_row_id,
           kept.subscription_id, settled.kind, settled.change_type, settled.message_id, settled.correlation_id,
           settled.received_at, kept.died_at, settled.attempts, settled.replays, kept.last_error_kind,
           kept.last_error, kept.last_error_at, kept.reason, kept.died_at, settled.item
      FROM settled JOIN kept USING (id)
    ON CONFLICT (provider, event_key) DO NOTHING
    RETURNING id
)
SELECT count(*) FROM restored;

-- name: list_discarded
-- The last discarded first, before the one with id $1.
SELECT kept.id, kept.tenant_id, ledger.kind, ledger.change_type, ledger.message_id, ledger.correlation_id,
       ledger.received_at, kept.died_at, kept.reason, kept.last_error, kept.discarded_at, kept.discarded_by,
       kept.discard_reason
  FROM api.discarded_dead_letters kept
  JOIN api.webhook_events ledger ON ledger.id = kept.id
 WHERE $1::uuid IS NULL
    OR (kept.discarded_at, kept.id) < (SELECT discarded_at, id FROM api.discarded_dead_letters WHERE id = $1)
 ORDER BY kept.discarded_at DESC, kept.id DESC
 LIMIT $2;
