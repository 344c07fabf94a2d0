-- name: append
-- One group; $12 is how many events it holds.
WITH added AS (
    INSERT INTO api.intake_log (ids, tenant_ids, providers, event_keys, subscription_row_ids, subscription_ids, kinds,
                                change_types, message_ids, items, correlation_ids, events)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    RETURNING id
)
SELECT pg_notify('flovify_intake_log', '') FROM added;

-- name: carry
-- The oldest groups into the inbox, and out of the log with the same commit: $1 groups at most, and no further one after
-- $2 events. $3 NULL, or which groups: then those that were refused before, too. What another worker carries at this
-- moment is passed over. An event that is there already stays as it is; one that was settled is recognised when it is
-- taken. The order keeps two movers that share events from locking each other out.
WITH oldest AS (
    SELECT id, events FROM api.intake_log
     WHERE CASE WHEN $3::bigint[] IS NULL THEN refused IS NULL ELSE id = ANY ($3) END
     ORDER BY id
     LIMIT $1
       FOR UPDATE SKIP LOCKED
), chosen AS (
    SELECT id FROM (SELECT id, sum(events) OVER (ORDER BY id) - events AS before FROM oldest) counted WHERE before < $2
), gone AS (
    DELETE FROM api.intake_log log USING chosen WHERE log.id = chosen.id RETURNING log.*
), given AS (
    SELECT value.*, gone.received_at
      FROM gone
     CROSS JOIN LATERAL unnest(
        string_to_array(ids, E'\x1e')::uuid[], string_to_array(tenant_ids, E'\x1e')::uuid[],
        string_to_array(providers, E'\x1e'), string_to_array(event_keys, E'\x1e'),
        string_to_array(subscription_row_ids, E'\x1e')::uuid[], string_to_array(subscription_ids, E'\x1e', ''),
        string_to_array(kinds, E'\x1e'), string_to_array(change_types, E'\x1e', ''),
        string_to_array(message_ids, E'\x1e', ''), string_to_array(items, E'\x1e'),
        string_to_array(correlation_ids, E'\x1e')::uuid[])
        AS value (id, tenant_id, provider, event_key, subscription_row_id, subscription_id, kind, change_type, message_id,
                  item, correlation_id)
), added AS (
    INSERT INTO api.inbox (id, tenant_id, provider, event_key, subscription_row_id, subscription_id, kind, change_type,
                           message_id, correlation_id, received_at, due_at, item)
    SELECT id, tenant_id, provider, event_key, subscription_row_id, subscription_id, kind, change_type,
           message_id, correlation_id, received_at, received_at, item::jsonb
      FROM given
     ORDER BY event_key, id
    ON CONFLICT (provider, event_key) DO NOTHING
    RETURNING id
), counted AS (
    SELECT (SELECT count(*) FROM added) AS new, count(*) AS groups, coalesce(sum(events), 0) AS events,
           coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0)::float8 AS seconds
      FROM gone
)
SELECT groups, events, new, seconds, CASE WHEN new > 0 THEN pg_notify('flovify_inbox', '') END FROM counted;

-- name: add
-- Events that an engine kept, as `carry` adds them. Their time is the intake's clock: one that is ahead of ours must not
-- keep them waiting.
WITH given AS (
    SELECT value.id, tenant_id, provider, event_key, subscription_row_id, subscription_id, kind, change_type, message_id,
           item, correlation_id, least(at, clock_timestamp()) AS received_at
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[],
                  $9::text[], $10::text[], $11::uuid[], $12::timestamptz[])
        AS value (id, tenant_id, provider, event_key, subscription_row_id, subscription_id, kind, change_type, message_id,
                  item, correlation_id, at)
), added AS (
    INSERT INTO api.inbox (id, tenant_id, provider, event_key, subscription_row_id, subscription_id, kind, change_type,
                           message_id, correlation_id, received_at, due_at, item)
    SELECT id, tenant_id, provider, event_key, subscription_row_id, subscription_id, kind, change_type,
           message_id, correlation_id, received_at, received_at, item::jsonb
      FROM given
     ORDER BY event_key, id
    ON CONFLICT (provider, event_key) DO NOTHING
    RETURNING id
)
SELECT count(*) AS new, CASE WHEN count(*) > 0 THEN pg_notify('flovify_inbox', '') END FROM added;

-- name: oldest
-- Groups to be carried one by one: $1 at most; those that were refused before once a minute.
SELECT id FROM api.intake_log
 WHERE refused IS NULL OR tried_at < clock_timestamp() - interval '1 minute'
 ORDER BY id
 LIMIT $1;

-- name: lock
SELECT * FROM api.intake_log WHERE id = $1 FOR UPDATE SKIP LOCKED;

-- name: remove
DELETE FROM api.intake_log WHERE id = $1;

-- name: refuse
UPDATE api.intake_log SET refused = $2, tried_at = clock_timestamp() WHERE id = $1;

-- name: bury
-- An event that the inbox takes in no other way: a dead letter with what is ours of it.
INSERT INTO api.inbox (id, tenant_id, provider, event_key, state, subscription_row_id, kind, correlation_id,
                       received_at, died_at, reason, last_error_kind, last_error, last_error_at)
VALUES ($1, $2, $3, $4, 'dead', $5, 'unknown', $6, $7, clock_timestamp(), 'not_storable', 'not_storable', $8,
        clock_timestamp())
ON CONFLICT (provider, event_key) DO NOTHING;

-- name: depth
-- Counted over the oldest $1 groups.
SELECT coalesce(sum(events), 0) AS events,
       greatest(coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0), 0)::float8 AS oldest_seconds,
       count(*) FILTER (WHERE refused IS NOT NULL) AS refused
  FROM (SELECT events, received_at, refused FROM api.intake_log ORDER BY id LIMIT $1) counted;
