-- name: preview_causes
-- The chosen by cause. $1 ids, $2 reason, $3 account, $4 died since, each NULL for any.
SELECT reason, count(*) AS count, min(received_at) AS oldest_at
  FROM api.inbox
 WHERE state = 'dead'
   AND ($1::uuid[] IS NULL OR id = ANY ($1))
   AND ($2::text IS NULL OR reason = $2)
   AND ($3::uuid IS NULL OR tenant_id = $3)
   AND ($4::timestamptz IS NULL OR died_at >= $4)
 GROUP BY reason
 ORDER BY count(*) DESC, reason;

-- name: preview_accounts
-- The chosen by account.
SELECT tenant_id, count(*) AS count
  FROM api.inbox
 WHERE state = 'dead'
   AND ($1::uuid[] IS NULL OR id = ANY ($1))
   AND ($2::text IS NULL OR reason = $2)
   AND ($3::uuid IS NULL OR tenant_id = $3)
   AND ($4::timestamptz IS NULL OR died_at >= $4)
 GROUP BY tenant_id
 ORDER BY count(*) DESC, tenant_id;

-- name: waiting_mailboxes
-- Of these accounts, those that cannot be worked for now, and why.
SELECT tenant_id, block_reason
  FROM api.mailbox_leases
 WHERE tenant_id = ANY ($1::uuid[]) AND blocked_until > clock_timestamp() AND block_reason = ANY ($2::text[]);

-- name: insert
-- No row comes back when the key is taken.
INSERT INTO api.replays (key, state, dry_run, filter, per_second, started_by, finished_at)
VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $3 THEN clock_timestamp() END)
ON CONFLICT (key) DO NOTHING
RETURNING id;

-- name: add_items
-- The chosen, in state $6, or `skipped` where their account is one of $7. Counts them into the replay.
WITH chosen AS (
    SELECT id, tenant_id, reason, replays, tenant_id = ANY ($7::uuid[]) AS blocked
      FROM api.inbox
     WHERE state = 'dead'
       AND ($2::uuid[] IS NULL OR id = ANY ($2))
       AND ($3::text IS NULL OR reason = $3)
       AND ($4::uuid IS NULL OR tenant_id = $4)
       AND ($5::timestamptz IS NULL OR died_at >= $5)
), added AS (
    INSERT INTO api.replay_items (replay_id, event_id, tenant_id, state, reason, outcome, replays)
    SELECT $1, id, tenant_id, CASE WHEN blocked THEN 'skipped' ELSE $6 END, coalesce(reason, ''),
           CASE WHEN blocked THEN 'account_blocked' END, replays
      FROM chosen
    RETURNING state
)
UPDATE api.replays
   SET total = (SELECT count(*) FROM added), skipped = (SELECT count(*) FROM added WHERE state = 'skipped')
 WHERE id = $1;

-- name: get
SELECT id, key, state, dry_run, filter, per_second, total, done, failed_again, skipped, waiting, started_by, started_at,
       finished_at
  FROM api.replays WHERE id = $1;

-- name: get_by_key
SELECT id, key, state, dry_run, filter, per_second, total, done, failed_again, skipped, waiting, started_by, started_at,
       finished_at
  FROM api.replays WHERE key = $1;

-- name: list
-- The last started first, before the one with id $1.
SELECT id, key, state, dry_run, filter, per_second, total, done, failed_again, skipped, waiting, started_by, started_at,
       finished_at
  FROM api.replays
 WHERE $1::uuid IS NULL OR (started_at, id) < (SELECT started_at, id FROM api.replays WHERE id = $1)
 ORDER BY started_at DESC, id DESC
 LIMIT $2;

-- name: items
-- In the order of arrival: event ids are version 7.
SELECT event_id, tenant_id, state, reason, outcome, changed_at
  FROM api.replay_items
 WHERE replay_id = $1 AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR event_id > $3)
 ORDER BY event_id
 LIMIT $4;

-- name: steer
-- Into another state, from one of these. No row comes back when it is in none of them.
UPDATE api.replays
   SET state = $2, updated_at = clock_timestamp(), next_step_at = clock_timestamp()
 WHERE id = $1 AND state = ANY ($3::text[])
RETURNING id;

-- name: skip_pending
-- Nothing more of it goes back; what was not put back stays a dead letter.
WITH left_out AS (
    UPDATE api.replay_items SET state = 'skipped', outcome = 'cancelled', changed_at = clock_timestamp()
     WHERE replay_id = $1 AND state = 'pending'
    RETURNING event_id
)
UPDATE api.replays SET skipped = skipped + (SELECT count(*) FROM left_out) WHERE id = $1;

-- name: next_due
-- The replay whose next step is due, locked: another worker takes another one, or none.
SELECT id, state, per_second FROM api.replays
 WHERE finished_at IS NULL AND next_step_at <= clock_timestamp()
 ORDER BY next_step_at
 LIMIT 1
   FOR UPDATE SKIP LOCKED;

-- name: put_back
-- The next $2 pending ones go back into the queue, with all their attempts. One that is no dead letter any more was
-- replayed or discarded by somebody else.
WITH chosen AS (
    SELECT event_id FROM api.replay_items
     WHERE replay_id = $1 AND state = 'pending'
     ORDER BY event_id
     LIMIT $2
), back AS (
    UPDATE api.inbox
       SET state = 'waiting', attempts = 0, waits = 0, replays = inbox.replays + 1, taken_at = NULL, died_at = NULL,
           reason = NULL, due_at = clock_timestamp()
      FROM chosen
     WHERE inbox.id = chosen.event_id AND inbox.state = 'dead'
    RETURNING inbox.id, inbox.tenant_id, inbox.replays
), noted AS (
    INSERT INTO api.event_attempts (event_id, number, tenant_id, stage, outcome)
    SELECT id, coalesce((SELECT max(number) FROM api.event_attempts WHERE event_id = id), 0) + 1, tenant_id,
           'replay', 'replayed'
      FROM back
), changed AS (
    UPDATE api.replay_items item
       SET state = CASE WHEN back.id IS NULL THEN 'skipped' ELSE 'waiting' END,
           outcome = CASE WHEN back.id IS NULL THEN 'not_dead_any_more' END,
           replays = coalesce(back.replays, item.replays), changed_at = clock_timestamp()
      FROM chosen LEFT JOIN back ON back.id = chosen.event_id
     WHERE item.replay_id = $1 AND item.event_id = chosen.event_id
    RETURNING item.state
)
SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) FILTER (WHERE state = 'skipped') AS skipped,
       CASE WHEN count(*) FILTER (WHERE state = 'waiting') > 0 THEN pg_notify('flovify_inbox', '') END
  FROM changed;

-- name: look
-- What became of those that were put back: settled in the ledger, dead again, or gone with their account. A dead letter
-- with a lower count of replays than the item's was not yet seen dead since.
WITH ended AS (
    SELECT item.event_id,
           CASE WHEN ledger.id IS NOT NULL THEN CASE ledger.outcome WHEN 'discarded' THEN 'skipped' ELSE 'done' END
                WHEN queued.id IS NULL THEN 'skipped'
                ELSE 'failed_again' END AS state,
           CASE WHEN ledger.id IS NOT NULL THEN ledger.outcome
                WHEN queued.id IS NULL THEN 'deleted'
                ELSE queued.reason END AS outcome
      FROM api.replay_items item
      LEFT JOIN api.inbox queued ON queued.id = item.event_id
      LEFT JOIN api.webhook_events ledger ON ledger.id = item.event_id
     WHERE item.replay_id = $1 AND item.state = 'waiting'
       AND (queued.id IS NULL OR queued.state = 'dead')
), changed AS (
    UPDATE api.replay_items item
       SET state = ended.state, outcome = ended.outcome, changed_at = clock_timestamp()
      FROM ended
     WHERE item.replay_id = $1 AND item.event_id = ended.event_id
    RETURNING item.state
)
SELECT count(*) FILTER (WHERE state = 'done') AS done,
       count(*) FILTER (WHERE state = 'failed_again') AS failed_again,
       count(*) FILTER (WHERE state = 'skipped') AS skipped
  FROM changed;

-- name: count_step
-- Note what a step did, and when the next one is due: in a second. With nothing open the replay has ended; one that was
-- cancelled stays so.
UPDATE api.replays
   SET done = done + $2, failed_again = failed_again + $3, skipped = skipped + $4, waiting = waiting + $5,
       updated_at = clock_timestamp(), next_step_at = clock_timestamp() + interval '1 second'
 WHERE id = $1;

-- name: finish_if_over
UPDATE api.replays
   SET finished_at = clock_timestamp(), updated_at = clock_timestamp(),
       state = CASE state WHEN 'cancelled' THEN state ELSE 'finished' END
 WHERE id = $1
   AND NOT EXISTS (SELECT FROM api.replay_items WHERE replay_id = $1 AND state IN ('pending', 'waiting'))
RETURNING id;
